"""Chunked uploads over HTTP, in the protocol of the older service."""

from __future__ import annotations

import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.chunk_requests import CHUNKS, INIT, begin, complete, send, send_all
from tests.fixtures.memory_services import MemoryServices


async def test_the_life_of_a_file_as_the_older_service_had_it(api: ApiClient, services: MemoryServices) -> None:
    begun = await api.post("/upload/init", json=INIT)
    assert begun.json() == {
        "status": "success",
        "message": "Upload session initialized.",
        "data": {"upload_session_id": "id-1"},
    }
    sent = await send(api, "id-1", 0, CHUNKS[0])
    assert (sent.status_code, sent.json()) == (200, {"status": "success", "message": "Chunk uploaded successfully."})
    await send_all(api, "id-1")
    done = await complete(api, "id-1")
    url = "https://storage.example/media/ada/id-1/audio.mp3"
    expected = {
        "status": "success",
        "message": "File upload completed and main service notified.",
        "data": {"file_path_on_upload_service": url},
    }
    assert (done.status_code, done.json()) == (200, expected)
    assert (await complete(api, "id-1")).json() == expected
    assert services.media.data == {"ada/id-1/audio.mp3": b"".join(CHUNKS)}
    assert (await api.get("/upload/files")).json() == {"status": "success", "files": [url], "next_cursor": None}
    gone = await api.request("DELETE", "/upload/file", json={"upload_session_id": "id-1"})
    assert (gone.status_code, gone.json()) == (200, {"status": "success", "message": "File deleted."})
    assert (await api.get("/upload/files")).json()["files"] == []
    account = await services.existing_account()
    assert (account.stored, account.reserved, account.today.uploaded, account.today.upload_count) == (0, 0, 207, 1)


