"""One video, one MP3, one message: whatever comes twice, late, at the same time or never."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, Document, Write
from reelgate.adapters.records.derived_media import decode
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import LEASE, CannotConvert, Reason, RunFailed
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.ports.media import Extracted, RangeSource, Sink, Tick
from reelgate.ports.storage import MediaRanges
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.objects.finish_upload import finish_upload
from tests.doubles.memory_document_store import MemoryDocumentStore
from tests.doubles.scripted_converter import FACTS, JPEG, MP3, ScriptedConverter
from tests.fixtures.conversions import a_video, killed_run, order, record_of, told
from tests.fixtures.memory_services import CONVERSION, POLICY, MemoryServices


async def test_a_video_is_looked_into_and_gets_a_poster_and_an_mp3(services: MemoryServices) -> None:
    video = await a_video(services, title="Our holiday")
    assert await convert_video(services, order(video)) == "ready"
    record = await record_of(services, video)
    assert (record.facts, record.examination, record.poster) == (FACTS, "done", "ready")
    assert (record.audio.state, record.audio.size, record.audio.ready_at) == ("ready", 100, services.now())
    assert services.derived_objects.objects == {
        f"ada/{video.file_id}/{video.generation}/poster.jpg": ("image/jpeg", JPEG),
        f"ada/{video.file_id}/{video.generation}/audio.mp3": ("audio/mpeg", MP3),
    }
    assert services.converter.titles == ["Our holiday"]
    [message] = told(services)
    assert (message.event_id, message.topic, message.uid) == (
        f"audio.ready:{video.file_id}:{video.generation}",
        "videos",
        "ada",
    )
    assert message.data == {
        "file_id": video.file_id,
        "filename": "a.mp4",
        "generation": str(video.generation),
        "state": "ready",
        "size": 100,
        "duration_seconds": 10.0,
        "object": f"ada/{video.file_id}/{video.generation}/audio.mp3",
        "email": "ada@example.org",
    }


async def test_the_same_message_again_makes_nothing_again(services: MemoryServices) -> None:
    video = await a_video(services)
    for _ in range(4):
        assert await convert_video(services, order(video)) == "ready"
    assert (services.converter.examined, services.converter.extracted) == (1, 1)
    # The first repetition cannot know whether the run lived to send the message.
    assert [message.event_id for message in told(services)] == [f"audio.ready:{video.file_id}:{video.generation}"] * 2


async def test_another_message_about_a_finished_mp3_announces_nothing(services: MemoryServices) -> None:
    """Out of the trash after months, or requested once more: its owner has had the news."""
    video = await a_video(services)
    for one in (order(video), order(video, restored=True), order(video, request=1), order(video, request=2)):
        assert await convert_video(services, one) == "ready"
    assert len(told(services)) == 1


class Watched:
    """Documents that are asked for and written: the record, and those of the books."""

    def __init__(self, services: MemoryServices) -> None:
        self.records: list[DerivedMedia] = []
        self.reads: list[str] = []
        for store in (services.media_store, services.books_store):
            self._watch(store)

    def _watch(self, store: MemoryDocumentStore) -> None:
        get = store.get

        async def watched(*addresses: Address) -> Mapping[Address, Document]:
            self.reads += [address.collection[-1] for address in addresses]
            return await get(*addresses)

        store.get = watched  # type: ignore[method-assign]
        store.after_commit = self._written

    def _written(self, writes: Sequence[Write]) -> None:
        self.records += [decode(write.fields) for write in writes if write.fields and write.address.collection[-1] == "media"]


async def test_a_short_video_is_two_writes_and_one_look_into_the_books(services: MemoryServices) -> None:
    video = await a_video(services)
    watched = Watched(services)
    assert await convert_video(services, order(video)) == "ready"
    taken, done = watched.records
    assert (taken.attempts, taken.audio.state, taken.examination, taken.lease is None) == (1, "running", "pending", False)
    assert (done.attempts, done.audio.state, done.examination, done.lease is None) == (1, "ready", "done", True)
    assert sorted(watched.reads) == ["users", "videos"]  # accounts are `users/{uid}`


async def test_a_long_one_shows_its_poster_before_its_mp3(services: MemoryServices) -> None:
    video = await a_video(services)
    watched = Watched(services)

    async def six_seconds() -> None:
        services.clock.advance(seconds=6)

    services.converter.meanwhile, services.converter.percents = six_seconds, (1,)
    assert await convert_video(services, order(video)) == "ready"
    _, shown, _ = watched.records
    assert (shown.examination, shown.poster, shown.facts, shown.audio.state) == ("done", "ready", FACTS, "running")


async def test_two_at_once_make_one_and_the_loser_asks_to_come_again(services: MemoryServices) -> None:
    video = await a_video(services)
    started, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        started.set()
        await go_on.wait()

    services.converter.meanwhile = wait
    first = asyncio.create_task(convert_video(services, order(video)))
    await started.wait()
    with pytest.raises(Unavailable, match="Another run"):
        await convert_video(services, order(video))
    go_on.set()
    assert await first == "ready"
    assert await convert_video(services, order(video)) == "ready"  # the loser, delivered again
    assert services.converter.extracted == 1
    assert len({message.event_id for message in told(services)}) == 1


async def test_a_run_that_died_is_taken_over_when_its_lease_is_over(services: MemoryServices) -> None:
    video = await a_video(services)
    await killed_run(services, video)
    with pytest.raises(Unavailable):
        await convert_video(services, order(video))
    services.clock.advance(seconds=LEASE.total_seconds())
    assert await convert_video(services, order(video)) == "ready"
    record = await record_of(services, video)
    assert record.attempts == 2
    assert services.converter.examined == 2  # the first run died before its first write of results


async def test_from_the_second_run_on_what_is_known_is_not_found_out_again(services: MemoryServices) -> None:
    video = await a_video(services)
    for _ in range(2):
        await killed_run(services, video)
        services.clock.advance(seconds=LEASE.total_seconds())
    known = await record_of(services, video)
    assert (known.facts, known.poster, known.attempts) == (FACTS, "ready", 2)
    assert await convert_video(services, order(video)) == "ready"
    assert services.converter.examined == 2


async def test_a_file_that_kills_every_run_is_given_up(services: MemoryServices) -> None:
    video = await a_video(services)
    for _ in range(CONVERSION.attempts):
        await killed_run(services, video)
        services.clock.advance(seconds=LEASE.total_seconds())
    assert await convert_video(services, order(video)) == "failed"
    record = await record_of(services, video)
    assert (record.audio.reason, record.attempts, record.lease) == ("attempts_exhausted", 3, None)
    assert (record.facts, record.poster) == (FACTS, "ready")
    assert [(m.type, m.data["reason"]) for m in told(services)] == [("audio.failed", "attempts_exhausted")]
    assert await convert_video(services, order(video)) == "failed"
    assert len(told(services)) == 1


@pytest.mark.parametrize("reason", ["too_slow", "attempts_exhausted"])
async def test_a_run_that_failed_is_tried_so_often_and_no_more(services: MemoryServices, reason: Reason) -> None:
    video = await a_video(services)
    services.converter.problem = RunFailed(reason)
    for _ in range(CONVERSION.attempts - 1):
        with pytest.raises(Unavailable):
            await convert_video(services, order(video))
        assert (await record_of(services, video)).audio.state == "queued"
    assert await convert_video(services, order(video)) == "failed"
    record = await record_of(services, video)
    assert (record.audio.reason, record.attempts) == (reason, 3)
    assert services.converter.examined == CONVERSION.attempts


@pytest.mark.parametrize("reason", ["no_audio_track", "broken_file", "too_long", "too_large", "encrypted", "unsupported"])
async def test_what_is_the_file_s_own_fault_is_not_tried_again(services: MemoryServices, reason: Reason) -> None:
    video = await a_video(services)
    services.converter.problem = CannotConvert(reason)
    state = await convert_video(services, order(video))
    assert state == ("failed" if reason == "broken_file" else "skipped")
    assert (await record_of(services, video)).audio.reason == reason
    assert [(m.event_id, m.data["reason"]) for m in told(services)] == [
        (f"audio.failed:{video.file_id}:{video.generation}:0", reason)
    ]
    await convert_video(services, order(video))
    assert services.converter.examined == 1


async def test_only_an_index_rules_out_length_without_decoding(services: MemoryServices) -> None:
    """What other containers say of theirs may be an estimate, or be wrong."""
    video = await a_video(services, "long.webm", data=b"\x1a\x45\xdf\xa3webm" + bytes(192), content_type="video/webm")
    services.converter.facts = replace(FACTS, container="webm", duration_seconds=601.0)
    assert await convert_video(services, order(video)) == "ready"


async def test_why_there_is_no_sound_is_what_the_converter_says(services: MemoryServices) -> None:
    video = await a_video(services)
    services.converter.facts = replace(FACTS, audio_codec=None, sample_rate=None, channels=None)
    services.converter.no_sound = "unsupported"
    assert await convert_video(services, order(video)) == "skipped"
    record = await record_of(services, video)
    assert (record.audio.reason, record.attempts, record.examination) == ("unsupported", 1, "done")
    assert services.converter.extracted == 0


async def test_an_mp3_that_is_asked_for_later_has_the_same_reason(services: MemoryServices) -> None:
    """The record has facts by then, and no word on why there was no sound: the converter is asked again."""
    services.conversion = replace(services.conversion, automatic=False)
    video = await a_video(services)
    services.converter.facts = replace(FACTS, audio_codec=None, sample_rate=None, channels=None)
    assert await convert_video(services, order(video)) == "none"
    services.converter.problem = CannotConvert("unsupported")
    assert await convert_video(services, order(video, request=1)) == "skipped"
    assert (await record_of(services, video)).audio.reason == "unsupported"


@pytest.mark.parametrize(
    ("data", "state", "reason"),
    [(b"MThd\0\0\0\x06" + bytes(192), "skipped", "unsupported"), (b"no media at all" + bytes(185), "failed", "broken_file")],
)
async def test_notes_without_sound_are_no_broken_file(services: MemoryServices, data: bytes, state: str, reason: str) -> None:
    services.policy = replace(services.policy, content_types=("video/*", "audio/*"))
    video = await a_video(services, "song.mid", data, content_type="audio/midi")
    assert await convert_video(services, order(video)) == state
    assert (await record_of(services, video)).audio.reason == reason
    assert services.converter.examined == 0


LIMITS = replace(POLICY.default_limits, storage_bytes=1 << 30, daily_bytes=1 << 30)


@pytest.mark.parametrize("tag", [300, 70_000, 2_000_000])
async def test_the_container_is_looked_for_behind_tags_of_any_length(services: MemoryServices, tag: int) -> None:
    services.policy = replace(services.policy, max_file_bytes=1 << 30, default_limits=LIMITS)
    octets = bytes(tag >> shift & 0x7F for shift in (21, 14, 7, 0))
    data = b"ID3\x03\0\0" + octets + bytes(tag) + b"fLaC" + bytes(100)
    video = await a_video(services, data=data)  # what a client calls a file says nothing
    await convert_video(services, order(video))
    assert [container.name for container in services.converter.containers] == ["flac", "flac"]
    assert services.converter.beginnings == [b"fLaC" + bytes(12)] * 2


@pytest.mark.parametrize("zeros", [70_000, 1_000_000, 5_000_000])
@pytest.mark.parametrize("tag", [b"", b"ID3\x03\0\0\0\0\0\2\0\0"])
@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        (bytes([0xFF, 0xFB, 0x90, 0]) + bytes(413), "mp3"),
        (b"fLaC" + bytes(413), "flac"),
        (b"\0\0\0\x1cftypM4A " + bytes(413), "mp4"),
    ],
)
async def test_and_behind_many_zeros(services: MemoryServices, tag: bytes, zeros: int, beginning: bytes, name: str) -> None:
    services.policy = replace(services.policy, max_file_bytes=1 << 30, default_limits=LIMITS)
    video = await a_video(services, data=tag + bytes(zeros) + beginning * 2)
    await convert_video(services, order(video))
    assert [container.name for container in services.converter.containers] == [name, name]
    assert [found.lstrip(b"\0")[:8] for found in services.converter.beginnings] == [beginning.lstrip(b"\0")[:8]] * 2


async def test_a_file_of_zeros_costs_a_few_reads(services: MemoryServices) -> None:
    size = 40 * 1024 * 1024
    services.policy = replace(services.policy, max_file_bytes=1 << 30, default_limits=LIMITS)
    video = await a_video(services, data=bytes(size))
    ranges = _CountedRanges(services.media_ranges)
    services.media_ranges = ranges  # type: ignore[assignment]
    assert await convert_video(services, order(video)) == "failed"
    assert (await record_of(services, video)).audio.reason == "broken_file"
    assert (len(ranges.lengths), sum(ranges.lengths)) == (4, (64 + 256 + 1024 + 4096) * 1024)


class _CountedRanges:
    """A bucket's ranges, with the length of each that was read."""

    def __init__(self, ranges: MediaRanges) -> None:
        self._ranges, self.lengths = ranges, list[int]()

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        self.lengths.append(length)
        return await self._ranges.read(object_name, generation, start=start, length=length)


