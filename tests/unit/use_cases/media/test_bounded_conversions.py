"""What one user makes the deployment convert and store is bounded, whatever they upload and however often they ask."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.adapters.documents.document_store import Address, Write
from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.audio import MAX_EXPENSIVE_REQUESTS
from reelgate.domain.media.conversion import RunFailed
from reelgate.use_cases.media.conversion.convert_video import convert_video, remove_derived
from reelgate.use_cases.media.issue_audio_url import issue_audio_url
from reelgate.use_cases.media.request_audio import request_audio
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_name
from tests.doubles.scripted_converter import FACTS, JPEG
from tests.fixtures.conversions import FILE, a_video, killed_run, order, record_of, told
from tests.fixtures.memory_services import ADA, BOB, CONVERSION, POLICY, MemoryServices
from tests.fixtures.store_calls import StoreCalls

KIB = 1024
LIMIT = 50 * KIB
RULES = replace(CONVERSION, audio_floor_bytes=8 * KIB, poster_bytes=KIB)
"""The default bounds, in KiB instead of MiB."""


@pytest.fixture
def services() -> MemoryServices:
    limits = replace(POLICY.default_limits, storage_bytes=LIMIT, daily_bytes=1 << 40)
    policy = replace(POLICY, default_limits=limits, max_file_bytes=1 << 40, max_open_uploads=10_000)
    return MemoryServices(policy=policy, conversion=RULES)


def derived_bytes(services: MemoryServices) -> int:
    return sum(len(data) for _, data in services.derived_objects.objects.values())


async def seconds_today(services: MemoryServices, uid: str = "ada") -> int:
    return await services.derived_media.seconds_of_day(uid, services.policy.day_of(services.now()))


async def ordered_again(services: MemoryServices, video: Video) -> str:
    """Request the MP3 and carry the request out as often as Pub/Sub delivers it."""
    await request_audio(services, ADA, by_name(video.filename))
    message = services.events.published[-1]
    for _ in range(CONVERSION.attempts):
        try:
            return await convert_video(services, order(video, request=message.data["request"]))
        except Unavailable:
            pass
    raise AssertionError("the request never ends")


# Bytes


async def test_many_small_files_have_no_more_derived_bytes_than_there_may_be(services: MemoryServices) -> None:
    """1,760 files of 29 KB fill 50 MiB, and each may have an MP3 of 8 MiB: after the sixth, the others get none."""
    services.converter.mp3 = bytes(8 * KIB)
    made, data = [], FILE[:29]
    for number in range(100):
        video = await a_video(services, f"{number}.mp4", data)
        made.append(await convert_video(services, order(video)))
    assert made.count("ready") == 6
    assert derived_bytes(services) <= 100 * len(data) + LIMIT
    assert await services.derived_media.extra_bytes("ada") <= LIMIT
    record = await record_of(services, video)
    assert (record.audio.state, record.audio.reason) == ("failed", "no_room")
    with pytest.raises(errors.AudioNotReady, match="take up all the room") as refused:
        await issue_audio_url(services, ADA, by_name("99.mp4"))
    assert "DELETE /v1/trash" in (refused.value.hint or "")


async def test_room_is_made_by_purging(services: MemoryServices) -> None:
    services.converter.mp3 = bytes(8 * KIB)
    videos = [await a_video(services, f"{number}.mp4") for number in range(7)]
    states = [await convert_video(services, order(video)) for video in videos]
    assert states == ["ready"] * 6 + ["failed"]
    await delete_video(services, ADA, by_name("0.mp4"))
    assert await ordered_again(services, videos[-1]) == "failed"  # the trash keeps its MP3s
    await purge_video(services, "ada", videos[0].file_id)
    await remove_derived(services, "ada", videos[0].file_id)
    assert await ordered_again(services, videos[-1]) == "ready"


async def test_posters_of_tiny_files_need_room_too(services: MemoryServices) -> None:
    services.converter.poster, services.converter.facts = bytes(KIB), replace(FACTS, audio_codec=None)
    services.converter.no_sound = "no_audio_track"
    for number in range(80):
        await convert_video(services, order(await a_video(services, f"{number}.mp4", FILE[:40])))
    posters = len(services.derived_objects.objects)
    assert posters == LIMIT // (KIB - 40)
    assert derived_bytes(services) <= 80 * 40 + LIMIT
    last = (await services.derived_media.get("ada", *[video.file_id for video in await all_videos(services)])).values()
    assert sorted({record.poster for record in last}) == ["failed", "ready"]


async def all_videos(services: MemoryServices) -> list[Video]:
    return list((await services.books.videos("ada", limit=1000)).items)


async def test_the_own_limit_of_a_user_counts(services: MemoryServices) -> None:
    services.converter.mp3 = bytes(8 * KIB)
    first = await a_video(services)
    address = Address(("users",), "ada")
    account = (await services.books_store.get(address))[address]
    await services.books_store.commit([Write(address, {**account.fields, "storage_limit": 10 * KIB})])
    assert await convert_video(services, order(first)) == "ready"
    assert await convert_video(services, order(await a_video(services, "b.mp4"))) == "failed"


@pytest.mark.parametrize(("percent", "made"), [(0, 0), (50, 3), (100, 6), (200, 12)])
async def test_an_operator_sets_how_much_room_there_is(services: MemoryServices, percent: int, made: int) -> None:
    services.converter.mp3 = bytes(8 * KIB)
    services.conversion = replace(RULES, derived_percent=percent)
    states = [await convert_video(services, order(await a_video(services, f"{number}.mp4"))) for number in range(14)]
    assert states.count("ready") == made


async def test_an_ordinary_video_asks_for_no_room(services: MemoryServices) -> None:
    """37 MiB in a minute: its MP3 is far smaller, so one read tells whether it may be converted, and no other is needed."""
    size = 37 * KIB * KIB
    services.policy = replace(
        services.policy, default_limits=replace(services.policy.default_limits, storage_bytes=1 << 30, daily_bytes=1 << 30)
    )
    services.converter.facts = replace(FACTS, duration_seconds=60.0, width=1280, height=720, channels=2)
    video = await a_video(services, data=FILE + bytes(size - len(FILE)))
    calls = StoreCalls(services.media_store)
    assert await convert_video(services, order(video)) == "ready"
    assert [name for name, _ in calls.take()] == ["aggregate", "commit", "commit"]
    assert services.converter.bounds == [size - len(JPEG)]


@pytest.mark.parametrize(
    ("size", "seconds", "bound"),
    [
        (1024, 60.0, 8 * KIB),  # more than the file, but not more than is small
        (20 * KIB, 60.0, 40 * KIB),  # twice the file
        (20 * KIB, None, 40 * KIB),
        (100 * KIB, 0.05, 100 * KIB - len(JPEG)),  # so short that it fits into its file
    ],
)
async def test_the_bound_of_an_mp3_follows_from_its_file(
    services: MemoryServices, size: int, seconds: float | None, bound: int
) -> None:
    services.policy = replace(services.policy, default_limits=replace(services.policy.default_limits, storage_bytes=KIB * KIB))
    services.converter.facts = replace(FACTS, duration_seconds=seconds)
    await convert_video(services, order(await a_video(services, data=FILE + bytes(size - len(FILE)))))
    assert services.converter.bounds == [bound]


async def test_what_would_be_too_large_for_its_file_is_never_asked_for_again(services: MemoryServices) -> None:
    services.converter.mp3 = bytes(9 * KIB)
    assert await convert_video(services, order(await a_video(services))) == "skipped"
    assert [message.data["reason"] for message in told(services)] == ["out_of_proportion"]
    with pytest.raises(errors.AudioImpossible, match="plays so long for its size"):
        await request_audio(services, ADA, by_name("a.mp4"))


# Time


async def test_a_late_order_for_a_purged_file_leaves_no_record_when_the_day_is_used_up(services: MemoryServices) -> None:
    video = await a_video(services)
    await killed_run(services, await a_video(services, "b.mp4"))
    services.conversion = replace(RULES, day_seconds=RULES.deadline_seconds)
    services.clock.advance(seconds=200)  # the dead run's lease is over; its seconds stay charged
    assert await convert_video(services, order(video)) == "failed"
    await delete_video(services, ADA, by_name("a.mp4"))
    assert await convert_video(services, order(video)) == "failed"  # it may be restored
    await purge_video(services, "ada", video.file_id)
    await remove_derived(services, "ada", video.file_id)
    announced = len(told(services))
    assert await convert_video(services, order(video)) == "gone"
    assert await services.derived_media.get("ada", video.file_id) == {}
    assert len(told(services)) == announced


async def test_a_day_has_so_many_seconds_and_no_more(services: MemoryServices) -> None:
    """Each run takes 211 seconds, as the bomb's did."""

    async def work() -> None:
        services.clock.advance(seconds=211)

    services.converter.meanwhile, services.converter.percents = work, ()
    videos = [await a_video(services, f"{number}.mp4") for number in range(30)]
    states = [await convert_video(services, order(video)) for video in videos]
    assert states == ["ready"] * 15 + ["failed"] * 15  # as long as a whole run fits in
    assert await seconds_today(services) == 15 * 211 <= RULES.day_seconds
    record = await record_of(services, videos[-1])
    assert (record.audio.reason, record.attempts, record.examination_reason) == ("day_used_up", 0, "day_used_up")
    assert [message.data["reason"] for message in told(services)[15:]] == ["day_used_up"] * 15
    midnight = services.policy.next_day_starts(services.now())
    assert record.audio.retry_at == midnight

    with pytest.raises(errors.TooManyConversions, match="converted today") as refused:
        await request_audio(services, ADA, by_name("29.mp4"))
    assert refused.value.retry_at == midnight
    services.clock.advance(seconds=(midnight - services.now()).total_seconds())
    assert await ordered_again(services, videos[-1]) == "ready"
    assert (await record_of(services, videos[-1])).facts == FACTS


