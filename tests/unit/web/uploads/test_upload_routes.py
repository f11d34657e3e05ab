"""POST /upload with JSON and DELETE /uploads/{upload_id}: the older services' fields and messages, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import POLICY, MemoryServices

WANTED = {"filename": "a.mp4", "size": 100, "content_type": "video/mp4"}


async def test_a_granted_upload(api: ApiClient) -> None:
    answer = await api.post("/upload", json=WANTED | {"size": 850, "title": "T"})
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/uploads/id-1"
    body = answer.json()
    url = body.pop("upload_url")
    assert url.startswith("https://storage.example/media/ada/id-1/a.mp4?")
    assert body == {
        "message": "Upload permitted",
        "upload_id": "id-1",
        "file_id": "id-1",
        "filename": "a.mp4",
        "size": 850,
        "content_type": "video/mp4",
        "object": "ada/id-1/a.mp4",
        "method": "POST",
        "headers": {
            "Content-Type": "video/mp4",
            "x-goog-resumable": "start",
            "x-goog-if-generation-match": "0",
            "x-goog-meta-upload-id": "id-1",
            "X-Upload-Content-Length": "850",
        },
        "expires_at": "2026-11-03T12:15:00.123Z",
        "reserved_until": "2026-11-03T13:00:00.123Z",
        "storage_80_alert": True,
        "bandwidth_80_alert": False,
        "storage_percentage_used": 85.0,
    }


async def test_the_content_type_is_compared_in_lower_case(api: ApiClient) -> None:
    assert (await api.post("/upload", json=WANTED | {"content_type": "Video/MP4"})).json()["content_type"] == "video/mp4"


async def test_started_by_the_server_the_session_answers_to_the_browser_s_origin(
    api: ApiClient, services: MemoryServices
) -> None:
    answer = await api.post("/upload", json=WANTED | {"start": "server"}, headers={"Origin": "https://app.example"})
    session = services.media.sessions[answer.json()["session_url"]]
    assert session.origin == "https://app.example"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"filename": None}, "filename"),
        ({"filename": 7}, "filename"),
        ({"filename": "  "}, "filename"),
        ({"filename": "n" * 1020}, "filename"),  # fits alone, not with the ids before it
        ({"size": None}, "size"),
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": 1.5}, "size"),
        ({"size": "100"}, "size"),
        ({"size": True}, "size"),
        ({"size": 2**53}, "size"),
        ({"content_type": "video"}, "content_type"),
        ({"content_type": ";codecs=avc1"}, "content_type"),
        ({"content_type": ["video/mp4"]}, "content_type"),
        ({"crc32c": "not base64"}, "crc32c"),
        ({"crc32c": "AAAAAAAA"}, "crc32c"),
        ({"title": ""}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": {}}, "title"),
        ({"start": "later"}, "start"),
        ({"start": None}, "start"),
        ({"start": []}, "start"),
        ({"start": {}}, "start"),
        ({"owner": "bob"}, "owner"),
    ],
)
async def test_impossible_fields_are_named(
    api: ApiClient, services: MemoryServices, change: dict[str, Any], field: str
) -> None:
    body = problem_of(await api.post("/upload", json=WANTED | change), 400, "invalid_request")
    assert body["field"] == field
    assert body["errors"] == [{"field": field, "message": body["detail"]}]
    assert await services.account() is None


@pytest.mark.parametrize("missing", ["filename", "size"])
async def test_missing_fields_are_named(api: ApiClient, missing: str) -> None:
    body = {key: value for key, value in WANTED.items() if key != missing}
    assert problem_of(await api.post("/upload", json=body), 400, "invalid_request")["field"] == missing


async def test_half_a_surrogate_pair_is_answered_like_any_other_bad_text(api: ApiClient) -> None:
    for text in (r'{"\ud800": 1}', r'{"filename": "\udfff"}', r'{"filename": "a", "size": "\ud800"}'):
        problem_of(await api.post("/upload", content=text), 400, "invalid_request")


async def test_refusals_carry_the_numbers(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("old.mp4", 300)
    await services.grant("open.mp4", 200)
    storage = problem_of(await api.post("/upload", json=WANTED | {"size": 501}), 403, "storage_limit_exceeded")
    assert storage["error"] == "Exceeds storage limit, cannot upload video..!!"
    assert [storage[name] for name in ("limit", "used", "reserved", "requested")] == [1000, 300, 200, 501]
    assert "retry_at" not in storage
    assert (await services.existing_account()).reserved == 200


async def test_the_day_s_limit_says_when_to_come_back(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(POLICY, default_limits=replace(POLICY.default_limits, daily_bytes=99))
    day = problem_of(await api.post("/upload", json=WANTED), 403, "bandwidth_limit_exceeded")
    assert day["error"] == "Bandwidth limit exceeded or some internal upload error"
    assert [day[name] for name in ("limit", "used", "reserved", "requested")] == [99, 0, 0, 100]
    assert day["retry_at"] == "2026-11-04T00:00:00.000Z"


async def test_the_other_refusals(api: ApiClient, services: MemoryServices) -> None:
    large = problem_of(await api.post("/upload", json=WANTED | {"size": 1501}), 413, "too_large")
    assert (large["error"], large["limit"], large["requested"]) == ("File too large", 1500, 1501)
    wrong = problem_of(await api.post("/upload", json=WANTED | {"content_type": "text/html"}), 415, "unsupported_type")
    assert wrong["error"] == "Unsupported file type"
    services.policy = replace(POLICY, upload_roles=frozenset({"admin"}))
    assert problem_of(await api.post("/upload", json=WANTED), 403, "forbidden")["error"] == "Forbidden"
    services.policy = replace(POLICY, max_open_uploads=0)
    problem_of(await api.post("/upload", json=WANTED), 429, "too_many_open_uploads")
    assert await services.account() is None


async def test_the_same_name_is_a_conflict_in_any_normal_form(api: ApiClient, services: MemoryServices) -> None:
    assert (await api.post("/upload", json=WANTED | {"filename": "e\u0301te\u0301.mp4"})).json()[
        "filename"
    ] == "\u00e9t\u00e9.mp4"
    body = problem_of(await api.post("/upload", json=WANTED | {"filename": "\u00e9t\u00e9.mp4"}), 409, "name_taken")
    assert body["error"] == "File with the same name already exists."
    assert (await services.existing_account()).reserved == 100


async def test_idempotency_keys(api: ApiClient) -> None:
    key = {"Idempotency-Key": "1f0c2b8e"}
    first = await api.post("/upload", json=WANTED, headers=key)
    again = await api.post("/upload", json=WANTED, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["upload_id"] == again.json()["upload_id"]
    mismatch = await api.post("/upload", json=WANTED | {"size": 99}, headers=key)
    problem_of(mismatch, 409, "idempotency_mismatch")
    await api.delete(f"/uploads/{first.json()['upload_id']}")
    problem_of(await api.post("/upload", json=WANTED, headers=key), 409, "upload_finished")


@pytest.mark.parametrize("key", ["", "with space", "k" * 256, b"\xfc"])
async def test_impossible_idempotency_keys(api: ApiClient, key: str | bytes) -> None:
    answer = await api.post("/upload", json=WANTED, headers={"Idempotency-Key": key})
    assert problem_of(answer, 400, "invalid_request")["field"] == "Idempotency-Key"


async def test_cancelling_twice_is_fine(api: ApiClient, services: MemoryServices) -> None:
    await services.grant(size=300)
    bodies = [(await api.delete("/uploads/id-1")).json() for _ in range(2)]
    assert bodies == [{"message": "Upload cancelled", "upload_id": "id-1", "released": n} for n in (300, 0)]


async def test_what_cannot_be_done_now_says_when_to_try_again(api: ApiClient, services: MemoryServices) -> None:
    services.media.unavailable = True
    answer = await api.post("/upload", json=WANTED | {"start": "server"})
    problem_of(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert await services.account() is None
