"""Converting a video that is deleted, purged or taken over meanwhile: it stops, and leaves nothing behind."""

from __future__ import annotations

import pytest

from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import LEASE
from reelgate.use_cases.media.conversion.convert_video import convert_video, remove_derived
from reelgate.use_cases.videos.delete_video import delete_video, purge_video, restore_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.conversions import a_video, known, order, record_of, told
from tests.fixtures.memory_services import ADA, MemoryServices


async def gone(services: MemoryServices, video: Video, *, purged: bool) -> None:
    await delete_video(services, ADA, by_name(video.filename))
    if purged:
        await purge_video(services, video.uid, video.file_id)
        await remove_derived(services, video.uid, video.file_id)  # what `video.purged` does


@pytest.mark.parametrize("purged", [False, True])
async def test_a_file_that_is_gone_is_left_alone(services: MemoryServices, purged: bool) -> None:
    video = await a_video(services)
    await gone(services, video, purged=purged)
    assert await convert_video(services, order(video)) == ("gone" if purged else "failed")
    assert services.converter.examined == 0
    assert (services.derived_objects.objects, told(services)) == ({}, [])
    assert await known(services, video) is not purged


@pytest.mark.parametrize("purged", [False, True])
async def test_work_stops_when_the_file_is_deleted_and_leaves_no_mp3(services: MemoryServices, purged: bool) -> None:
    video = await a_video(services)

    async def delete() -> None:
        await gone(services, video, purged=purged)
        services.clock.advance(seconds=25)

    services.converter.meanwhile = delete
    await convert_video(services, order(video))
    assert [name for name in services.derived_objects.objects if name.endswith("mp3")] == []
    assert services.derived_objects.abandoned
    assert told(services) == []
    assert await known(services, video) is not purged
    if purged:
        assert services.derived_objects.objects == {}


async def test_a_purge_at_the_last_moment_leaves_no_mp3(services: MemoryServices) -> None:
    """Between the last look into the books and the record: the object is there already, and must not stay."""
    video = await a_video(services)
    writer = services.derived_objects.create

    def create(name: str, *, content_type: str) -> object:
        made = writer(name, content_type=content_type)
        finish = made.finish

        async def then_purged() -> None:
            await finish()
            if name.endswith("mp3"):
                await gone(services, video, purged=True)

        made.finish = then_purged  # type: ignore[method-assign]
        return made

    services.derived_objects.create = create  # type: ignore[assignment, method-assign]
    assert await convert_video(services, order(video)) == "gone"
    assert services.derived_objects.objects == {}
    assert not await known(services, video)
    assert told(services) == []


async def test_messages_in_the_wrong_order_leave_nothing_behind(services: MemoryServices) -> None:
    """video.purged is heard before video.ready."""
    video = await a_video(services)
    await gone(services, video, purged=True)
    assert await convert_video(services, order(video)) == "gone"
    assert not await known(services, video)
    assert services.derived_objects.objects == {}


async def test_a_run_that_was_taken_over_writes_nothing_more(services: MemoryServices) -> None:
    video = await a_video(services)
    second: list[str] = []

    async def sleep_through_the_lease() -> None:
        services.converter.meanwhile = nothing
        services.clock.advance(seconds=LEASE.total_seconds() + 1)
        second.append(await convert_video(services, order(video)))

    services.converter.meanwhile = sleep_through_the_lease
    with pytest.raises(Unavailable, match="taken over the file"):
        await convert_video(services, order(video))
    assert second == ["ready"]
    assert (await record_of(services, video)).audio.state == "ready"
    assert services.derived_objects.written.count(f"ada/{video.file_id}/{video.generation}/audio.mp3") == 1
    assert len(told(services)) == 1


async def test_out_of_the_trash_it_goes_on(services: MemoryServices) -> None:
    video = await a_video(services)
    await delete_video(services, ADA, by_name(video.filename))
    assert await convert_video(services, order(video)) == "failed"
    assert (await record_of(services, video)).audio.reason == "gone"
    await restore_video(services, ADA, video.file_id)
    assert await convert_video(services, order(video)) == "failed"  # the old message once more
    assert await convert_video(services, order(video, restored=True)) == "ready"


async def nothing() -> None:
    pass
