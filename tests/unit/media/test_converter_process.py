"""The converter as a process of its own: what it gives, and what a file or a bug can do to it."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
from dataclasses import dataclass, field

import av
import pytest

from reelgate.adapters.pyav.process import frames
from reelgate.adapters.pyav.process import process as process_module
from reelgate.adapters.pyav.process.conversation import facts_in
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.containers import HEAD_BYTES, Container, container_of
from reelgate.domain.media.conversion import CannotConvert, RunFailed
from reelgate.domain.media.examination import Facts
from reelgate.ports.media import Examined, Extracted
from tests.fixtures.media_files import decoded_seconds, make_media

MP4 = Container("mp4", "mov")


@dataclass
class Source:
    data: bytes
    problem: Exception | None = None
    reads: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self, start: int, length: int) -> bytes:
        self.reads.append((start, length))
        if self.problem is not None:
            raise self.problem
        return self.data[start : start + length]


@dataclass
class Silence:
    """A WAV file of `size` bytes that nobody has to keep: eight channels at 192 kHz fill it fast."""

    size: int

    async def read(self, start: int, length: int) -> bytes:
        if start == 0:
            form = struct.pack("<HHIIHH", 1, 8, 192_000, 192_000 * 32, 32, 32)
            head = b"RIFF" + struct.pack("<I", self.size - 8) + b"WAVEfmt " + struct.pack("<I", 16) + form
            head += b"data" + struct.pack("<I", self.size - 44)
            return head + bytes(length - len(head))
        return bytes(length)


@dataclass
class Sink:
    data: bytearray = field(default_factory=bytearray)
    problem: Exception | None = None

    async def write(self, data: bytes) -> None:
        if self.problem is not None:
            raise self.problem
        self.data += data


async def quiet(percent: int) -> None:
    assert 0 <= percent <= 99


async def examine(data: bytes, *, seconds: float = 20) -> Examined:
    container = container_of(data[:HEAD_BYTES]) or MP4
    return await PyavConverter().examine(Source(data), container, poster=True, seconds=seconds, tick=quiet)


async def extract(source: Source | Silence, sink: Sink, *, seconds: float = 30, **more: object) -> Extracted:
    given = {"container": MP4, "title": "T", "max_seconds": 100, "max_bytes": 1 << 30, "tick": quiet, **more}
    return await PyavConverter().extract_audio(source, sink=sink, seconds=seconds, **given)  # type: ignore[arg-type]


async def test_facts_a_poster_and_an_mp3() -> None:
    data = make_media("mp4", width=320, height=180)
    examined = await examine(data)
    assert (examined.facts.video_codec, examined.facts.width, examined.facts.audio_codec) == ("h264", 320, "aac")
    assert examined.poster is not None
    sink = Sink()
    made = await extract(Source(data), sink)
    assert made.size == len(sink.data)
    assert made.duration_seconds == pytest.approx(2, abs=0.1)
    assert decoded_seconds(bytes(sink.data)) == pytest.approx(2, abs=0.15)


async def test_progress_goes_up_to_the_end() -> None:
    told: list[int] = []

    async def tick(percent: int) -> None:
        told.append(percent)

    await extract(Source(make_media("mp4", seconds=5)), Sink(), tick=tick)
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 99
    assert len(set(told)) > 20


@pytest.mark.parametrize(
    ("data", "reason"), [(make_media("mp4", sound=False), "no_audio_track"), (make_media("mp4")[:2000], "broken_file")]
)
async def test_reasons_come_through(data: bytes, reason: str) -> None:
    with pytest.raises(CannotConvert) as refused:
        await extract(Source(data), Sink())
    assert refused.value.reason == reason


@pytest.mark.parametrize("end", ["1 / 0", "bytes(3 << 30)"])
async def test_what_fails_every_time_is_not_tried_again(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """A mistake of ours, or an answer of FFmpeg's that nobody thought of: the child says that it broke."""
    with_child(monkeypatch, f"import reelgate.adapters.pyav.sound.mp3 as mp3; mp3.write_mp3 = lambda *a, **k: {end}; ")
    with pytest.raises(CannotConvert) as refused:
        await extract(Source(make_media("mp4")), Sink())
    assert refused.value.reason == "unsupported"


