"""Every door takes the same types, by the same table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from reelgate.domain.media.media_types import TYPES
from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.memory_services import MemoryServices

Door = Callable[[ApiClient, str, str | None], Awaitable[httpx.Response]]


async def by_json(api: ApiClient, name: str, kind: str | None) -> httpx.Response:
    return await api.post("/upload", json={"filename": name, "size": 1} | ({} if kind is None else {"content_type": kind}))


async def by_version_1(api: ApiClient, name: str, kind: str | None) -> httpx.Response:
    return await api.post("/v1/uploads", json={"filename": name, "size": 1} | ({} if kind is None else {"content_type": kind}))


async def by_form(api: ApiClient, name: str, kind: str | None) -> httpx.Response:
    part = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    part += f"Content-Type: {kind}\r\n\r\nv\r\n--b--\r\n" if kind else "\r\nv\r\n--b--\r\n"
    return await api.post("/upload", content=part.encode(), headers={"Content-Type": "multipart/form-data; boundary=b"})


async def by_chunks(api: ApiClient, name: str, kind: str | None) -> httpx.Response:
    body = {"original_file_name": name, "main_service_file_id": 1} | ({} if kind is None else {"content_type": kind})
    return await api.post("/upload/init", json=body)


DOORS = pytest.mark.parametrize("door", [by_json, by_version_1, by_form, by_chunks])


async def stored_as(services: MemoryServices, name: str) -> str:
    """Return the type of a file, or of the open upload that will be one."""
    uploads = await services.open_uploads()
    found = [upload.content_type for upload in uploads.values() if upload.filename == name]
    found += [video.content_type for video in (await services.books.videos("ada", limit=300)).items if video.filename == name]
    assert len(found) == 1
    return found[0]


@DOORS
async def test_types_by_the_ending(api: ApiClient, services: MemoryServices, door: Door) -> None:
    endings = [ending for known in TYPES.values() for ending in known]
    for index, ending in enumerate([*endings[:20], "m4b", "opus", "aiff", "amr", "wma"]):
        answer = await door(api, f"a{index}.{ending}", None if index % 2 else "application/octet-stream")
        assert answer.status_code in {200, 201}, (ending, answer.text)
    assert [await stored_as(services, name) for name in ("a0.mp4", "a21.opus")] == ["video/mp4", "audio/ogg"]


@DOORS
async def test_what_media_recorder_says(api: ApiClient, services: MemoryServices, door: Door) -> None:
    assert (await door(api, "blob", "video/webm;codecs=vp9")).status_code in {200, 201}
    assert await stored_as(services, "blob") == "video/webm"
    assert (await door(api, "talk.webm", 'Audio/WebM; codecs="opus"')).status_code in {200, 201}
    assert await stored_as(services, "talk.webm") == "audio/webm"


@DOORS
@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("a.mp4", "video/html", "video/html"),
        ("a.svg", "video/svg+xml", "video/svg+xml"),
        ("a.mp4", "video/x+xml", "video/x+xml"),
        ("a.mp4", "image/png", "image/png"),
        ("setup.exe", "video/mp4", "'.exe' is not video/mp4"),
        ("index.html", "video/webm;codecs=vp9", "'.html'"),
        ("film.mp4.js", "audio/mpeg", "'.js'"),
        ("setup.exe", "video/webm", "such as '.webm'"),
        ("song.mp3", "video/mp4", "'.mp3' is audio/mpeg, not video/mp4"),
        ("setup.exe", None, "'.exe'"),
        ("clip", None, "no ending"),
        ("clip", "application/octet-stream", "no ending"),
    ],
)
async def test_what_is_refused_says_why(
    api: ApiClient, services: MemoryServices, door: Door, name: str, kind: str | None, word: str
) -> None:
    assert word in problem_of(await door(api, name, kind), 415, "unsupported_type")["detail"]
    assert await services.account() is None


@DOORS
async def test_what_is_no_type_is_named(api: ApiClient, door: Door) -> None:
    [field] = wrong_fields(problem_of(await door(api, "a.mp4", "video"), 400, "invalid_request"))
    assert field in {"content_type", "file"}


async def test_null_is_no_type(api: ApiClient) -> None:
    answer = await api.post("/upload", json={"filename": "a.mp4", "size": 1, "content_type": None})
    assert (answer.status_code, answer.json()["content_type"]) == (201, "video/mp4")
