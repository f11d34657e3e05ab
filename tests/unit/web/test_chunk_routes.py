"""Chunked uploads over HTTP, in the words of seed 002, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import POLICY, MemoryServices

INIT = {"main_service_file_id": 123, "original_file_name": "audio.mp3"}
CHUNKS = [b"a" * 100, b"b" * 100, b"c" * 7]


async def begin(api: ApiClient, **more: object) -> str:
    answer = await api.post("/upload/init", json=INIT | more)
    assert answer.status_code == 200, answer.text
    upload_id: str = answer.json()["data"]["upload_session_id"]
    return upload_id


async def send(api: ApiClient, upload_id: str, index: object, data: bytes) -> httpx.Response:
    fields = {"upload_session_id": upload_id, "chunk_index": str(index)}
    return await api.post("/upload/chunk", data=fields, files={"chunk": ("blob", data)})


async def send_all(api: ApiClient, upload_id: str) -> None:
    for index in (2, 0, 1):
        assert (await send(api, upload_id, index, CHUNKS[index])).status_code == 200


async def complete(api: ApiClient, upload_id: str, **more: object) -> httpx.Response:
    body = {"upload_session_id": upload_id, "total_chunks": 3, "main_service_file_id": 123}
    return await api.post("/upload/complete", json=body | more)


async def test_the_life_of_a_file_as_the_seed_writes_it(api: ApiClient, services: MemoryServices) -> None:
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


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"original_file_name": None}, "original_file_name"),
        ({"original_file_name": "a/b.mp3"}, "original_file_name"),
        ({"original_file_name": "n" * 1016 + ".mp3"}, "filename"),  # fits alone, not with the ids before it
        ({"main_service_file_id": None}, "main_service_file_id"),
        ({"main_service_file_id": True}, "main_service_file_id"),
        ({"main_service_file_id": 1.5}, "main_service_file_id"),
        ({"main_service_file_id": -1}, "main_service_file_id"),
        ({"main_service_file_id": ""}, "main_service_file_id"),
        ({"main_service_file_id": " a"}, "main_service_file_id"),
        ({"main_service_file_id": "a\nb"}, "main_service_file_id"),
        ({"main_service_file_id": "x" * 129}, "main_service_file_id"),
        ({"main_service_file_id": [1]}, "main_service_file_id"),
        ({"title": 7}, "title"),
    ],
)
async def test_impossible_beginnings(api: ApiClient, services: MemoryServices, change: dict[str, Any], field: str) -> None:
    body = problem_of(await api.post("/upload/init", json=INIT | change), 400, "invalid_request")
    assert body["field"] == field
    assert await services.account() is None


async def test_what_is_neither_sound_nor_video(api: ApiClient) -> None:
    problem_of(await api.post("/upload/init", json=INIT | {"original_file_name": "notes.txt"}), 415, "unsupported_type")


async def test_roles(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    services.policy = replace(POLICY, upload_roles=frozenset({"admin"}))
    problem_of(await api.post("/upload/init", json=INIT | {"original_file_name": "b.mp3"}), 403, "forbidden")
    problem_of(await send(api, upload_id, 0, b"x"), 403, "forbidden")
    urls = {"upload_session_id": upload_id, "chunks": [{"index": 0, "size": 1}]}
    problem_of(await api.post("/upload/chunk-urls", json=urls), 403, "forbidden")


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


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"upload_session_id": "SESSION"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "-1"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "10000"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "1.0"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "१"}, "chunk_index"),
        ({"chunk_index": "0"}, "upload_session_id"),
        ({"upload_session_id": "", "chunk_index": "0"}, "upload_session_id"),
    ],
)
async def test_impossible_chunks(api: ApiClient, services: MemoryServices, fields: dict[str, str], field: str) -> None:
    upload_id = await begin(api)
    sent = {name: value.replace("SESSION", upload_id) for name, value in fields.items()}
    answer = await api.post("/upload/chunk", data=sent, files={"chunk": ("blob", b"x")})
    assert problem_of(answer, 400, "invalid_request")["field"] == field
    assert services.media.objects == {}


async def test_chunks_that_are_no_files(api: ApiClient) -> None:
    upload_id = await begin(api)
    fields = {"upload_session_id": upload_id, "chunk_index": "0"}
    for files in ({"chunk": ("blob", b"")}, {"chunk": (None, "text")}, {"other": ("blob", b"x")}):
        answer = await api.post("/upload/chunk", data=fields, files=files)
        assert problem_of(answer, 400, "invalid_request")["field"] == "chunk"
    problem_of(await api.post("/upload/chunk", json=fields), 400, "invalid_request")
    too_large = problem_of(await send(api, upload_id, 0, b"x" * (POLICY.form_upload_max_bytes + 1)), 413, "too_large")
    assert too_large["limit"] == POLICY.form_upload_max_bytes
    assert "chunk-urls" in too_large["detail"]


@pytest.mark.parametrize("foreign", ["nobody-s", "no id at all!", "9b2f8c6e-4d5a-4c0f-8f1e-2d3c4b5a6978"])
async def test_unknown_sessions(api: ApiClient, foreign: str) -> None:
    problem_of(await send(api, foreign, 0, b"x"), 404, "upload_not_found")
    problem_of(await complete(api, foreign), 404, "upload_not_found")
    urls = {"upload_session_id": foreign, "chunks": [{"index": 0, "size": 1}]}
    problem_of(await api.post("/upload/chunk-urls", json=urls), 404, "upload_not_found")
    problem_of(await api.request("DELETE", "/upload/file", json={"upload_session_id": foreign}), 404, "upload_not_found")


async def test_other_people_s_sessions_do_not_exist(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    async with ApiClient(services, "bob") as bob:
        problem_of(await send(bob, upload_id, 0, CHUNKS[0]), 404, "upload_not_found")
        problem_of(await complete(bob, upload_id), 404, "upload_not_found")
        problem_of(await bob.request("DELETE", "/upload/file", json={"upload_session_id": upload_id}), 404, "upload_not_found")
        assert (await bob.get("/upload/files")).json()["files"] == []
    assert (await complete(api, upload_id)).status_code == 200


async def test_a_session_for_one_stream_takes_no_chunks(api: ApiClient) -> None:
    granted = (await api.post("/upload", json={"filename": "a.mp4", "size": 5, "content_type": "video/mp4"})).json()
    answer = await send(api, granted["upload_id"], 0, b"x")
    assert problem_of(answer, 400, "invalid_request")["field"] == "upload_session_id"
    problem_of(await complete(api, granted["upload_id"]), 400, "invalid_request")


async def test_a_chunked_session_cannot_be_resumed(api: ApiClient) -> None:
    upload_id = await begin(api)
    assert "/upload/chunk" in problem_of(await api.post(f"/uploads/{upload_id}/resume"), 409, "upload_is_chunked")["detail"]


async def test_what_is_missing_is_named(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send(api, upload_id, 1, CHUNKS[1])
    body = problem_of(await complete(api, upload_id), 409, "chunks_missing")
    assert body["missing"] == [0, 2]
    many = problem_of(await complete(api, upload_id, total_chunks=10000), 409, "chunks_missing")
    assert len(many["missing"]) == 100
    assert "9999 of 10000" in many["detail"]


async def test_what_is_left_over_is_named(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    assert problem_of(await complete(api, upload_id, total_chunks=2), 409, "chunks_left_over")["left_over"] == [2]
    assert (await complete(api, upload_id)).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total_chunks": None}, "total_chunks"),
        ({"total_chunks": 0}, "total_chunks"),
        ({"total_chunks": 10001}, "total_chunks"),
        ({"total_chunks": True}, "total_chunks"),
        ({"total_chunks": "many"}, "total_chunks"),
        ({"main_service_file_id": 124}, "main_service_file_id"),
        ({"main_service_file_id": None}, "main_service_file_id"),
        ({"upload_session_id": 7}, "upload_session_id"),
        ({"crc32c": "wrong"}, "crc32c"),
    ],
)
async def test_impossible_completions(api: ApiClient, change: dict[str, object], field: str) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    assert problem_of(await complete(api, upload_id, **change), 400, "invalid_request")["field"] == field
    assert (await complete(api, upload_id)).status_code == 200


async def test_another_id_is_refused_after_completion_too(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    await complete(api, upload_id)
    answer = await complete(api, upload_id, main_service_file_id=124)
    assert problem_of(answer, 400, "invalid_request")["field"] == "main_service_file_id"


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
        "expires_at": "2026-11-03T12:15:00.123Z",
    }
    assert pinned["headers"]["x-goog-hash"] == "crc32c=yZRlqg=="
    assert [wanted.method for wanted in services.signer.signed] == ["PUT", "PUT"]
    assert (await services.existing_account()).reserved == 105


@pytest.mark.parametrize(
    ("chunks", "field"),
    [
        (None, "chunks"),
        ([], "chunks"),
        ([7], "chunks"),
        ([{"index": n, "size": 1} for n in range(101)], "chunks"),
        ([{"index": 0, "size": 1}, {"index": 0, "size": 1}], "chunks"),
        ([{"size": 1}], "index"),
        ([{"index": 10000, "size": 1}], "index"),
        ([{"index": 0, "size": 0}], "size"),
        ([{"index": 0, "size": 1, "crc32c": "x"}], "crc32c"),
        ([{"index": 0, "size": 1, "md5": "x"}], "md5"),
    ],
)
async def test_impossible_lists_of_chunks(api: ApiClient, chunks: object, field: str) -> None:
    upload_id = await begin(api)
    answer = await api.post("/upload/chunk-urls", json={"upload_session_id": upload_id, "chunks": chunks})
    assert problem_of(answer, 400, "invalid_request")["field"] == field


async def test_an_upload_shows_its_chunks(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send(api, upload_id, 4, b"x" * 30)
    await api.post("/upload/chunk-urls", json={"upload_session_id": upload_id, "chunks": [{"index": 0, "size": 100}]})
    shown = (await api.get(f"/uploads/{upload_id}")).json()
    assert (shown["state"], shown["size"], shown["received_bytes"]) == ("open", 130, 30)
    assert shown["chunks"] == {"main_service_file_id": 123, "total": None, "received": [4]}
    (listed,) = (await api.get("/uploads")).json()["uploads"]
    assert listed["chunks"] == {"main_service_file_id": 123, "total": None, "received": None}


async def test_a_settled_upload_tells_its_size(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    await complete(api, upload_id)
    shown = (await api.get(f"/uploads/{upload_id}")).json()
    assert (shown["state"], shown["size"], shown["received_bytes"], shown["chunks"]) == ("ready", 207, 207, None)
    await api.request("DELETE", "/upload/file", json={"upload_session_id": upload_id})
    shown = (await api.get(f"/uploads/{upload_id}")).json()
    assert (shown["state"], shown["size"], shown["video"]) == ("ready", 207, None)
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
