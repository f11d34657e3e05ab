"""A video is packaged with the rest of what is derived from it: once, within bounds, or with the reason why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import LEASE, RunFailed
from reelgate.domain.media.derived_media import state_of
from reelgate.domain.media.packaging import CannotPackage, RenditionSize
from reelgate.domain.playback.segment_index import SegmentIndex
from reelgate.use_cases.media.conversion.convert_video import convert_video, remove_derived
from tests.doubles.scripted_converter import FACTS, HLS, PACKAGED, SHEET
from tests.fixtures.conversions import a_video, order, record_of, told
from tests.fixtures.memory_services import CONVERSION, MemoryServices


@pytest.fixture(autouse=True)
def automatic(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, hls="automatic")


async def test_everything_that_a_player_needs_and_the_index_last(services: MemoryServices) -> None:
    video = await a_video(services)
    assert await convert_video(services, order(video)) == "ready"
    folder = f"ada/{video.file_id}/{video.generation}/hls/"
    kinds = {name.removeprefix(folder): kind for name, (kind, _) in services.derived_objects.objects.items() if folder in name}
    assert kinds == {"v0.mp4": "video/mp4", "thumbs.jpg": "image/jpeg", "index.json": "application/json"}
    assert [name.removeprefix(folder) for name in services.derived_objects.written if folder in name][-1] == "index.json"
    content = services.derived_objects.objects[f"{folder}index.json"][1]
    [rendition] = SegmentIndex.from_json(content).renditions
    assert (rendition.name, rendition.codecs, rendition.width, rendition.height) == ("v0", PACKAGED.codecs, 640, 360)
    assert (rendition.init_size, rendition.segments, rendition.frame_rate) == (20, PACKAGED.segments, 24.0)
    hls = (await record_of(services, video)).hls
    assert (hls.state, hls.reason, hls.ready_at, hls.sprites) == ("ready", None, services.now(), PACKAGED.sprites)
    assert hls.renditions == (RenditionSize(name="v0", width=640, height=360, size=100),)
    assert hls.bytes == len(HLS) + len(SHEET) + len(content)


async def test_the_same_message_again_packages_nothing_again(services: MemoryServices) -> None:
    video = await a_video(services)
    for _ in range(3):
        await convert_video(services, order(video))
    assert services.converter.packaged == 1


async def test_what_cannot_be_packaged_says_why_once_and_still_gets_its_mp3(services: MemoryServices) -> None:
    services.converter.hls_problem = CannotPackage("codec")
    video = await a_video(services)
    for restored in (False, True):
        assert await convert_video(services, order(video, restored=restored)) == "ready"
    record = await record_of(services, video)
    assert (record.hls.state, record.hls.reason, record.hls.impossible, services.converter.packaged) == (
        "skipped",
        "codec",
        "codec",
        1,
    )
    assert (record.audio.state, state_of(record)) == ("ready", "ready")
    assert f"ada/{video.file_id}/{video.generation}/hls/v0.mp4" in services.derived_objects.abandoned
    assert not [name for name in services.derived_objects.objects if "/hls/" in name]


async def test_sound_alone_is_not_packaged(services: MemoryServices) -> None:
    services.converter.facts = replace(FACTS, video_codec=None, width=None, height=None)
    video = await a_video(services)
    await convert_video(services, order(video))
    assert ((await record_of(services, video)).hls.reason, services.converter.packaged) == ("no_picture", 0)


async def test_silence_is_packaged_although_it_has_no_mp3(services: MemoryServices) -> None:
    services.converter.facts = replace(FACTS, audio_codec=None)
    video = await a_video(services)
    assert await convert_video(services, order(video)) == "skipped"
    assert (await record_of(services, video)).hls.state == "ready"


async def test_what_may_succeed_another_time_is_tried_again_and_makes_its_mp3_once(services: MemoryServices) -> None:
    services.converter.hls_problem = RunFailed("too_slow")
    video = await a_video(services)
    for attempt in (1, 2):
        with pytest.raises(Unavailable, match="too_slow"):
            await convert_video(services, order(video))
        record = await record_of(services, video)
        assert (record.attempts, record.audio.state, record.hls.state, record.lease) == (attempt, "ready", "queued", None)
        assert state_of(record) == "processing"
    assert await convert_video(services, order(video)) == "ready"
    record = await record_of(services, video)
    assert (record.hls.state, record.hls.reason, services.converter.extracted) == ("failed", "too_slow", 1)
    assert state_of(record) == "ready"  # it plays as one file
    assert services.converter.packaging_seconds == [270, 540, 540]  # the first time, half was left to the MP3
    assert {message.event_id for message in told(services)} == {f"audio.ready:{video.file_id}:{video.generation}"}


async def test_it_succeeds_the_second_time(services: MemoryServices) -> None:
    services.converter.hls_problem = RunFailed("attempts_exhausted")
    video = await a_video(services)
    with pytest.raises(Unavailable):
        await convert_video(services, order(video))
    services.converter.hls_problem = None
    await convert_video(services, order(video))
    record = await record_of(services, video)
    assert (record.hls.state, services.converter.examined, services.converter.extracted) == ("ready", 1, 1)


async def test_a_bucket_that_cannot_be_reached_counts_no_attempt(services: MemoryServices) -> None:
    services.converter.hls_problem = Unavailable("The bucket is away.")
    video = await a_video(services)
    with pytest.raises(Unavailable):
        await convert_video(services, order(video))
    record = await record_of(services, video)
    assert (record.attempts, record.hls.state, record.audio.state) == (0, "queued", "queued")


async def test_off_and_on_request_package_nothing_by_themselves(services: MemoryServices) -> None:
    for mode in ("off", "on_request"):
        services.conversion = replace(CONVERSION, hls=mode)  # type: ignore[arg-type]
        video = await a_video(services, f"{mode}.mp4")
        await convert_video(services, order(video))
        record = await record_of(services, video)
        assert (record.hls.state, state_of(record)) == ("none", "ready")


async def test_a_request_packages_and_announces_no_mp3_again(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, hls="on_request")
    video = await a_video(services)
    await convert_video(services, order(video))
    before = len(told(services))
    await convert_video(services, order(video, hls_request=1))
    record = await record_of(services, video)
    assert (record.hls.state, record.hls.request, len(told(services))) == ("ready", 1, before)
    assert (services.converter.examined, services.converter.extracted) == (1, 1)


async def test_what_exceeds_the_file_is_counted_and_bounded(services: MemoryServices) -> None:
    video = await a_video(services)  # of 200 bytes
    services.converter.hls = bytes(600)
    await convert_video(services, order(video))
    record = await record_of(services, video)
    assert record.hls.bytes > 600
    assert record.extra_bytes == record.hls.bytes - video.size
    other = await a_video(services, "b.mp4")
    services.conversion = replace(services.conversion, derived_percent=50)  # 500 of the 1000 bytes that may be stored
    await convert_video(services, order(other))
    record = await record_of(services, other)
    assert (record.hls.state, record.hls.reason, record.audio.state) == ("failed", "no_room", "ready")


async def test_a_purge_removes_what_was_packaged(services: MemoryServices) -> None:
    video = await a_video(services)
    await convert_video(services, order(video))
    await remove_derived(services, "ada", video.file_id)
    assert services.derived_objects.objects == {}


async def test_a_day_that_is_used_up_says_from_when_on_it_can_be_requested(services: MemoryServices) -> None:
    services.conversion = replace(services.conversion, day_seconds=540)
    await convert_video(services, order(await a_video(services, "a.mp4")))
    video = await a_video(services, "b.mp4")
    await convert_video(services, order(video))
    hls = (await record_of(services, video)).hls
    assert (hls.state, hls.reason, hls.retry_at) == ("failed", "day_used_up", services.policy.next_day_starts(services.now()))


async def test_a_run_that_has_lost_its_lease_leaves_the_index_alone(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    video, bucket = await a_video(services), services.derived_objects
    put, held_up = bucket.put, []

    async def put_slowly(name: str, content_type: str, data: bytes) -> None:
        await put(name, content_type, data)
        if name.endswith("v0.mp4") and not held_up:
            held_up.append(name)
            services.clock.advance(seconds=LEASE.total_seconds() + 1)
            assert await convert_video(services, order(video)) == "ready"

    monkeypatch.setattr(bucket, "put", put_slowly)
    with pytest.raises(Unavailable, match="taken over"):
        await convert_video(services, order(video))
    written = [name.rpartition("/")[2] for name in bucket.written if "/hls/" in name]
    assert written == ["v0.mp4", "v0.mp4", "thumbs.jpg", "index.json"]