async def test_what_decoding_shows_corrects_the_facts(services: MemoryServices) -> None:
    video = await a_video(services)
    services.converter.media_seconds, services.converter.truncated = 6.0004, True
    await convert_video(services, order(video))
    record = await record_of(services, video)
    assert record.facts == replace(FACTS, duration_seconds=6.0, truncated=True)
    assert record.audio.duration_seconds == 10.0


async def test_facts_alone_rule_out_silence_and_length(services: MemoryServices) -> None:
    silent, long = await a_video(services, "silent.mp4"), await a_video(services, "long.mp4")
    services.converter.facts = replace(FACTS, audio_codec=None, sample_rate=None, channels=None)
    await convert_video(services, order(silent))
    services.converter.facts = replace(FACTS, duration_seconds=601.0)
    await convert_video(services, order(long))
    assert [(await record_of(services, video)).audio.reason for video in (silent, long)] == ["no_audio_track", "too_long"]
    assert services.converter.extracted == 0
    assert (await record_of(services, silent)).poster == "ready"  # there are pictures all the same


async def test_what_only_claims_to_be_a_video_is_never_handed_to_the_converter(services: MemoryServices) -> None:
    video = await a_video(services, data=b"#EXTM3U\nfile:///etc/passwd\n")
    assert await convert_video(services, order(video)) == "failed"
    assert (await record_of(services, video)).audio.reason == "broken_file"
    assert services.converter.examined == 0