@pytest.mark.parametrize("end", ["os.abort()", "signal.raise_signal(11)", "signal.raise_signal(9)"])
async def test_a_process_that_dies_may_be_tried_again(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    with_child(
        monkeypatch, f"import os, signal, reelgate.adapters.pyav.sound.mp3 as mp3; mp3.write_mp3 = lambda *a, **k: {end}; "
    )
    with pytest.raises(RunFailed) as failed:
        await extract(Source(make_media("mp4")), Sink())
    assert failed.value.reason == "attempts_exhausted"


async def test_what_a_compromised_process_sends_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    many = "lambda media, demuxer, write, **more: [write(bytes(100_000)) for _ in range(100)]"
    with_child(monkeypatch, f"import reelgate.adapters.pyav.sound.mp3 as mp3; mp3.write_mp3 = {many}; ")
    sink = Sink()
    with pytest.raises(RunFailed, match="attempts_exhausted"):
        await extract(Source(make_media("mp4")), sink, max_bytes=250_000)
    assert len(sink.data) == 200_000


async def test_a_compromised_process_cannot_fill_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    flood = "lambda media, demuxer, write, **more: [write.__self__.send(b'T', b'x' * 9000) for _ in range(50)]"
    with_child(monkeypatch, f"import reelgate.adapters.pyav.sound.mp3 as mp3; mp3.write_mp3 = {flood}; ")
    with pytest.raises(RunFailed, match="attempts_exhausted"):
        await extract(Source(make_media("mp4")), Sink())
    assert sum("xxx" in record.getMessage() for record in caplog.records) == 1


async def test_a_process_that_sends_more_than_is_read_is_ended_too() -> None:
    flood = "import sys; sys.stdout.buffer.write(bytes(1_000_000))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", flood, stdout=subprocess.PIPE)
    stdout = process.stdout
    assert stdout is not None
    while not stdout._paused:  # type: ignore[attr-defined] # noqa: ASYNC110 - there is no public word for it, and no event
        await asyncio.sleep(0.01)
    async with asyncio.timeout(20):
        await process_module._stop(process)
    assert process.returncode == -signal.SIGKILL


def test_numbers_that_no_file_declares_are_not_believed() -> None:
    """A database refuses integers of more than 64 bits, and with them the record."""
    said = {"width": 10**60, "height": -5, "channels": 2, "duration_seconds": float("inf"), "rotation": True}
    assert facts_in(said, MP4) == Facts(container=MP4.name, channels=2)


async def test_a_poster_is_as_large_as_it_may_be() -> None:
    data = make_media("mp4", width=640, height=360)
    whole = (await examine(data)).poster
    assert whole is not None
    container = container_of(data[:HEAD_BYTES]) or MP4
    for most, exists in ((len(whole), True), (100, False)):
        converter = PyavConverter(poster_bytes=most)
        found = await converter.examine(Source(data), container, poster=True, seconds=20, tick=quiet)
        assert found.facts.width == 640
        assert (found.poster is not None) is exists
        assert len(found.poster or b"") <= most


def with_child(monkeypatch: pytest.MonkeyPatch, prepared: str) -> None:
    """Let the converter start its process with something changed in it."""

    async def start() -> object:
        script = f"{prepared}from reelgate.adapters.pyav.process import child; child.main()"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_path(),
        )
        return process, process.stdin, process.stdout

    monkeypatch.setattr(process_module, "_start", start)


async def test_examining_says_why_there_can_be_no_sound() -> None:
    assert (await examine(make_media("mp4", sound=False))).no_sound == "no_audio_track"
    assert (await examine(make_media("mp4"))).no_sound is None
    unknown = await examine(make_media("mov", sound_codec="pcm_s16le").replace(b"sowt", b"zzzz"))
    assert (unknown.no_sound, unknown.facts.audio_codec, unknown.facts.video_codec) == ("unsupported", None, "h264")


async def test_a_file_that_was_cut_off_says_so_from_the_beginning() -> None:
    data = make_media("webm", seconds=5)
    cut = data[: int(len(data) * 0.6)]
    assert (await examine(cut)).facts.truncated
    made = await extract(Source(cut), Sink(), container=Container("webm", "matroska"))
    assert made.truncated
    assert made.media_seconds == pytest.approx(3, abs=0.7)
    assert not (await examine(data)).facts.truncated


async def test_a_lost_bucket_is_the_bucket_s_fault() -> None:
    data = make_media("mp4")
    with pytest.raises(Unavailable, match="the bucket"):
        await extract(Source(data, Unavailable("the bucket is away")), Sink())
    with pytest.raises(Unavailable, match="the other bucket"):
        await extract(Source(data), Sink(problem=Unavailable("the other bucket is away")))


