"""/v1/uploads: starting, continuing and ending uploads, with sessions and in parts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from reelgate.domain.errors import Unavailable
from reelgate.domain.files.part_names import PART_TYPE, part_name
from reelgate.use_cases.objects.finish_upload import finish_upload
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.chunks import crc32c
from tests.fixtures.memory_services import POLICY, MemoryServices

WANTED = {"filename": "a.mp4", "size": 100}
IN_PARTS = {"filename": "a.mp4", "size": 25, "start": "parts", "part_size": 10}
PARTS = [b"0123456789", b"abcdefghij", b"vwxyz"]
WHOLE = b"".join(PARTS)


async def start(api: ApiClient, body: dict[str, Any] = WANTED, **headers: str) -> dict[str, Any]:
    answer = await api.post("/v1/uploads", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/uploads/{shown['upload_id']}"
    return shown


def put(services: MemoryServices, upload_id: str, index: int, data: bytes) -> None:
    """Send a part as its client would."""
    services.media.write(part_name("ada", upload_id, index), data, PART_TYPE)


async def send_parts(api: ApiClient, services: MemoryServices, indexes: list[int], **more: object) -> str:
    upload_id = str((await start(api, IN_PARTS | more))["upload_id"])
    for index in indexes:
        put(services, upload_id, index, PARTS[index])
    return upload_id


async def test_a_new_upload_has_the_request_that_opens_its_session(api: ApiClient) -> None:
    body = await start(api, WANTED | {"size": 850, "title": "T"})
    url = body["request"].pop("url")
    assert url.startswith("https://storage.example/media/ada/id-1/a.mp4?")
    assert body == {
        "upload_id": "id-1",
        "state": "open",
        "filename": "a.mp4",
        "title": "T",
        "size": 850,
        "content_type": "video/mp4",
        "received_bytes": None,
        "created_at": "2026-11-03T12:00:00.123456Z",
        "reserved_until": "2026-11-03T13:00:00.123456Z",
        "reason": None,
        "video_id": None,
        "request": {
            "method": "POST",
            "headers": {
                "Content-Type": "video/mp4",
                "x-goog-resumable": "start",
                "x-goog-if-generation-match": "0",
                "x-goog-meta-upload-id": "id-1",
                "X-Upload-Content-Length": "850",
            },
            "expires_at": "2026-11-03T12:15:00.123456Z",
        },
        "session_url": None,
        "parts": None,
    }


async def test_a_session_that_the_server_opens_answers_to_the_browser_s_origin(
    api: ApiClient, services: MemoryServices
) -> None:
    body = await start(api, WANTED | {"start": "server"}, Origin="https://app.example")
    assert body["request"] is None
    assert services.media.sessions[body["session_url"]].origin == "https://app.example"
    again = (await api.post("/v1/uploads/id-1/resume")).json()
    assert (again["session_url"], again["request"]) == (body["session_url"], None)
    assert (await api.get("/v1/uploads/id-1")).json()["session_url"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"filename": None}, "filename"),
        ({"filename": "  "}, "filename"),
        ({"filename": "a/b.mp4"}, "filename"),
        ({"filename": "n" * 1020 + ".mp4"}, "filename"),
        ({"size": 0}, "size"),
        ({"size": 1.5}, "size"),
        ({"size": "100"}, "size"),
        ({"size": True}, "size"),
        ({"size": 2**53}, "size"),
        ({"content_type": "video"}, "content_type"),
        ({"content_type": ["video/mp4"]}, "content_type"),
        ({"crc32c": "not base64"}, "crc32c"),
        ({"title": ""}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"start": "later"}, "start"),
        ({"start": None}, "start"),
        ({"part_size": 10}, "part_size"),
        ({"start": "parts", "part_size": 0}, "part_size"),
        ({"start": "parts", "size": 20_000, "part_size": 1}, "part_size"),
        ({"owner": "bob"}, "owner"),
    ],
)
async def test_impossible_fields_are_named(
    api: ApiClient, services: MemoryServices, change: dict[str, Any], field: str
) -> None:
    body = problem_of(await api.post("/v1/uploads", json=WANTED | change), 400, "invalid_request")
    assert [wrong["field"] for wrong in body["errors"]] == [field]
    assert await services.account() is None


async def test_all_wrong_fields_are_named_at_once(api: ApiClient) -> None:
    wrong = {"filename": "a/b.mp4", "size": "big", "title": "", "crc32c": 5, "start": "now", "owner": "bob"}
    body = problem_of(await api.post("/v1/uploads", json=wrong), 400, "invalid_request")
    assert {error["field"] for error in body["errors"]} == {"filename", "size", "title", "crc32c", "start", "owner"}
    body = problem_of(await api.post("/v1/uploads", json=WANTED | {"crc32c": "00", "owner": "bob"}), 400, "invalid_request")
    assert "There is no field 'owner'." in body["hint"]
    assert "base64 of its four bytes" in body["hint"]
    later = {"filename": "a.mp4", "size": 5, "content_type": "video", "part_size": 3}
    answer = await api.post("/v1/uploads", json=later, headers={"Idempotency-Key": "two words"})
    body = problem_of(answer, 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == ["content_type", "part_size", "Idempotency-Key"]


async def test_refusals_carry_numbers_and_a_sentence(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("old.mp4", 300)
    await services.grant("open.mp4", 200)
    body = problem_of(await api.post("/v1/uploads", json=WANTED | {"size": 501}), 403, "storage_limit_exceeded")
    assert body["detail"] == "This video is 501 bytes; 500 bytes are left in your storage."
    assert [body[name] for name in ("limit", "used", "reserved", "requested")] == [1000, 300, 200, 501]
    assert "DELETE /v1/videos/" in body["hint"]


async def test_the_other_refusals(api: ApiClient, services: MemoryServices) -> None:
    assert problem_of(await api.post("/v1/uploads", json=WANTED | {"size": 1501}), 413, "too_large")["limit"] == 1500
    problem_of(await api.post("/v1/uploads", json=WANTED | {"filename": "a.html"}), 415, "unsupported_type")
    await start(api)
    problem_of(await api.post("/v1/uploads", json=WANTED), 409, "name_taken")
    services.policy = replace(POLICY, max_open_uploads=1)
    problem_of(await api.post("/v1/uploads", json=WANTED | {"filename": "b.mp4"}), 429, "too_many_open_uploads")
    services.policy = replace(POLICY, upload_roles=frozenset({"admin"}))
    problem_of(await api.post("/v1/uploads", json=WANTED), 403, "forbidden")


@pytest.mark.parametrize("body", [WANTED, IN_PARTS], ids=["session", "parts"])
async def test_idempotency_keys(api: ApiClient, body: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "1f0c2b8e"}
    first, again = await start(api, body, **key), await start(api, body, **key)
    assert first["upload_id"] == again["upload_id"]
    mismatch = await api.post("/v1/uploads", json=body | {"title": "Another"}, headers=key)
    problem_of(mismatch, 409, "idempotency_mismatch")
    await api.delete(f"/v1/uploads/{first['upload_id']}")
    problem_of(await api.post("/v1/uploads", json=body, headers=key), 409, "upload_finished")


async def test_another_way_to_divide_is_another_request(api: ApiClient) -> None:
    key = {"Idempotency-Key": "1f0c2b8e"}
    await start(api, IN_PARTS, **key)
    problem_of(await api.post("/v1/uploads", json=IN_PARTS | {"part_size": 5}, headers=key), 409, "idempotency_mismatch")


async def test_many_sizes_are_checked_at_once(api: ApiClient, services: MemoryServices) -> None:
    answer = await api.post("/v1/uploads/check", json={"sizes": [600, 600, 1600]})
    fits, full, large = answer.json().pop("items")
    assert fits == {"size": 600, "allowed": True, "code": None, "detail": None}
    assert (full["allowed"], full["code"]) == (False, "storage_limit_exceeded")
    assert full["detail"] == "This video is 600 bytes; 400 bytes are left in your storage."
    assert (large["code"], large["detail"]) == ("too_large", "This file is 1.6 kB; at most 1.5 kB are allowed.")
    assert {name: value for name, value in answer.json().items() if name != "items"} == {
        "allowed": False,
        "storage_available": 1000,
        "bandwidth_available": 2000,
    }
    services.policy = replace(POLICY, upload_roles=frozenset({"admin"}))
    (verdict,) = (await api.post("/v1/uploads/check", json={"sizes": [1]})).json()["items"]
    assert verdict["code"] == "forbidden"
    assert await services.account() is None


@pytest.mark.parametrize(
    ("sizes", "field"),
    [(None, "sizes"), ([], "sizes"), (5, "sizes"), ([1] * 1001, "sizes"), (["1"], "sizes[0]"), ([1, 0], "sizes[1]")],
    ids=["null", "empty", "number", "too many", "text", "zero"],
)
async def test_impossible_lists_of_sizes(api: ApiClient, sizes: object, field: str) -> None:
    body = problem_of(await api.post("/v1/uploads/check", json={"sizes": sizes}), 400, "invalid_request")
    assert [wrong["field"] for wrong in body["errors"]] == [field]


async def test_the_life_of_an_upload(api: ApiClient, services: MemoryServices) -> None:
    granted = await services.grant(size=300, title="T")
    (listed,) = (await api.get("/v1/uploads")).json()["items"]
    assert listed == (await api.get("/v1/uploads/id-1")).json()
    assert (listed["state"], listed["title"], listed["request"], listed["received_bytes"]) == ("open", "T", None, None)
    problem_of(await api.post("/v1/uploads/id-1/complete"), 409, "upload_incomplete")
    await finish_upload(services, services.send(granted))
    ready = (await api.get("/v1/uploads/id-1")).json()
    assert (ready["state"], ready["received_bytes"], ready["reserved_until"], ready["video_id"]) == ("ready", 300, None, "id-1")
    assert (ready["title"], ready["content_type"]) == ("T", "video/mp4")
    assert (await api.post("/v1/uploads/id-1/complete")).json() == ready
    for method, path in [("DELETE", ""), ("POST", "/resume")]:
        problem_of(await api.request(method, f"/v1/uploads/id-1{path}"), 409, "upload_finished")
    assert (await api.get("/v1/uploads")).json() == {"items": [], "next_cursor": None}


async def test_completing_does_not_wait_for_the_event(api: ApiClient, services: MemoryServices) -> None:
    services.send(await services.grant(size=300))
    assert (await api.post("/v1/uploads/id-1/complete")).json()["state"] == "ready"
    assert (await services.kinds()).count("commit") == 1
    assert (await api.post("/v1/uploads/id-1/complete")).status_code == 200
    assert (await services.kinds()).count("commit") == 1


async def test_the_checksum_at_the_end_is_compared_without_parts_too(api: ApiClient, services: MemoryServices) -> None:
    services.send(await services.grant(size=300))
    for _ in range(2):
        refused = problem_of(await api.post("/v1/uploads/id-1/complete", json={"crc32c": "AAAAAA=="}), 409, "chunk_differs")
    stored = (await api.get("/v1/videos/id-1")).json()["crc32c"]
    assert refused["hint"] == f"Its CRC32C is {stored}."
    assert (await api.post("/v1/uploads/id-1/complete", json={"crc32c": stored})).json()["state"] == "ready"


async def test_what_is_not_as_announced_is_rejected(api: ApiClient, services: MemoryServices) -> None:
    services.send(await services.grant(size=300), b"other")
    body = problem_of(await api.post("/v1/uploads/id-1/complete"), 409, "upload_finished")
    assert "size is 5 bytes" in body["detail"]
    shown = (await api.get("/v1/uploads/id-1")).json()
    assert (shown["state"], shown["video_id"]) == ("rejected", None)
    assert shown["reason"] == "size is 5 bytes, granted were 300"


async def test_cancelling_twice_is_fine(api: ApiClient, services: MemoryServices) -> None:
    await services.grant(size=300)
    for _ in range(2):
        answer = await api.delete("/v1/uploads/id-1")
        assert (answer.status_code, answer.content) == (204, b"")
    shown = (await api.get("/v1/uploads/id-1")).json()
    assert (shown["state"], shown["reason"]) == ("cancelled", None)
    assert (await services.existing_account()).reserved == 0
    problem_of(await api.post("/v1/uploads/id-1/complete"), 409, "upload_finished")


@pytest.mark.parametrize("upload_id", ["never", "-", "x" * 65, "%F0%9F%98%80", "a.b", "%00", "__id__"])
async def test_unknown_uploads(api: ApiClient, upload_id: str) -> None:
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/resume"), ("POST", "/complete")]:
        problem_of(await api.request(method, f"/v1/uploads/{upload_id}{path}"), 404, "upload_not_found")
    answer = await api.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": 0}]})
    problem_of(answer, 404, "upload_not_found")


async def test_other_people_s_uploads_do_not_exist(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await send_parts(api, services, [0, 1, 2])
    async with ApiClient(services, "bob") as bob:
        for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/resume"), ("POST", "/complete")]:
            problem_of(await bob.request(method, f"/v1/uploads/{upload_id}{path}"), 404, "upload_not_found")
        answer = await bob.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": 0}]})
        problem_of(answer, 404, "upload_not_found")
        assert (await bob.get("/v1/uploads")).json()["items"] == []
    assert (await api.post(f"/v1/uploads/{upload_id}/complete")).status_code == 200


async def test_parts_are_signed_with_their_exact_sizes(api: ApiClient, services: MemoryServices) -> None:
    begun = await start(api, IN_PARTS)
    assert (begun["request"], begun["session_url"]) == (None, None)
    assert begun["parts"] == {"size": 10, "count": 3, "received": None}
    assert (await services.existing_account()).reserved == 25
    asked = {"parts": [{"index": 2}, {"index": 0, "crc32c": crc32c(PARTS[0])}]}
    answer = (await api.post("/v1/uploads/id-1/parts", json=asked)).json()
    last, first = answer["parts"]
    assert (last["index"], last["size"], first["index"], first["size"]) == (2, 5, 0, 10)
    assert last["request"].pop("url").startswith("https://storage.example/media/__parts__/ada/id-1/00002?")
    assert last["request"] == {
        "method": "PUT",
        "headers": {
            "Content-Type": "application/octet-stream",
            "x-goog-if-generation-match": "0",
            "x-goog-content-length-range": "5,5",
        },
        "expires_at": "2026-11-03T12:05:00.123456Z",
    }
    assert first["request"]["headers"]["x-goog-hash"] == f"crc32c={crc32c(PARTS[0])}"
    assert (await services.existing_account()).reserved == 25
    assert await services.kinds() == ["reserve"]


async def test_asking_for_parts_keeps_the_upload_open(api: ApiClient, services: MemoryServices) -> None:
    await start(api, IN_PARTS)
    services.clock.advance(minutes=30)
    answer = (await api.post("/v1/uploads/id-1/parts", json={"parts": [{"index": 0}]})).json()
    assert answer["reserved_until"] == "2026-11-03T13:30:00.123456Z"
    assert (await api.get("/v1/uploads/id-1")).json()["reserved_until"] == answer["reserved_until"]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([], "parts"),
        ([{"index": 3}], "parts"),
        ([{"index": 0}, {"index": 0}], "parts"),
        ([{"index": 0}] * 101, "parts"),
        ([{"index": -1}], "parts[0].index"),
        ([{"index": "0"}], "parts[0].index"),
        ([{"index": 0, "crc32c": "x"}], "parts[0].crc32c"),
    ],
    ids=["none", "beyond", "twice", "too many", "negative", "text", "checksum"],
)
async def test_impossible_parts(api: ApiClient, parts: list[dict[str, Any]], field: str) -> None:
    await start(api, IN_PARTS)
    body = problem_of(await api.post("/v1/uploads/id-1/parts", json={"parts": parts}), 400, "invalid_request")
    assert [wrong["field"] for wrong in body["errors"]] == [field]


async def test_parts_become_one_video(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await send_parts(api, services, [2, 0], title="T", crc32c=crc32c(WHOLE))
    shown = (await api.get(f"/v1/uploads/{upload_id}")).json()
    assert (shown["received_bytes"], shown["parts"]["received"]) == (15, [0, 2])
    missing = problem_of(await api.post(f"/v1/uploads/{upload_id}/complete"), 409, "chunks_missing")
    assert missing["missing"] == [1]
    put(services, upload_id, 1, PARTS[1])
    completed = (await api.post(f"/v1/uploads/{upload_id}/complete", json={"crc32c": crc32c(WHOLE)})).json()
    assert (completed["state"], completed["size"], completed["video_id"], completed["title"]) == ("ready", 25, upload_id, "T")
    assert services.media.data[f"ada/{upload_id}/a.mp4"] == WHOLE
    assert (await api.post(f"/v1/uploads/{upload_id}/complete")).json() == completed
    assert (await api.get(f"/v1/uploads/{upload_id}")).json() == completed
    account = await services.existing_account()
    assert (account.stored, account.reserved, account.today.uploaded) == (25, 0, 25)


async def test_completions_at_once(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await send_parts(api, services, [0, 1, 2])
    answers = await asyncio.gather(*(api.post(f"/v1/uploads/{upload_id}/complete") for _ in range(5)))
    assert [(answer.status_code, answer.json().get("state")) for answer in answers] == [(200, "ready")] * 5
    assert await services.kinds() == ["reserve", "seal", "commit"]


async def test_parts_that_are_another_file_are_not_joined(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await send_parts(api, services, [0, 1, 2], crc32c="AAAAAA==")
    problem_of(await api.post(f"/v1/uploads/{upload_id}/complete"), 409, "chunk_differs")
    other = await send_parts(api, services, [0, 1, 2], filename="b.mp4")
    problem_of(await api.post(f"/v1/uploads/{other}/complete", json={"crc32c": "AAAAAA=="}), 409, "chunk_differs")
    assert (await api.get(f"/v1/uploads/{other}")).json()["state"] == "open"


async def test_nothing_is_sent_after_completion_has_begun(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await send_parts(api, services, [0, 1, 2])
    compose, services.media.compose = services.media.compose, _no_storage  # type: ignore[method-assign]
    problem_of(await api.post(f"/v1/uploads/{upload_id}/complete"), 503, "unavailable")
    problem_of(await api.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": 0}]}), 409, "upload_sealed")
    services.media.compose = compose  # type: ignore[method-assign]
    assert (await api.post(f"/v1/uploads/{upload_id}/complete")).json()["state"] == "ready"


async def test_every_door_keeps_to_its_own_uploads(api: ApiClient, services: MemoryServices) -> None:
    await start(api, WANTED)
    problem_of(await api.post("/v1/uploads/id-1/parts", json={"parts": [{"index": 0}]}), 409, "upload_not_divided")
    divided = await send_parts(api, services, [0], filename="b.mp4")
    problem_of(await api.post(f"/v1/uploads/{divided}/resume"), 409, "upload_is_chunked")
    older = {"upload_session_id": divided, "chunks": [{"index": 1, "size": 10}]}
    problem_of(await api.post("/upload/chunk-urls", json=older), 400, "invalid_request")
    ending = {"upload_session_id": divided, "total_chunks": 1, "main_service_file_id": "None"}
    problem_of(await api.post("/upload/complete", json=ending), 400, "invalid_request")
    begun = await api.post("/upload/init", json={"main_service_file_id": 7, "original_file_name": "c.mp4"})
    session = begun.json()["data"]["upload_session_id"]
    problem_of(await api.post(f"/v1/uploads/{session}/parts", json={"parts": [{"index": 0}]}), 409, "upload_not_divided")
    problem_of(await api.post(f"/v1/uploads/{session}/complete"), 409, "upload_not_divided")


async def test_what_cannot_be_done_now_says_when_to_try_again(api: ApiClient, services: MemoryServices) -> None:
    services.signer.unavailable = True
    answer = await api.post("/v1/uploads", json=WANTED)
    problem_of(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert await services.account() is None


async def _no_storage(*args: object, **options: object) -> None:
    raise Unavailable("gone for lunch")


async def test_where_only_the_server_opens_sessions_every_answer_has_one(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(POLICY, client_sessions=False)
    upload = (await api.post("/v1/uploads", json={"filename": "a.mp4", "size": 100})).json()
    older = (await api.post("/upload", json={"filename": "b.mp4", "size": 100})).json()
    assert (upload["request"], upload["session_url"] in services.media.sessions) == (None, True)
    assert older["session_url"] in services.media.sessions
    assert not {"upload_url", "method", "headers", "expires_at"} & set(older)
    resumed = (await api.post(f"/v1/uploads/{upload['upload_id']}/resume")).json()
    assert (resumed["request"], resumed["session_url"]) == (None, upload["session_url"])


async def test_parts_are_signed_for_minutes_and_again_on_request(api: ApiClient, services: MemoryServices) -> None:
    body = {"filename": "a.mp4", "size": 100, "start": "parts", "part_size": 60}
    upload_id = (await api.post("/v1/uploads", json=body)).json()["upload_id"]
    expiries = []
    for _ in range(2):
        signed = (await api.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": 0}]})).json()
        expiries.append(signed["parts"][0]["request"]["expires_at"])
        services.clock.advance(minutes=10)
    assert expiries == ["2026-11-03T12:05:00.123456Z", "2026-11-03T12:15:00.123456Z"]


async def test_too_many_rejected_uploads_end_the_day(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(POLICY, max_rejected_uploads=1)
    granted = await services.grant("a.mp4", 10)
    await finish_upload(services, services.send(granted, b"other"))
    answer = await api.post("/v1/uploads", json={"filename": "b.mp4", "size": 100})
    refused = problem_of(answer, 429, "too_many_rejected")
    assert (refused["retry_at"], answer.headers["retry-after"]) == ("2026-11-04T00:00:00.000Z", "43200")
    checked = (await api.post("/v1/uploads/check", json={"sizes": [10]})).json()
    assert [item["code"] for item in checked["items"]] == ["too_many_rejected"]
    usage = (await api.get("/v1/usage")).json()["bandwidth"]
    assert (usage["used"], usage["rejected"], usage["rejections"]) == (5, 5, 1)
    day = (await api.get("/v1/usage/days")).json()["total"]
    assert (day["rejected"], day["rejections"]) == (5, 1)
    assert [entry["rejected"] for entry in (await api.get("/v1/usage/entries")).json()["items"]] == [5, 0]
