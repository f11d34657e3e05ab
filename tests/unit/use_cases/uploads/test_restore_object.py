"""An object that an operator brings back belongs to its video again, instead of being removed as nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.books.video import Video
from reelgate.ports.books import ReadSet
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.media.issue_audio_url import issue_audio_url
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_id, by_name
from tests.fixtures.conversions import FILE, a_video, order
from tests.fixtures.memory_services import ADA, CONVERSION, MemoryServices


async def lose_and_restore(
    services: MemoryServices, video: Video, data: bytes = b"v" * 100, content_type: str = "video/mp4"
) -> int:
    """Let the object vanish and come back as another generation."""
    del services.media.objects[video.object_name]
    return services.media.write(video.object_name, data, content_type).generation


async def test_the_video_goes_on_with_the_restored_generation(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    before = await services.existing_account()
    generation = await lose_and_restore(services, video)
    verdicts = [(await finish_upload(services, video.object_name, generation=generation)).verdict for _ in range(2)]
    assert verdicts == [Verdict.RESTORED, Verdict.RESTORED]
    snapshot = await services.books.read("ada", ReadSet(filename="a.mp4"))
    assert snapshot.video is not None
    assert (snapshot.video.file_id, snapshot.video.generation) == (video.file_id, generation)
    assert await services.existing_account() == before
    assert services.published() == ["video.ready"]
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    assert services.media.objects == {}


async def test_an_object_in_the_trash_is_left_where_it_is(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    await delete_video(services, ADA, by_name("a.mp4"))
    await lose_and_restore(services, video)
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.RESTORED
    assert video.object_name in services.media.objects


@pytest.mark.parametrize(
    ("data", "content_type"), [(b"v" * 101, "video/mp4"), (b"w" * 100, "video/mp4"), (b"v" * 100, "video/webm")]
)
async def test_other_content_under_the_name_has_no_right_to_it(
    services: MemoryServices, data: bytes, content_type: str
) -> None:
    video = await services.add_video("a.mp4", 100)
    await lose_and_restore(services, video, data, content_type)
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.REMOVED
    assert services.media.objects == {}


async def test_a_new_video_of_that_name_is_another_one(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    newer = await services.add_video("a.mp4", 100)
    services.media.write(video.object_name, b"v" * 100, "video/mp4")
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.REMOVED
    snapshot = await services.books.read("ada", ReadSet(filename="a.mp4"))
    assert snapshot.video == newer


async def test_an_mp3_that_is_made_of_it_lies_where_it_is_looked_for(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, automatic=False)
    video = await a_video(services)
    assert await convert_video(services, order(video)) == "none"
    await lose_and_restore(services, video, FILE)
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.RESTORED
    assert await convert_video(services, order(video, request=1)) == "ready"
    issued = await issue_audio_url(services, ADA, by_id(video.file_id), method="HEAD")
    made = [name for name, (kind, _) in services.derived_objects.objects.items() if kind == "audio/mpeg"]
    assert len(made) == 1
    assert made[0] in issued.url
