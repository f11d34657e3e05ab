"""Smaller renditions are made in as many runs as it takes: once, within bounds, whatever dies or comes twice meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from reelgate.domain.books.video import Video
from reelgate.domain.errors import TooManyConversions, Unavailable
from reelgate.domain.media.conversion import LEASE, RunFailed
from reelgate.domain.media.derived_media import state_of
from reelgate.domain.media.packaging import CannotPackage, Hls, HlsReason, RenditionSize
from reelgate.domain.media.transcoding import Transcoding
from reelgate.domain.playback.segment_index import Rendition, SegmentIndex
from reelgate.use_cases.media.conversion.convert_video import convert_video, remove_derived
from reelgate.use_cases.media.renditions.make_renditions import carry_out
from reelgate.use_cases.media.request_hls import request_hls
from reelgate.use_cases.videos.delete_video import delete_video, purge_video, restore_video
from reelgate.use_cases.videos.find_video import by_name
from tests.doubles.scripted_converter import FACTS
from tests.fixtures.conversions import a_video, order, record_of, told
from tests.fixtures.dying_services import Dying
from tests.fixtures.memory_services import ADA, CONVERSION, MemoryServices
from tests.fixtures.store_calls import StoreCalls

RULES = replace(CONVERSION, hls="automatic", renditions=("240p", "480p"), shard_seconds=4)
SHARDS = 2
"""Of each rendition: the packaged video has two segments."""
STEPS = {
    "derived_objects": ("put", "read", "compose", "remove_all"),
    "media_store": ("get", "commit", "aggregate"),
    "books": ("read",),
}


@pytest.fixture(autouse=True)
def both(services: MemoryServices) -> None:
    services.conversion = RULES
    services.converter.facts = replace(FACTS, width=1280, height=720)


def folder(video: Video) -> str:
    return f"{video.uid}/{video.file_id}/{video.generation}/hls/"


def there(services: MemoryServices, video: Video) -> list[str]:
    return sorted(name.removeprefix(folder(video)) for name in services.derived_objects.objects if folder(video) in name)


def renditions(services: MemoryServices, video: Video) -> tuple[Rendition, ...]:
    return SegmentIndex.from_json(services.derived_objects.objects[f"{folder(video)}index.json"][1]).renditions


def content(services: MemoryServices, video: Video, name: str) -> bytes:
    return services.derived_objects.objects[f"{folder(video)}{name}"][1]


async def delivered(services: MemoryServices, video: Video, times: int = 20, **more: object) -> int:
    """Deliver an order as Pub/Sub does, and return how often it took."""
    for number in range(1, times + 1):
        try:
            await carry_out(services, order(video, **more))
        except Unavailable:
            continue
        return number
    raise AssertionError("the order never ends")


def interrupt(services: MemoryServices, act: Callable[[], Awaitable[None]], *, shard: int) -> None:
    """Let something happen in the middle of the shard with this number, counted over all renditions."""

    async def meanwhile() -> None:
        if len(services.converter.shards) == shard + 1:
            await act()

    services.converter.meanwhile = meanwhile


async def test_both_are_made_and_players_see_them_in_the_index(services: MemoryServices) -> None:
    video = await a_video(services)
    assert await carry_out(services, order(video)) == "ready"
    assert there(services, video) == ["index.json", "thumbs.jpg", "v0.mp4", "v1.mp4", "v2.mp4"]
    assert content(services, video, "v1.mp4") == b"moovshard 0 of 240shard 1 of 240"
    original, small, middle = renditions(services, video)
    assert (original.name, small.name, middle.name) == ("v0", "v1", "v2")
    assert (small.width, small.height, small.init_size, small.frame_rate) == (426, 240, 4, 24.0)
    assert [content(services, video, "v1.mp4")[at : at + size] for at, size, _ in _places(small)] == [
        b"shard 0 of 240",
        b"shard 1 of 240",
    ]
    record = await record_of(services, video)
    assert record.hls.renditions[1:] == (
        RenditionSize(name="v1", width=426, height=240, size=32),
        RenditionSize(name="v2", width=854, height=480, size=32),
    )
    sizes = [len(data) for name, (_, data) in services.derived_objects.objects.items() if "/hls/" in name]
    assert (record.hls.bytes, record.transcoding) == (sum(sizes), Transcoding(state="ready"))
    assert (record.lease, state_of(record), record.attempts) == (None, "ready", 1)


def _places(rendition: Rendition) -> list[tuple[int, int, int]]:
    return [(one.offset, one.size, one.milliseconds) for one in rendition.segments]


async def test_each_shard_is_given_the_segment_before_it_and_what_the_first_one_returned(services: MemoryServices) -> None:
    video = await a_video(services)
    await carry_out(services, order(video))
    first, second = services.converter.shards[:SHARDS]
    assert (first.number, first.lead_bytes, first.starts) == (0, 20, ())
    assert (second.number, second.lead_bytes, second.starts) == (1, 20 + 50, (0.0, -0.02))
    assert (first.width, first.height, first.encoder) == (426, 240, "libx264")


async def test_off_by_default_and_then_an_order_costs_what_it_did(services: MemoryServices) -> None:
    services.conversion = replace(RULES, renditions=())
    costs = []
    for carry in (convert_video, carry_out):
        video = await a_video(services, f"{carry.__name__}.mp4")
        calls = StoreCalls(services.media_store)
        await carry(services, order(video))
        costs.append(calls.take())
    assert costs[0] == costs[1]
    assert not services.converter.shards


async def test_only_what_is_smaller_than_the_video(services: MemoryServices) -> None:
    services.converter.facts = replace(FACTS, width=360, height=640)
    video = await a_video(services)
    await carry_out(services, order(video))
    assert [(one.width, one.height) for one in renditions(services, video)] == [(360, 640), (240, 426)]


async def test_a_video_that_is_not_packaged_has_none(services: MemoryServices) -> None:
    services.converter.hls_problem = CannotPackage("codec")
    video = await a_video(services)
    await carry_out(services, order(video))
    assert ((await record_of(services, video)).transcoding, services.converter.shards) == (Transcoding(), [])


async def test_duplicates_make_nothing_again(services: MemoryServices) -> None:
    video = await a_video(services)
    for _ in range(3):
        await carry_out(services, order(video))
    assert (len(services.converter.shards), services.converter.packaged) == (2 * SHARDS, 1)


async def test_a_run_does_what_fits_and_the_message_is_delivered_again(services: MemoryServices) -> None:
    async def slowly() -> None:
        if services.converter.shards:
            services.clock.advance(seconds=200)

    services.converter.meanwhile = slowly
    video = await a_video(services)
    with pytest.raises(Unavailable, match="more to be done"):  # 200 s and 200 s: no third one in 540 s
        await carry_out(services, order(video))
    assert [(one.number, one.height) for one in services.converter.shards] == [(0, 240), (1, 240)]
    record = await record_of(services, video)
    assert (record.transcoding.state, record.transcoding.attempts, record.lease) == ("queued", 0, None)
    assert (record.run_seconds, state_of(record)) == (401, "ready")  # a second at least for what came before
    assert [one.name for one in renditions(services, video)] == ["v0", "v1"]
    assert await delivered(services, video) == 1
    assert [one.name for one in renditions(services, video)] == ["v0", "v1", "v2"]
    assert len(services.converter.shards) == 2 * SHARDS
    assert len({message.event_id for message in told(services)}) == 1


async def test_what_takes_most_of_a_run_leaves_renditions_to_another(services: MemoryServices) -> None:
    async def slowly() -> None:
        services.clock.advance(seconds=300)

    services.converter.meanwhile = slowly
    video = await a_video(services)
    with pytest.raises(Unavailable):
        await carry_out(services, order(video))
    assert (services.converter.shards, (await record_of(services, video)).audio.state) == ([], "ready")


@pytest.mark.parametrize("shard", range(2 * SHARDS))
async def test_a_run_that_dies_loses_one_shard(services: MemoryServices, shard: int) -> None:
    class Killed(BaseException):
        pass

    async def die() -> None:
        raise Killed

    interrupt(services, die, shard=shard)
    video = await a_video(services)
    with pytest.raises(Killed):
        await carry_out(services, order(video))
    with pytest.raises(Unavailable, match="Another run"):
        await carry_out(services, order(video))
    services.clock.advance(seconds=LEASE.total_seconds())
    await carry_out(services, order(video))
    assert len(services.converter.shards) == 2 * SHARDS + 1
    assert there(services, video) == ["index.json", "thumbs.jpg", "v0.mp4", "v1.mp4", "v2.mp4"]
    assert content(services, video, "v2.mp4") == b"moovshard 0 of 480shard 1 of 480"


@pytest.mark.parametrize("after", [False, True])
async def test_dying_at_any_step_ends_in_the_same(after: bool) -> None:
    """Every call to the bucket, the records and the books is the last one of a process once, with or without its effect."""
    results, step = set(), 0
    while True:
        step += 1
        services = MemoryServices(conversion=RULES)
        services.converter.facts = replace(FACTS, width=1280, height=720)
        video = await a_video(services)
        await convert_video(services, order(video))
        with Dying(services, at=step, after=after, steps=STEPS) as dying:
            await carry_out(services, order(video))
        services.clock.advance(seconds=LEASE.total_seconds())
        await delivered(services, video)
        record = await record_of(services, video)
        assert len(services.converter.shards) <= 2 * SHARDS + 1
        results.add((*there(services, video), record.hls, record.transcoding, content(services, video, "v2.mp4")))
        if not dying.died:
            break
    assert step > 20
    assert len({replace_time(result) for result in results}) == 1


def replace_time(result: tuple[object, ...]) -> tuple[object, ...]:
    """Return a result without the time at which the video was packaged."""
    return tuple(replace(part, ready_at=None) if isinstance(part, Hls) else part for part in result)


@pytest.mark.parametrize("reason", ["too_slow", "attempts_exhausted"])
async def test_what_fails_is_tried_as_often_as_the_rules_say(services: MemoryServices, reason: HlsReason) -> None:
    services.converter.shard_problem = RunFailed("too_slow" if reason == "too_slow" else "attempts_exhausted")
    video = await a_video(services)
    assert await delivered(services, video) == RULES.attempts
    record = await record_of(services, video)
    assert (record.transcoding.state, record.transcoding.reason, state_of(record)) == ("failed", reason, "ready")
    services.converter.shard_problem = None
    assert await delivered(services, video) == 1  # the same message again changes nothing
    assert len(renditions(services, video)) == 1
    assert await delivered(services, video, hls_request=1) == 1  # a request does
    assert len(renditions(services, video)) == 3


async def test_a_file_that_kills_every_run_is_given_up(services: MemoryServices) -> None:
    class Killed(BaseException):
        pass

    async def die() -> None:
        if services.converter.shards:
            raise Killed

    services.converter.meanwhile = die
    video = await a_video(services)
    for _ in range(RULES.attempts):
        with pytest.raises(Killed):
            await carry_out(services, order(video))
        services.clock.advance(seconds=LEASE.total_seconds())
    await carry_out(services, order(video))
    assert (await record_of(services, video)).transcoding.reason == "attempts_exhausted"
    assert len(services.converter.shards) == RULES.attempts


@pytest.mark.parametrize("reason", ["out_of_sync", "unsupported", "broken_file"])
async def test_what_cannot_be_encoded_is_tried_once_and_leaves_nothing(services: MemoryServices, reason: HlsReason) -> None:
    async def fail() -> None:
        raise CannotPackage(reason)

    interrupt(services, fail, shard=1)
    video = await a_video(services)
    await carry_out(services, order(video))
    record = await record_of(services, video)
    assert (record.transcoding.reason, record.hls.state) == (reason, "ready")
    if record.transcoding.state == "skipped":
        assert there(services, video) == ["index.json", "thumbs.jpg", "v0.mp4"]
        await delivered(services, video, hls_request=1)
        assert len(services.converter.shards) == SHARDS


async def test_what_is_not_smaller_than_the_original_is_left_out(services: MemoryServices) -> None:
    services.converter.padding = bytes(40)  # 58 bytes and 54, of a video of 100
    video = await a_video(services)
    await carry_out(services, order(video))
    record = await record_of(services, video)
    assert (record.transcoding.state, record.transcoding.reason) == ("skipped", "out_of_proportion")
    assert (there(services, video), len(services.converter.shards)) == (["index.json", "thumbs.jpg", "v0.mp4"], SHARDS)


async def test_another_version_of_the_encoder_does_not_go_on(services: MemoryServices) -> None:
    async def update() -> None:
        services.converter.configuration = "another"

    interrupt(services, update, shard=1)
    video = await a_video(services)
    await carry_out(services, order(video))
    assert (await record_of(services, video)).transcoding.reason == "unsupported"


async def test_a_purge_meanwhile_leaves_nothing(services: MemoryServices) -> None:
    async def purge() -> None:
        await delete_video(services, ADA, by_name("a.mp4"))
        await purge_video(services, "ada", video.file_id)
        await remove_derived(services, "ada", video.file_id)

    interrupt(services, purge, shard=1)
    video = await a_video(services)
    await carry_out(services, order(video))
    assert services.derived_objects.objects == {}
    assert await services.derived_media.get("ada", video.file_id) == {}


async def test_what_is_in_the_trash_goes_on_after_a_restore(services: MemoryServices) -> None:
    async def delete() -> None:
        await delete_video(services, ADA, by_name("a.mp4"))
        services.clock.advance(seconds=25)

    interrupt(services, delete, shard=1)
    video = await a_video(services)
    await carry_out(services, order(video))
    assert (await record_of(services, video)).transcoding.reason == "gone"
    services.converter.meanwhile = nothing
    await restore_video(services, ADA, video.file_id)
    await carry_out(services, order(video, restored=True))
    assert len(renditions(services, video)) == 3
    assert len(services.converter.shards) <= 2 * SHARDS + 1


async def nothing() -> None: ...


async def test_the_time_of_the_day_ends_it_until_somebody_asks_tomorrow(services: MemoryServices) -> None:
    services.conversion = replace(RULES, day_seconds=540 + 400)

    async def slowly() -> None:
        if services.converter.shards:
            services.clock.advance(seconds=250)

    services.converter.meanwhile = slowly
    video = await a_video(services)
    await delivered(services, video)
    record = await record_of(services, video)
    assert (record.transcoding.state, record.transcoding.reason) == ("failed", "day_used_up")
    assert record.transcoding.retry_at == services.policy.next_day_starts(services.now())
    done = len(services.converter.shards)
    assert 0 < done < 2 * SHARDS
    services.clock.advance(days=1)
    await delivered(services, video, hls_request=1)
    assert len(services.converter.shards) > done
    encoded = [(one.height, one.number) for one in services.converter.shards]
    assert encoded == [(240, 0), (240, 1), (480, 0), (480, 1)][: len(encoded)]


async def test_derived_bytes_stay_within_the_bound_of_the_user(services: MemoryServices) -> None:
    services.conversion = replace(RULES, derived_percent=0)
    video = await a_video(services)  # smaller than its packaged copy with the index
    await carry_out(services, order(video))
    record = await record_of(services, video)
    assert (record.transcoding.state, record.transcoding.reason) == ("failed", "no_room")
    assert there(services, video) == ["index.json", "thumbs.jpg", "v0.mp4"]


async def test_what_is_under_way_counts_towards_the_bound(services: MemoryServices) -> None:
    async def leave() -> None:
        raise Unavailable("The bucket is away.")

    interrupt(services, leave, shard=1)
    video = await a_video(services)
    with pytest.raises(Unavailable):
        await carry_out(services, order(video))
    record = await record_of(services, video)
    beyond = record.hls.bytes + record.transcoding.bytes - video.size
    assert record.transcoding.bytes == len(b"moovshard 0 of 240")
    assert record.extra_bytes == beyond > 0


async def test_the_settings_may_change_while_one_is_made(services: MemoryServices) -> None:
    async def leave() -> None:
        raise Unavailable("The bucket is away.")

    interrupt(services, leave, shard=1)
    video = await a_video(services)
    with pytest.raises(Unavailable):
        await carry_out(services, order(video))
    assert (await record_of(services, video)).transcoding.rendition == "v1"
    services.conversion = replace(RULES, renditions=("480p",))
    await carry_out(services, order(video))
    assert there(services, video) == ["index.json", "thumbs.jpg", "v0.mp4", "v2.mp4"]


async def test_what_is_no_longer_in_the_settings_is_given_up(services: MemoryServices) -> None:
    async def leave() -> None:
        raise Unavailable("The bucket is away.")

    interrupt(services, leave, shard=SHARDS + 1)
    video = await a_video(services)
    with pytest.raises(Unavailable):
        await carry_out(services, order(video))
    assert (await record_of(services, video)).transcoding.rendition == "v2"
    services.conversion = replace(RULES, renditions=("240p",))
    await carry_out(services, order(video))
    assert there(services, video) == ["index.json", "thumbs.jpg", "v0.mp4", "v1.mp4"]
    assert (await record_of(services, video)).transcoding == Transcoding(state="ready")


async def requested(services: MemoryServices, video: Video) -> int:
    """Ask for packaging, and return how many messages that sent."""
    before = len(services.events.published)
    await request_hls(services, ADA, by_name(video.filename))
    return len(services.events.published) - before


async def test_who_asks_for_packaging_gets_the_renditions_that_are_missing(services: MemoryServices) -> None:
    services.conversion = replace(RULES, renditions=())
    video = await a_video(services)
    await carry_out(services, order(video))
    assert await requested(services, video) == 0  # it is packaged, and there is no more
    services.conversion = RULES
    assert await requested(services, video) == 1
    message = services.events.published[-1]
    assert await requested(services, video) == 0  # once a minute
    await delivered(services, video, hls_request=message.data["request"])
    assert len(renditions(services, video)) == 3
    services.clock.advance(minutes=5)
    assert await requested(services, video) == 0


async def test_asking_on_a_day_that_is_used_up_says_when(services: MemoryServices) -> None:
    services.conversion = replace(RULES, day_seconds=540)
    video = await a_video(services)
    await carry_out(services, order(video))  # what came before has taken a second
    record = await record_of(services, video)
    assert record.transcoding.reason == "day_used_up"
    with pytest.raises(TooManyConversions):
        await requested(services, video)
    services.clock.advance(days=1)
    assert await requested(services, video) == 1
    await delivered(services, video, hls_request=services.events.published[-1].data["request"])
    assert len(renditions(services, video)) == 3
