"""Listing more videos than one page of the books has."""

from __future__ import annotations

import pytest

from reelgate.use_cases.videos import list_videos as listing
from reelgate.use_cases.videos.list_videos import list_many_videos
from tests.fixtures.memory_services import ADA, MemoryServices


@pytest.mark.parametrize(("limit", "more"), [(1, True), (2, True), (3, True), (4, True), (5, False), (6, False)])
async def test_as_many_as_asked_for_come_and_the_cursor_continues_them(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch, limit: int, more: bool
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    for name in "abcde":
        await services.add_video(f"{name}.mp4", 10)
        services.clock.advance(seconds=1)
    found = await list_many_videos(services, ADA, limit=limit)
    assert [video.filename[0] for video in found.items] == list("edcba")[:limit]
    assert (found.next_cursor is not None) == more
    if more:
        rest = await list_many_videos(services, ADA, limit=9, cursor=found.next_cursor)
        assert [video.filename[0] for video in rest.items] == list("edcba")[limit:]
