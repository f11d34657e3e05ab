"""File names through the API: what is a name, in bodies and in paths."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices

GOOD = [
    "a",
    "holiday in Brazil (1).mp4",
    "...mp4",
    "100%.mp4",
    "what?.mp4",
    "#1.mp4",
    "a+b&c=d;e.mp4",
    "%2e%2e.mp4",
    "Ünïcödé.mp4",
    "नमस्ते.mp4",
    "می‌خواهم.mp4",  # a zero-width non-joiner that Persian needs
    "家族👨‍👩‍👧.mp4",
    "'\"<script>.mp4",
    "\U0001fac8.mp4",  # an emoji that Python 3.13 does not know
    "\U000e0fff.mp4",
    "12\uf02230.mp4",  # as macOS writes 12:30 over SMB
    "\uf8ff \U0010fffd.mp4",
    "n" * 1000,
]
BAD = [
    "",
    " ",
    " a.mp4",
    "a.mp4 ",
    "a\u00a0",
    ".",
    "..",
    "../a.mp4",
    "a/b.mp4",
    "/a.mp4",
    "a\\b.mp4",
    "a\x00.mp4",
    "a\n.mp4",
    "a\r\nX: y.mp4",
    "a\x7f.mp4",
    "a\u0085.mp4",
    "a\u2028.mp4",
    "gpj.\u202e4pm",  # right-to-left override: shown as another name
    "a\u2066.mp4",
    "a\ud800.mp4",
    "a\ufdd0.mp4",
    "a\uffff.mp4",
    "a\U000effff.mp4",
    "n" * 1025,
    "é" * 513,
]


@pytest.mark.parametrize("name", GOOD)
async def test_good_names_work_from_upload_to_deletion(api: ApiClient, services: MemoryServices, name: str) -> None:
    granted = await api.post("/upload", json={"filename": name, "size": 1, "content_type": "video/mp4"})
    assert (granted.status_code, granted.json()["filename"]) == (201, name)
    await api.delete(f"/v1/uploads/{granted.json()['upload_id']}")
    await services.add_video(name)
    for path in ("/stream/direct/", "/stream/video/", "/download/disk/"):
        assert (await api.get(path + quote(name, safe=""))).status_code in {200, 302}
    assert (await api.request("DELETE", "/delete-file", json={"filename": name})).json()["file_deleted"] == name


@pytest.mark.parametrize("name", BAD)
async def test_bad_names_are_refused(api: ApiClient, services: MemoryServices, name: str) -> None:
    for method, path, field in [
        ("POST", "/upload", "filename"),
        ("DELETE", "/delete-file", "filename"),
        ("POST", "/api/usage/log-upload", "file_name"),
        ("POST", "/api/usage/log-deletion", "file_name"),
    ]:
        size = {"file_size": 1} if field == "file_name" else {"size": 1, "content_type": "video/mp4"}
        content = json.dumps({field: name, **size})
        assert problem_of(await api.request(method, path, content=content), 400, "invalid_request")["field"] == field
    assert await services.account() is None


@pytest.mark.parametrize("name", [n for n in BAD if "/" not in n and n.strip(".") and "\ud800" not in n])
async def test_bad_names_in_paths_are_refused(api: ApiClient, name: str) -> None:
    for path in ("/stream/direct/", "/stream/video/", "/download/disk/"):
        body = problem_of(await api.get(path + quote(name, safe="")), 400, "invalid_request")
        assert body["field"] == "filename"


async def test_names_are_compared_in_nfc_in_paths_too(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("caf\u00e9.mp4")
    assert (await api.get("/stream/direct/" + quote("cafe\u0301.mp4"))).json()["filename"] == "caf\u00e9.mp4"
    deleted = await api.request("DELETE", "/delete-file", json={"filename": "cafe\u0301.mp4"})
    assert deleted.json()["file_deleted"] == "caf\u00e9.mp4"
