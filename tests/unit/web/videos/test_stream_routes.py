"""Streaming and download routes: a URL as JSON, or a redirect."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response

from reelgate.domain.books.instants import rfc3339
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.use_cases.videos.name_download import attachment
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import POLICY, MemoryServices
from tests.fixtures.store_calls import StoreCalls

PATHS = ["/stream/direct/a.mp4", "/stream/video/a.mp4", "/download/disk/a.mp4"]


async def test_a_url_as_json(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video()
    body = (await api.get("/stream/direct/a.mp4")).json()
    assert body.pop("url").startswith("https://storage.example/media/ada/id-1/a.mp4?")
    assert body == {
        "method": "GET",
        "expires_at": rfc3339(StreamWindow.of("id-1", services.now(), seconds=3600).expires_at),
        "filename": "a.mp4",
        "size": 100,
        "content_type": "video/mp4",
    }


@pytest.mark.parametrize(("path", "attached"), [("/stream/video/a.mp4", False), ("/download/disk/a.mp4", True)])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_redirects_sign_the_request_s_own_method(
    api: ApiClient, services: MemoryServices, path: str, attached: bool, method: str
) -> None:
    await services.add_video()
    answer = await api.request(method, path)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (302, b"", "no-store")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["method"] == [method]
    assert ("response-content-disposition" in query) is attached


async def test_what_they_cost(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video()

    async def streamed() -> int:
        return (await services.existing_account()).today.streamed

    for path in PATHS:
        await api.head(path)
    assert await streamed() == 0
    for _ in range(2):
        await api.get("/stream/video/a.mp4")
        await api.get("/download/disk/a.mp4")  # the same file in the same hour
        await api.get("/stream/direct/a.mp4")
    assert await streamed() == 100


def url_in(answer: Response) -> str:
    return answer.headers.get("location") or answer.json()["url"]


@pytest.mark.parametrize("path", PATHS)
async def test_what_the_requests_of_a_window_read_write_and_publish(
    api: ApiClient, services: MemoryServices, path: str
) -> None:
    """Account and name, then the video; then account, entry and audit document in one commit, once; nothing else."""
    await services.add_video()
    services.events.log.clear()
    written: list[tuple[str, ...]] = []
    services.books_store.before_commit = lambda writes: written.extend(write.address.collection for write in writes)
    calls = StoreCalls(services.books_store)
    first = await api.get(path)
    assert calls.take() == [("get", 2), ("get", 1), ("commit", 3)]
    assert sorted(written) == [("audit",), ("users",), ("users", "ada", "entries")]
    for _ in range(2):
        assert url_in(await api.get(path)) == url_in(first)
    assert (await api.head(path)).status_code == first.status_code
    assert calls.take() == [("get", 2), ("get", 1)] * 3
    assert services.events.published == []


@pytest.mark.parametrize("path", PATHS)
async def test_the_sentences_of_video_storage_for_missing_files(api: ApiClient, services: MemoryServices, path: str) -> None:
    nothing = problem_of(await api.get(path), 404, "user_storage_not_found")
    assert nothing["error"] == "User storage not found"
    await services.add_video("b.mp4")
    missing = problem_of(await api.get(path), 404, "file_not_found")
    assert missing["error"] == "File not found in user's storage"
    assert (await api.head(path)).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_over_the_day(api: ApiClient, services: MemoryServices, path: str) -> None:
    await services.add_video("a.mp4", 900)
    services.policy = replace(POLICY, default_limits=replace(POLICY.default_limits, daily_bytes=1700))
    body = problem_of(await api.get(path), 403, "bandwidth_limit_exceeded")
    assert body["error"] == "Bandwidth limit exceeded"
    assert [body[n] for n in ("limit", "used", "reserved", "requested")] == [1700, 900, 0, 900]
    assert body["retry_at"] == "2026-11-04T00:00:00.000Z"


@pytest.mark.parametrize("path", PATHS)
async def test_no_url_without_a_signer(api: ApiClient, services: MemoryServices, path: str) -> None:
    await services.add_video()
    services.signer.unavailable = True
    problem_of(await api.get(path), 503, "unavailable")


def test_a_name_without_ascii_keeps_its_ending_and_is_no_hidden_file() -> None:
    assert attachment("日本語.mp4").startswith("attachment; filename=\"video.mp4\"; filename*=UTF-8''%E6")
    assert attachment('a"b\\c.mp4').startswith('attachment; filename="a_b_c.mp4"')