async def test_what_does_not_even_claim_it_is_skipped_unread(services: MemoryServices) -> None:
    services.policy = replace(services.policy, content_types=("text/plain",))
    video = await a_video(services, "a.txt", content_type="text/plain")
    assert await convert_video(services, order(video)) == "skipped"
    record = await record_of(services, video)
    assert (record.audio.reason, record.examination) == ("wrong_type", "failed")
    assert services.media_ranges.reads == []


async def test_sound_files_get_no_poster(services: MemoryServices) -> None:
    services.policy = replace(services.policy, content_types=("audio/*",))
    data = b"ID3\x04" + bytes(96)
    granted = await services.grant("a.mp3", len(data), content_type="audio/mpeg")
    video = (await finish_upload(services, services.send(granted, data))).video
    assert video is not None
    services.converter.facts = replace(FACTS, video_codec=None)
    assert await convert_video(services, order(video)) == "ready"
    assert (await record_of(services, video)).poster == "none"


@pytest.mark.parametrize("what", ["media_store", "derived_objects", "media", "events"])
async def test_what_cannot_be_reached_costs_no_attempt(services: MemoryServices, what: str) -> None:
    video = await a_video(services)
    part = getattr(services, what)
    part.unavailable = True
    for _ in range(CONVERSION.attempts + 2):
        with pytest.raises(Unavailable):
            await convert_video(services, order(video))
    part.unavailable = False
    assert await convert_video(services, order(video)) == "ready"
    assert (await record_of(services, video)).attempts == 1
    assert len(told(services)) == 1