async def test_who_raises_from_a_tick_ends_the_work_and_the_process() -> None:
    class Enough(Exception):
        pass

    async def tick(percent: int) -> None:
        if percent > 10:
            raise Enough

    with pytest.raises(Enough):
        await extract(Source(make_media("mp4", seconds=10)), Sink(), tick=tick)


async def test_what_takes_too_long_is_ended() -> None:
    class Never(Source):
        async def read(self, start: int, length: int) -> bytes:
            await asyncio.Event().wait()
            return b""

    with pytest.raises(RunFailed) as slow:
        await extract(Never(make_media("mp4")), Sink(), seconds=0.5)
    assert slow.value.reason == "too_slow"


async def test_only_so_many_work_at_once() -> None:
    converter = PyavConverter(at_once=1, wait_seconds=0.01)
    async with converter.turn():
        with pytest.raises(Unavailable):
            async with converter.turn():
                pass
    async with converter.turn():
        pass


async def test_the_process_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_HMAC_SECRET", "s3cret")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")
    process, stdin, _ = await process_module._start()
    try:
        environment = await _environment(process.pid)
        assert b"s3cret" not in environment
        assert b"GOOGLE" not in environment
    finally:
        stdin.close()
        await process_module._stop(process)


async def _environment(pid: int) -> bytes:
    """Return the environment of a process once it runs its own program."""
    while True:
        with open(f"/proc/{pid}/cmdline", "rb") as command:  # noqa: ASYNC230 - the kernel answers at once
            if b"reelgate.adapters.pyav.process.child" in command.read():
                break
        await asyncio.sleep(0)
    with open(f"/proc/{pid}/environ", "rb") as environment:  # noqa: ASYNC230
        return environment.read()


async def test_memory_does_not_grow_with_the_file() -> None:
    """30 MB and 120 MB: the kernel tells how much the process of each had at its most."""
    script = (
        "import asyncio, resource, sys;"
        "from tests.unit.media.test_converter_process import Silence, Sink, extract, WAV;"
        "asyncio.run(extract(Silence(int(sys.argv[1])), Sink(), container=WAV));"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    peaks = [int(subprocess.check_output([*command, str(size)], env=_path())) for size in (30_000_000, 120_000_000)]  # noqa: ASYNC221
    assert peaks[1] < peaks[0] + 16 * 1024, f"{peaks} KiB"


WAV = Container("wav", "wav")


def _path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


# What a process could say that a file has taken over. The limits must hold without its cooperation.
HOSTILE = {
    "an unknown kind": frames.HEADER.pack(b"?", 0),
    "a frame of 4 GiB": frames.HEADER.pack(frames.WRITE, 2**32 - 1),
    "a range beyond the end": frames.HEADER.pack(frames.READ, 12) + frames.RANGE.pack(2**40, 100),
    "a range of nothing": frames.HEADER.pack(frames.READ, 12) + frames.RANGE.pack(0, 0),
    "no JSON": frames.HEADER.pack(frames.END, 3) + b"{{{",
    "no object": frames.HEADER.pack(frames.END, 2) + b"[]",
    "a reason of another kind": frames.HEADER.pack(frames.END, 13) + b'{"reason":[]}',
    "an unknown reason for silence": frames.HEADER.pack(frames.END, 16) + b'{"no_sound":"x"}',
    "an unknown reason": frames.HEADER.pack(frames.END, 14) + b'{"reason":"x"}',
    "an MP3 without bytes": frames.HEADER.pack(frames.END, 30) + b'{"reason":null,"seconds":1.0} ',
    "nothing": b"",
    "half a frame": b"E\0",
}


@pytest.fixture
def impostor(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Start a process that says what the test gives it, instead of the converter."""

    async def start() -> object:
        script = f"import sys; sys.stdout.buffer.write({HOSTILE[request.param]!r})"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, **pipes)
        return process, process.stdin, process.stdout

    monkeypatch.setattr(process_module, "_start", start)


@pytest.mark.parametrize("impostor", HOSTILE, indirect=True)
async def test_a_process_that_breaks_the_rules_gets_nothing(impostor: None) -> None:
    source, sink = Source(bytes(1000)), Sink()
    with pytest.raises(RunFailed) as failed:
        await extract(source, sink)
    assert failed.value.reason == "attempts_exhausted"
    assert (source.reads, sink.data) == ([], b"")


def test_the_wheel_brings_the_encoder() -> None:
    assert av.codec.Codec("libmp3lame", "w").is_encoder