async def test_runs_that_die_stay_charged(services: MemoryServices) -> None:
    for number in range(6):
        await killed_run(services, await a_video(services, f"{number}.mp4"))
        services.clock.advance(seconds=130)
    assert await seconds_today(services) == 6 * RULES.deadline_seconds
    assert await convert_video(services, order(await a_video(services, "one-more.mp4"))) == "failed"


async def test_purging_gives_no_time_back(services: MemoryServices) -> None:
    video = await a_video(services)
    await convert_video(services, order(video))
    before = await seconds_today(services)
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    for _ in range(2):
        await remove_derived(services, "ada", video.file_id)
    assert await seconds_today(services) == before > 0
    services.clock.advance(seconds=86_400)
    assert await seconds_today(services) == 0


async def test_files_that_were_purged_before_their_turn_take_no_time(services: MemoryServices) -> None:
    for number in range(RULES.day_seconds // RULES.deadline_seconds + 2):
        video = await a_video(services, f"{number}.mp4")
        await delete_video(services, ADA, by_name(video.filename))
        await purge_video(services, "ada", video.file_id)
        assert await convert_video(services, order(video)) == "gone"
    assert await seconds_today(services) == number + 1
    assert await convert_video(services, order(await a_video(services))) == "ready"


async def test_a_late_message_about_a_purged_file_gives_no_time_back(services: MemoryServices) -> None:
    async def work() -> None:
        services.clock.advance(seconds=100)

    services.converter.meanwhile = work
    video = await a_video(services)
    await convert_video(services, order(video))
    before = await seconds_today(services)
    await delete_video(services, ADA, by_name(video.filename))
    await purge_video(services, "ada", video.file_id)
    await remove_derived(services, "ada", video.file_id)
    assert await convert_video(services, order(video)) == "gone"
    assert await seconds_today(services) == before + 1 > 100


async def test_too_slow_ends_for_good(services: MemoryServices) -> None:
    """Three runs a round, each as long as one may be: it ends with the day's time, and later with the file's requests."""

    async def work() -> None:
        services.clock.advance(seconds=RULES.deadline_seconds)
        raise RunFailed("too_slow")

    services.converter.meanwhile = work
    video = await a_video(services)
    for _ in range(CONVERSION.attempts - 1):
        with pytest.raises(Unavailable):
            await convert_video(services, order(video))
    assert await convert_video(services, order(video)) == "failed"
    days = 1
    while (await record_of(services, video)).impossible is None:
        try:
            await ordered_again(services, video)
        except errors.TooManyConversions as wait:
            assert await seconds_today(services) <= RULES.day_seconds
            services.clock.advance(seconds=(wait.retry_at - services.now()).total_seconds())
            days += 1
    assert days == 2
    assert (await record_of(services, video)).expensive_requests == MAX_EXPENSIVE_REQUESTS
    assert services.converter.extracted <= (1 + MAX_EXPENSIVE_REQUESTS) * CONVERSION.attempts
    with pytest.raises(errors.AudioImpossible, match="took too long"):
        await request_audio(services, ADA, by_name("a.mp4"))


# Turns


async def test_one_user_s_queue_does_not_stop_the_others(services: MemoryServices) -> None:
    go_on, under_way = asyncio.Event(), asyncio.Semaphore(0)

    async def wait() -> None:
        under_way.release()
        await go_on.wait()

    services.converter.meanwhile = wait
    videos = [await a_video(services, f"{number}.mp4") for number in range(20)]
    his = await a_video_of_bob(services)
    runs = [asyncio.create_task(convert_video(services, order(video))) for video in videos[:2]]
    for _ in runs:
        await under_way.acquire()
    for video in videos[2:]:
        calls = StoreCalls(services.media_store)
        with pytest.raises(Unavailable, match="Other files of this user"):
            await convert_video(services, order(video))
        assert [name for name, _ in calls.take()] == ["aggregate", "aggregate"]  # and nothing is written
    bob = asyncio.create_task(convert_video(services, order(his)))
    await under_way.acquire()
    go_on.set()
    assert await asyncio.gather(*runs, bob) == ["ready"] * 3
    assert [await convert_video(services, order(video)) for video in videos[2:]] == ["ready"] * 18


async def a_video_of_bob(services: MemoryServices) -> Video:
    granted = await services.grant("b.mp4", len(FILE), caller=BOB)
    finished = await finish_upload(services, services.send(granted, FILE))
    assert finished.video is not None
    return finished.video


async def test_a_run_that_died_gives_up_its_turn_with_its_lease(services: MemoryServices) -> None:
    services.conversion = replace(RULES, runs_at_once=1)
    await killed_run(services, await a_video(services))
    other = await a_video(services, "b.mp4")
    with pytest.raises(Unavailable, match="Other files"):
        await convert_video(services, order(other))
    services.clock.advance(seconds=timedelta(seconds=121).total_seconds())
    assert await convert_video(services, order(other)) == "ready"


async def test_where_a_run_may_give_time_back_the_next_one_waits(services: MemoryServices) -> None:
    """A day with time for one whole run: two files at once are not one too many."""
    services.conversion = replace(RULES, day_seconds=RULES.deadline_seconds + 60)
    other = await a_video(services, "b.mp4")
    refused: list[str] = []

    async def meanwhile() -> None:
        services.converter.meanwhile = nothing
        with pytest.raises(Unavailable) as error:
            await convert_video(services, order(other))
        refused.append(error.value.detail)

    services.converter.meanwhile = meanwhile
    assert await convert_video(services, order(await a_video(services))) == "ready"
    assert refused == ["Other files of this user are being converted."]
    assert await convert_video(services, order(other)) == "ready"


async def nothing() -> None:
    pass
