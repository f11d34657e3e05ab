"""A disabled account gets no URLs any more, also where one was charged before; what it has, it may see and give back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video
from reelgate.domain.media.audio import Audio
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.ports.books import ReadSet
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices


@pytest.fixture
async def video(services: MemoryServices) -> Video:
    """A video with an MP3."""
    video = await services.add_video("a.mp4", 100)
    audio = Audio(state="ready", progress_percent=100, size=10, duration_seconds=1.0, ready_at=services.now())
    record = DerivedMedia(
        uid="ada", file_id=video.file_id, filename="a.mp4", generation=video.generation, examination="failed", audio=audio
    )
    await services.derived_media.change("ada", video.file_id, lambda _: record)
    return video


async def disable(services: MemoryServices) -> None:
    account = await services.existing_account()
    await services.books.commit("ada", lambda _: Change(account=replace(account, disabled=True)), ReadSet())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/stream/direct/a.mp4", "/stream/video/a.mp4", "/download/disk/a.mp4", "/download?fid=id-1"])
async def test_urls_that_were_charged_are_not_handed_out_again(
    api: ApiClient, services: MemoryServices, video: Video, method: str, path: str
) -> None:
    assert video.file_id == "id-1"
    assert (await api.request(method, path)).status_code in {200, 302}
    await disable(services)
    answer = await api.request(method, path)
    if method == "GET":
        problem_of(answer, 403, "account_disabled")
    assert (answer.status_code, "location" in answer.headers) == (403, False)


async def test_what_it_has_can_be_seen_and_given_back(api: ApiClient, services: MemoryServices, video: Video) -> None:
    await disable(services)
    assert [file["file_id"] for file in (await api.get("/files")).json()["files"]] == [video.file_id]
    assert (await api.patch("/files/a.mp4", json={"title": "T"})).json()["title"] == "T"
    assert (await api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})).status_code == 200
    problem_of(await api.post(f"/trash/{video.file_id}/restore"), 403, "account_disabled")
    assert (await api.delete(f"/v1/trash/{video.file_id}")).status_code == 204