async def test_who_dies_before_the_message_is_out_sends_it_next_time(services: MemoryServices) -> None:
    video = await a_video(services)
    services.events.unavailable = True
    with pytest.raises(Unavailable):
        await convert_video(services, order(video))
    assert (await record_of(services, video)).audio.state == "ready"
    services.events.unavailable = False
    await convert_video(services, order(video))
    await convert_video(services, order(video))
    assert len(told(services)) == 1
    assert services.converter.extracted == 1


async def test_progress_shows_in_steps_and_not_too_often(services: MemoryServices) -> None:
    video = await a_video(services)
    watched = Watched(services)
    services.converter.percents = tuple(range(100))

    async def extract(source: RangeSource, container: Container, sink: Sink, *, tick: Tick, **more: Any) -> Extracted:
        async def slowly(percent: int) -> None:
            services.clock.advance(seconds=2)
            await tick(percent)

        return await ScriptedConverter.extract_audio(services.converter, source, container, sink, tick=slowly, **more)

    services.converter.extract_audio = extract  # type: ignore[method-assign]
    await convert_video(services, order(video))
    shown = [record.audio.progress_percent for record in watched.records if record.audio.state == "running"]
    assert shown[0] == 0
    assert 10 <= len(shown) <= 21  # the second is written for facts and poster
    assert all(after - before >= 5 for before, after in pairwise(shown[2:]))