async def test_the_main_service_is_told(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    await complete(api, upload_id)
    (ready,) = [message for message in services.events.published if message.type == "video.ready"]
    assert (ready.data["main_service_file_id"], ready.data["content_type"], ready.data["size"]) == (123, "audio/mpeg", 207)


async def test_a_session_id_may_be_written_as_a_uuid(api: ApiClient, services: MemoryServices) -> None:
    services.new_id = lambda: "9b2f8c6e4d5a4c0f8f1e2d3c4b5a6978"  # type: ignore[method-assign]
    assert await begin(api) == "9b2f8c6e4d5a4c0f8f1e2d3c4b5a6978"
    dashed = "9b2f8c6e-4d5a-4c0f-8F1E-2d3c4b5a6978"
    assert (await send(api, dashed, 0, b"x")).status_code == 200
    assert (await complete(api, dashed, total_chunks=1)).status_code == 200


@pytest.mark.parametrize(("begun", "completed"), [(123, "123"), ("123", 123), ("a file of ours", "a file of ours")])
async def test_the_other_service_s_id_is_compared_as_text(api: ApiClient, begun: object, completed: object) -> None:
    upload_id = await begin(api, main_service_file_id=begun)
    await send_all(api, upload_id)
    assert (await complete(api, upload_id, main_service_file_id=completed)).status_code == 200


async def test_a_name_is_there_once(api: ApiClient) -> None:
    upload_id = await begin(api)
    problem_of(await api.post("/upload/init", json=INIT), 409, "name_taken")
    await send_all(api, upload_id)
    await complete(api, upload_id)
    problem_of(await api.post("/upload/init", json=INIT), 409, "name_taken")


async def test_a_repeated_beginning_is_the_same_upload(api: ApiClient) -> None:
    key = {"Idempotency-Key": "one"}
    first = (await api.post("/upload/init", json=INIT, headers=key)).json()
    assert (await api.post("/upload/init", json=INIT, headers=key)).json() == first
    other = await api.post("/upload/init", json=INIT | {"main_service_file_id": 124}, headers=key)
    problem_of(other, 409, "idempotency_mismatch")


async def test_signed_urls(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    chunks = [{"index": 0, "size": 100}, {"index": 7, "size": 5, "crc32c": "yZRlqg=="}]
    answer = await api.post("/upload/chunk-urls", json={"upload_session_id": upload_id, "chunks": chunks})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["reserved_until"] == "2026-11-03T13:00:00.123Z"
    plain, pinned = data["chunks"]
    assert plain["url"].startswith(f"https://storage.example/media/__parts__/ada/{upload_id}/00000?")
    assert {**plain, "url": ""} == {
        "index": 0,
        "method": "PUT",
        "url": "",
        "headers": {
            "Content-Type": "application/octet-stream",
            "x-goog-if-generation-match": "0",
            "x-goog-content-length-range": "100,100",
        },
        "expires_at": "2026-11-03T12:05:00.123Z",
    }
    assert pinned["headers"]["x-goog-hash"] == "crc32c=yZRlqg=="
    assert [wanted.method for wanted in services.signer.signed] == ["PUT", "PUT"]
    assert (await services.existing_account()).reserved == 105


async def test_an_upload_shows_its_chunks(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send(api, upload_id, 4, b"x" * 30)
    await api.post("/upload/chunk-urls", json={"upload_session_id": upload_id, "chunks": [{"index": 0, "size": 100}]})
    shown = (await api.get(f"/v1/uploads/{upload_id}")).json()
    assert (shown["state"], shown["size"], shown["received_bytes"]) == ("open", 130, 30)
    assert shown["parts"] == {"size": None, "count": None, "received": [4]}
    (listed,) = (await api.get("/v1/uploads")).json()["items"]
    assert listed["parts"] == {"size": None, "count": None, "received": None}


async def test_a_settled_upload_tells_its_size(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    await complete(api, upload_id)
    shown = (await api.get(f"/v1/uploads/{upload_id}")).json()
    assert (shown["state"], shown["size"], shown["received_bytes"], shown["parts"]) == ("ready", 207, 207, None)
    await api.request("DELETE", "/upload/file", json={"upload_session_id": upload_id})
    shown = (await api.get(f"/v1/uploads/{upload_id}")).json()
    assert (shown["state"], shown["size"], shown["video_id"]) == ("ready", 207, None)
    problem_of(await complete(api, upload_id), 409, "upload_finished")


async def test_deleting_an_open_upload_cancels_it(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    for _ in range(2):
        gone = await api.request("DELETE", "/upload/file", json={"upload_session_id": upload_id})
        assert (gone.status_code, gone.json()) == (200, {"status": "success", "message": "Upload cancelled."})
    assert services.media.objects == {}
    assert (await services.existing_account()).reserved == 0
    problem_of(await send(api, upload_id, 0, CHUNKS[0]), 409, "upload_finished")
    problem_of(await complete(api, upload_id), 409, "upload_finished")


async def test_deleting_never_meets_a_later_file_of_the_same_name(api: ApiClient) -> None:
    first = await begin(api)
    await send_all(api, first)
    await complete(api, first)
    await api.request("DELETE", "/upload/file", json={"upload_session_id": first})
    second = await begin(api)
    await send_all(api, second)
    await complete(api, second)
    again = await api.request("DELETE", "/upload/file", json={"upload_session_id": first})
    assert again.json() == {"status": "success", "message": "File deleted."}
    assert [url.split("/")[-2] for url in (await api.get("/upload/files")).json()["files"]] == [second]


async def test_files_in_pages(api: ApiClient, services: MemoryServices) -> None:
    for name in ("a.mp4", "ü b?.mp4", "c.mp4"):
        await services.add_video(name, 10)
        services.clock.advance(seconds=1)
    everything = (await api.get("/upload/files")).json()["files"]
    assert [url.rsplit("/", 1)[1] for url in everything] == ["c.mp4", "%C3%BC%20b%3F.mp4", "a.mp4"]
    first = (await api.get("/upload/files", params={"limit": 2})).json()
    rest = (await api.get("/upload/files", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert (first["files"] + rest["files"], rest["next_cursor"]) == (everything, None)
    problem_of(await api.get("/upload/files", params={"limit": 0}), 400, "invalid_request")
    problem_of(await api.get("/upload/files", params={"cursor": "x"}), 400, "invalid_request")
