"""POST /upload with a form (video storage): what curl sends, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import POLICY, MemoryServices

OCTETS = "application/octet-stream"


async def test_what_curl_sends(api: ApiClient, services: MemoryServices) -> None:
    """`curl -F file=@video.mp4` calls every video application/octet-stream."""
    answer = await api.post("/upload", files={"file": ("video.mp4", b"v" * 800, OCTETS)}, data={"title": "T"})
    assert answer.status_code == 200
    assert answer.json() == {
        "storage_80_alert": True,
        "bandwidth_80_alert": False,
        "storage_percentage_used": 80.0,
        "message": "File uploaded successfully",
        "file_id": "id-1",
        "filename": "video.mp4",
        "size": 800,
    }
    (stored,) = services.media.objects.values()
    assert (stored.name, stored.content_type, stored.size) == ("ada/id-1/video.mp4", "video/mp4", 800)
    assert (await services.books.videos("ada", limit=1)).items[0].title == "T"


async def test_a_form_s_own_content_type_counts(api: ApiClient, services: MemoryServices) -> None:
    await api.post("/upload", files={"file": ("clip", b"v", "video/webm")})
    assert [o.content_type for o in services.media.objects.values()] == ["video/webm"]


async def refused(api: ApiClient, services: MemoryServices, status: int, code: str, **form):  # type: ignore[no-untyped-def]
    body = problem_of(await api.post("/upload", **form), status, code)
    assert await services.account() is None
    assert services.media.objects == {}
    return body


@pytest.mark.parametrize(
    "form",
    [
        {"files": {"video": ("a.mp4", b"v", OCTETS)}},
        {"files": {"file": (None, "only text")}},
        {"files": {"a": ("a.mp4", b"v"), "file": ("b.mp4", b"v")}},  # one file per form
        {"content": b"", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        {"content": b"--b--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        {"content": b"garbage", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary="}},
        {"content": b""},
    ],
)
async def test_without_the_part(api: ApiClient, services: MemoryServices, form: dict[str, object]) -> None:
    body = await refused(api, services, 400, "invalid_request", **form)
    assert body["error"] == "No file part"


@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile")  # Starlette leaves closing half a part to the collector
async def test_a_form_that_ends_too_early(api: ApiClient, services: MemoryServices) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nhalf a vid'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    await refused(api, services, 400, "invalid_request", content=part, headers=headers)


async def test_empty_files(api: ApiClient, services: MemoryServices) -> None:
    body = await refused(api, services, 400, "invalid_request", files={"file": ("a.mp4", b"", OCTETS)})
    assert body["field"] == "file"


@pytest.mark.parametrize("name", ["../a.mp4", "a/b.mp4", "a\\b.mp4", ".."])
async def test_names_that_are_paths(api: ApiClient, services: MemoryServices, name: str) -> None:
    body = await refused(api, services, 400, "invalid_request", files={"file": (name, b"v", OCTETS)})
    assert body["field"] == "file"


async def test_wrong_types(api: ApiClient, services: MemoryServices) -> None:
    await refused(api, services, 415, "unsupported_type", files={"file": ("a.txt", b"v", OCTETS)})
    await refused(api, services, 415, "unsupported_type", files={"file": ("a.mp4", b"v", "text/plain")})


async def test_too_large_for_a_form(api: ApiClient, services: MemoryServices) -> None:
    body = await refused(api, services, 413, "too_large", files={"file": ("a.mp4", b"v" * 801, OCTETS)})
    assert (body["limit"], body["requested"]) == (800, 801)
    assert "signed URL" in body["hint"]
    assert body["detail"] == "This file is 801 bytes; at most 800 bytes can be sent this way."


async def test_a_huge_body_is_refused_before_it_is_read(api: ApiClient, services: MemoryServices) -> None:
    await refused(api, services, 413, "too_large", files={"file": ("a.mp4", b"v" * 100_000, OCTETS)})


async def test_over_the_limits(api: ApiClient, services: MemoryServices) -> None:
    small = replace(POLICY.default_limits, storage_bytes=10)
    services.policy = replace(POLICY, default_limits=small)
    body = await refused(api, services, 403, "storage_limit_exceeded", files={"file": ("a.mp4", b"v" * 11, OCTETS)})
    assert (body["limit"], body["requested"]) == (10, 11)


async def test_a_name_that_is_taken(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4")
    body = problem_of(await api.post("/upload", files={"file": ("a.mp4", b"v", OCTETS)}), 409, "name_taken")
    assert body["error"] == "File with the same name already exists."
    assert (await services.existing_account()).stored == 100


async def test_the_same_form_with_its_key_is_stored_once_and_another_is_refused(
    api: ApiClient, services: MemoryServices
) -> None:
    key = {"Idempotency-Key": "form-1"}
    first = await api.post("/upload", files={"file": ("a.mp4", b"one", OCTETS)}, headers=key)
    again = await api.post("/upload", files={"file": ("a.mp4", b"one", OCTETS)}, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    other = await api.post("/upload", files={"file": ("a.mp4", b"two", OCTETS)}, headers=key)
    problem_of(other, 409, "idempotency_mismatch")
    assert len(services.media.objects) == 1