async def test_on_request_only_looks_until_somebody_asks(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, automatic=False)
    video = await a_video(services)
    assert await convert_video(services, order(video)) == "none"
    record = await record_of(services, video)
    assert (record.facts, record.poster, record.attempts, record.lease) == (FACTS, "ready", 0, None)
    assert (services.converter.extracted, told(services)) == (0, [])
    assert await convert_video(services, order(video, request=1)) == "ready"
    assert services.converter.examined == 1
    assert [m.type for m in told(services)] == ["audio.ready"]


async def test_asking_again_after_a_failure_fails_with_a_message_of_its_own(services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, attempts=1)
    video = await a_video(services)
    services.converter.problem = RunFailed("too_slow")
    await convert_video(services, order(video))
    for _ in range(2):
        await convert_video(services, order(video, request=1))
    keys = [message.event_id for message in told(services)]
    assert list(dict.fromkeys(keys)) == [f"audio.failed:{video.file_id}:{video.generation}:{n}" for n in (0, 1)]
    services.converter.problem = None
    assert await convert_video(services, order(video, request=2)) == "ready"


async def test_a_long_run_keeps_its_lease_and_one_that_cannot_stops(services: MemoryServices) -> None:
    video = await a_video(services)
    leases: list[bool] = []

    async def an_hour() -> None:
        for _ in range(20):
            services.clock.advance(seconds=21)
            await tick(1)
            leases.append((await record_of(services, video)).leased(services.now() + timedelta(seconds=60)))

    tick: Callable[[int], Awaitable[None]]
    extract = services.converter.extract_audio

    async def watched(*args: object, **more: object) -> object:
        nonlocal tick
        tick = more["tick"]  # type: ignore[assignment]
        return await extract(*args, **more)  # type: ignore[arg-type]

    services.converter.extract_audio = watched  # type: ignore[assignment, method-assign]
    services.converter.meanwhile = an_hour
    services.conversion = replace(CONVERSION, deadline_seconds=3600, day_seconds=86_400)
    assert await convert_video(services, order(video)) == "ready"
    assert leases == [True] * 20

    async def cut_off() -> None:
        services.media_store.unavailable = True
        for _ in range(10):
            services.clock.advance(seconds=21)
            await tick(1)

    other = await a_video(services, "b.mp4")
    services.converter.meanwhile = cut_off
    with pytest.raises(Unavailable):
        await convert_video(services, order(other))
    services.media_store.unavailable = False
    assert f"ada/{other.file_id}/{other.generation}/audio.mp3" in services.derived_objects.abandoned
