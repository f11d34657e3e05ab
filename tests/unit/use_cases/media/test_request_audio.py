"""Asking for an MP3 by hand: the order survives whatever dies around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reelgate.domain import errors
from reelgate.domain.books.messages import Message
from reelgate.domain.books.video import Video
from reelgate.domain.media.conversion import LEASE, ORDER_AGAIN_AFTER, CannotConvert, RunFailed
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.ports.media import Examined
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.media.request_audio import request_audio
from reelgate.use_cases.upkeep.sweep import LEFT_BEHIND_AFTER, empty_outbox
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.conversions import a_video, killed_run, order, record_of
from tests.fixtures.memory_services import ADA, BOB, CONVERSION, MemoryServices

ON_REQUEST = replace(CONVERSION, automatic=False)


def orders(services: MemoryServices) -> list[Message]:
    return [message for message in services.events.published if message.type == "audio.requested"]


async def state(services: MemoryServices, video: Video) -> str:
    return (await record_of(services, video)).audio.state


async def test_the_first_request_orders_it_and_shows_that_it_waits(services: MemoryServices) -> None:
    video = await a_video(services)
    requested = await request_audio(services, ADA, by_name("a.mp4"))
    assert (requested.ordered, requested.record.audio.state) == (True, "queued")
    assert await state(services, video) == "queued"
    [message] = orders(services)
    assert (message.topic, message.event_id) == ("videos", f"audio.requested:{video.file_id}:{video.generation}:1")
    assert message.data == {
        "file_id": video.file_id,
        "filename": "a.mp4",
        "generation": str(video.generation),
        "request": 1,
    }
    assert await services.kinds() == ["reserve", "commit"]  # no movement in the books


async def test_the_order_is_carried_out_once_however_often_it_comes(services: MemoryServices) -> None:
    services.conversion = ON_REQUEST
    video = await a_video(services)
    await request_audio(services, ADA, by_name("a.mp4"))
    [message] = orders(services)
    for _ in range(2):
        assert await convert_video(services, order(video, request=message.data["request"])) == "ready"
    again = await request_audio(services, ADA, by_name("a.mp4"))
    assert (again.ordered, again.record.audio.state) == (False, "ready")
    assert (services.converter.extracted, len(orders(services))) == (1, 1)


async def test_what_is_under_way_is_not_ordered_again(services: MemoryServices) -> None:
    video = await a_video(services)
    await killed_run(services, video)
    asked = await request_audio(services, ADA, by_name("a.mp4"))
    assert (asked.ordered, asked.record.audio.state) == (False, "running")
    services.clock.advance(seconds=LEASE.total_seconds())  # the run is dead, and perhaps its message with it
    assert (await request_audio(services, ADA, by_name("a.mp4"))).ordered
    assert await convert_video(services, order(video, request=orders(services)[0].data["request"])) == "ready"


async def test_an_order_while_the_file_is_only_looked_into_counts(services: MemoryServices) -> None:
    services.conversion = ON_REQUEST
    video = await a_video(services)
    asked: list[bool] = []
    examine = services.converter.examine

    async def meanwhile(*args: Any, **more: Any) -> Examined:
        asked.append((await request_audio(services, ADA, by_name("a.mp4"))).ordered)
        return await examine(*args, **more)

    services.converter.examine = meanwhile  # type: ignore[method-assign]
    assert await convert_video(services, order(video)) == "queued"
    services.converter.examine = examine  # type: ignore[method-assign]
    assert asked == [True]
    [message] = orders(services)  # which was refused meanwhile
    assert await convert_video(services, order(video, request=message.data["request"])) == "ready"
    record = await record_of(services, video)
    assert (services.converter.examined, services.converter.extracted, record.attempts) == (1, 1, 1)


async def test_one_that_waits_is_sent_again_as_the_same(services: MemoryServices) -> None:
    await a_video(services)
    for _ in range(3):
        assert (await request_audio(services, ADA, by_name("a.mp4"))).ordered
        services.clock.advance(seconds=ORDER_AGAIN_AFTER.total_seconds())
    assert len(orders(services)) == 3
    assert len({message.event_id for message in orders(services)}) == 1


async def test_one_that_waits_is_sent_once_a_minute_however_often_it_is_requested(services: MemoryServices) -> None:
    await a_video(services)
    for _ in range(100):
        requested = await request_audio(services, ADA, by_name("a.mp4"))
        assert (requested.ordered, requested.record.audio.state) == (True, "queued")
        services.clock.advance(seconds=1)
    assert len(orders(services)) == 2


async def test_a_new_request_is_sent_at_once(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, attempts=1)
    video = await a_video(services)
    await request_audio(services, ADA, by_name("a.mp4"))
    services.converter.problem = RunFailed("too_slow")
    await convert_video(services, order(video, request=1))
    await request_audio(services, ADA, by_name("a.mp4"))
    assert [message.data["request"] for message in orders(services)] == [1, 2]


async def test_a_failed_one_starts_afresh(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, attempts=1)
    video = await a_video(services)
    services.converter.problem = RunFailed("too_slow")
    await convert_video(services, order(video))
    requested = await request_audio(services, ADA, by_name("a.mp4"))
    assert (requested.record.audio.state, requested.record.attempts, requested.record.audio.reason) == ("queued", 0, None)
    services.converter.problem = None
    assert await convert_video(services, order(video, request=1)) == "ready"


async def test_what_can_never_be_is_refused_with_the_reason(services: MemoryServices) -> None:
    video = await a_video(services)
    services.converter.problem = CannotConvert("broken_file")
    await convert_video(services, order(video))
    with pytest.raises(errors.AudioImpossible) as refused:
        await request_audio(services, ADA, by_name("a.mp4"))
    assert refused.value.reason == "broken_file"
    assert orders(services) == []


async def test_an_order_that_was_not_sent_is_sent_by_the_sweep(services: MemoryServices) -> None:
    await a_video(services)
    services.events.unavailable = True
    assert (await request_audio(services, ADA, by_name("a.mp4"))).ordered
    services.events.unavailable = False
    services.clock.advance(seconds=LEFT_BEHIND_AFTER.total_seconds() + 1)
    await empty_outbox(services, until=services.now() + LEFT_BEHIND_AFTER)
    assert len(orders(services)) == 1


async def test_the_order_counts_even_if_the_record_cannot_be_written(services: MemoryServices) -> None:
    video = await a_video(services)
    change = services.derived_media.change

    async def lost(*_: object) -> DerivedMedia | None:
        raise errors.Unavailable("not now")

    services.derived_media.change = lost  # type: ignore[assignment, method-assign]
    assert (await request_audio(services, ADA, by_name("a.mp4"))).record.audio.state == "queued"
    services.derived_media.change = change  # type: ignore[method-assign]
    assert await convert_video(services, order(video, request=orders(services)[0].data["request"])) == "ready"


async def test_only_for_one_s_own_finished_files(services: MemoryServices) -> None:
    await a_video(services)
    with pytest.raises(errors.UserStorageNotFound):
        await request_audio(services, BOB, by_name("a.mp4"))
    with pytest.raises(errors.VideoNotFound):
        await request_audio(services, ADA, by_name("b.mp4"))
