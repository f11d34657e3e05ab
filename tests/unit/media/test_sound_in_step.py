"""The MP3 of a file stays in step with its pictures: pauses, late starts, joined recordings and stamps that are wrong."""

from __future__ import annotations

import io
import struct
from array import array
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from reelgate.adapters.pyav.file.media_file import open_media
from reelgate.adapters.pyav.file.timeline import Timeline
from reelgate.adapters.pyav.sound.mixing import Mixer
from reelgate.adapters.pyav.sound.mp3 import write_mp3
from reelgate.adapters.pyav.sound.sound import in_step, silent
from reelgate.domain.media.containers import HEAD_BYTES, container_of
from reelgate.domain.media.conversion import CannotConvert
from tests.fixtures.media.converted_media import convert, facts_in, reason_of
from tests.fixtures.media.odd_media import make_retimed
from tests.fixtures.media_files import decoded_seconds, make_media

KEEP_TIME = ["mp4", "mov", "matroska", "webm", "mpegts"]
TENTH = 0.1


def loud_seconds(mp3: bytes) -> list[float]:
    """Return the middle of each tenth of a second in which there is a tone."""
    with av.open(io.BytesIO(mp3)) as file:
        wave, rate = array("f"), file.streams.audio[0].codec_context.sample_rate
        for frame in file.decode(audio=0):
            wave.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
    step = rate // 10
    tenths = [wave[at : at + step] for at in range(0, len(wave) - step, step)]
    return [number / 10 + 0.05 for number, tenth in enumerate(tenths) if max(map(abs, tenth)) > 0.1]


@pytest.mark.parametrize("kind", KEEP_TIME)
def test_a_pause_in_the_sound_is_silence(kind: str) -> None:
    data = make_retimed(kind, seconds=6, sound=lambda second: second if second < 2 else second + 3)
    made = convert(data)
    assert made.seconds == pytest.approx(9, abs=0.15)
    loud = loud_seconds(made.mp3)
    assert not [second for second in loud if 2.2 < second < 4.8]
    assert len([second for second in loud if second < 2.2]) == pytest.approx(20, abs=2)
    assert len([second for second in loud if second > 4.8]) == pytest.approx(40, abs=2)
    assert not made.truncated


@pytest.mark.parametrize("kind", KEEP_TIME)
@pytest.mark.parametrize("late", [0.4, 12])
def test_sound_that_starts_late_starts_late_in_the_mp3(kind: str, late: float) -> None:
    made = convert(make_retimed(kind, seconds=4, sound=lambda second: second + late, pictures=lambda second: second * 4))
    assert made.seconds == pytest.approx(4 + late, abs=0.15)
    loud = loud_seconds(made.mp3)
    assert loud[0] == pytest.approx(late, abs=0.2)
    assert len(loud) == pytest.approx(40, abs=2)


@pytest.mark.parametrize("kind", [*KEEP_TIME, "flv", "asf"])
def test_a_clock_that_begins_at_ten_hours_makes_no_long_file(kind: str) -> None:
    data = make_retimed(kind, seconds=3, sound=lambda second: second + 36_000, pictures=lambda second: second + 36_000)
    assert facts_in(data).duration_seconds == pytest.approx(3, abs=0.15)
    made = convert(data, max_seconds=10)
    assert made.seconds == pytest.approx(3, abs=0.15)
    assert len(loud_seconds(made.mp3)) == pytest.approx(30, abs=2)


@pytest.mark.parametrize("joined", [("first", "later"), ("later", "first"), ("first", "first"), ("later", "later", "first")])
def test_recordings_that_were_joined_follow_one_another(joined: tuple[str, ...]) -> None:
    """The stamps jump ten hours ahead, or back to where they were: neither is how long anything plays."""
    clocks = {"first": 0.0, "later": 36_000.0}
    parts = {
        name: make_retimed("mpegts", seconds=3, sound=lambda s, t=clock: s + t, pictures=lambda s, t=clock: s + t)  # type: ignore[misc]
        for name, clock in clocks.items()
    }
    data = b"".join(parts[name] for name in joined)
    made = convert(data)
    assert made.seconds == pytest.approx(3 * len(joined), abs=0.3)
    assert len(loud_seconds(made.mp3)) == pytest.approx(30 * len(joined), abs=3)
    said = facts_in(data).duration_seconds
    assert (made.media_seconds or said) == pytest.approx(3 * len(joined), abs=0.3)


def test_a_pause_longer_than_a_joint_is_a_pause_while_the_pictures_go_on() -> None:
    data = make_retimed("mpegts", seconds=20, sound=lambda second: second if second < 2 else second + 15)
    made = convert(data)
    assert made.seconds == pytest.approx(35, abs=0.3)


def test_sound_is_where_it_is_after_one_stamp_that_is_wrong() -> None:
    """One packet says that it is five seconds later; those behind it know nothing of that."""

    def one_is_off(second: float) -> float:
        return second + 5 if 2.0 <= second < 2.02 else second

    for kind in ("matroska", "mpegts"):
        made = convert(make_retimed(kind, seconds=6, sound=one_is_off))
        assert made.seconds == pytest.approx(6, abs=0.3), kind
        assert len(loud_seconds(made.mp3)) == pytest.approx(60, abs=4), kind


def test_a_stamp_beyond_the_end_of_the_file_is_no_silence() -> None:
    data = bytearray(make_retimed("matroska", seconds=6, sound=lambda second: second if second < 4 else second + 3000))
    with av.open(io.BytesIO(bytes(data))) as file:
        assert file.duration is not None
        true = file.duration / av.time_base
    assert true > 3000
    place = data.index(b"\x44\x89\x88")  # Duration, a float of eight bytes (RFC 9559, 5.1.2.10)
    data[place + 3 : place + 11] = bytes.fromhex("40b7700000000000")  # 6000 milliseconds
    assert convert(bytes(data)).seconds == pytest.approx(6, abs=0.3)


def test_too_long_is_what_plays_too_long() -> None:
    data = make_retimed("matroska", seconds=3, sound=lambda second: second if second < 1 else second + 30)
    assert reason_of(data, max_seconds=20) == "too_long"
    assert convert(data, max_seconds=40).seconds == pytest.approx(33, abs=0.2)


def test_the_length_that_a_bit_rate_amounts_to_is_corrected() -> None:
    """Quiet frames of 32 kbit/s, then loud ones of 320, and no header that counts them."""
    quiet, loud = (_frames(bits) for bits in (32_000, 320_000))
    data = quiet * 5 + loud * 5
    said = facts_in(data).duration_seconds
    assert said is not None
    assert abs(said - 20) > 5
    made = convert(data, max_seconds=30)
    assert made.seconds == pytest.approx(20, abs=0.5)
    assert made.media_seconds == pytest.approx(20, abs=0.5)
    assert not made.truncated


def _frames(bits_per_second: int) -> bytes:
    """Two seconds of MP3 frames and nothing else."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", container_options={"write_xing": "0", "id3v2_version": "0"}) as output:
        stream = output.add_stream("libmp3lame", rate=44_100, layout="stereo")
        stream.bit_rate = bits_per_second
        frame = av.AudioFrame("s16p", "stereo", 1152)
        for plane in frame.planes:
            plane.update(bytes(range(256)) * (plane.buffer_size // 256))
        frame.sample_rate = 44_100
        for number in range(77):
            frame.pts = number * 1152
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def test_sound_that_comes_and_goes_in_a_broadcast() -> None:
    """A second sound track appears in the middle, and its packets with it."""
    one = make_media("mpegts", seconds=4)
    two = make_retimed("mpegts", seconds=4, tones=2)
    made = convert(one + two + one)
    assert made.seconds == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize("kind", ["flv", "mpegts"])
def test_a_track_that_appears_late_is_found(kind: str) -> None:
    data = make_retimed(kind, seconds=20, sound=lambda second: second + 12)
    facts = facts_in(data)
    assert (facts.audio_codec is not None, facts.sample_rate, facts.channels) == (True, 44_100, 2)
    assert convert(data).seconds == pytest.approx(32, abs=0.3)


def test_a_file_without_sound_says_so_however_far_it_is_looked_into() -> None:
    with pytest.raises(CannotConvert) as refused:
        convert(make_media("mpegts", seconds=12, sound=False))
    assert refused.value.reason == "no_audio_track"
    assert decoded_seconds(make_media("mpegts")) > 1


@pytest.mark.parametrize("kind", ["matroska", "avi", "wav", "flac"])
def test_what_says_that_it_is_too_long_is_looked_into_first(kind: str) -> None:
    """Nothing is written, so nothing was decoded."""
    data = make_media(kind, seconds=40, video=False)
    container = container_of(data[:HEAD_BYTES])
    assert container is not None
    with open_media(io.BytesIO(data), container.demuxer) as media, pytest.raises(CannotConvert, match="too_long"):
        write_mp3(
            media,
            container.demuxer,
            lambda _: pytest.fail("it was decoded"),
            title="T",
            max_seconds=20,
            max_bytes=1 << 30,
            declared_seconds=40.0,
            count_seconds=lambda: pytest.fail("it was counted"),
            progress=lambda _: pytest.fail("it was decoded"),
        )


@pytest.mark.parametrize("kind", ["matroska", "webm"])
def test_a_file_that_only_says_so_is_not_too_long(kind: str) -> None:
    data = bytearray(make_media(kind, seconds=3))
    place = data.index(b"\x44\x89\x88")
    data[place + 3 : place + 11] = struct.pack(">d", 36_000_000.0)  # milliseconds
    assert facts_in(bytes(data)).duration_seconds == 36_000
    made = convert(bytes(data), max_seconds=20)
    assert made.seconds == pytest.approx(3, abs=0.1)
    assert made.media_seconds == pytest.approx(3, abs=0.1)


def test_a_frame_that_cannot_be_mixed_is_silence_among_others() -> None:
    """Damage can make a frame claim channels that nobody has."""

    class Choosy(Mixer):
        def mix(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
            if 2.0 <= float(frame.pts * frame.time_base) < 2.5:
                raise av.error.ArgumentError(22, "no such channels")
            yield from super().mix(frame)

    def frames(first: int) -> Iterator[av.AudioFrame]:
        for tenth in range(first, 40):
            frame = silent("mono", 44_100)
            frame.pts, frame.time_base = tenth * 4410, Fraction(1, 44_100)
            yield frame

    silence = silent("stereo", 44_100)
    made = sum(frame.samples for frame in in_step(frames(0), Choosy("stereo", 44_100), silence))
    assert made / 44_100 == pytest.approx(4, abs=0.05)

    class Never(Mixer):
        def mix(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
            raise av.error.ArgumentError(22, "no such channels")

    with pytest.raises(CannotConvert, match="unsupported"):
        list(in_step(frames(0), Never("stereo", 44_100), silence))


def test_many_small_gaps_do_not_add_up() -> None:
    """Recorders that leave out what is quiet make a gap after every few words."""

    def frames() -> Iterator[av.AudioFrame]:
        for number in range(100):
            frame = silent("mono", 44_100)
            frame.pts, frame.time_base = number * 6 * 1764, Fraction(1, 44_100)  # 0.1 s of sound every 0.24 s
            yield frame

    made = sum(frame.samples for frame in in_step(frames(), Mixer("stereo", 44_100), silent("stereo", 44_100)))
    assert made / 44_100 == pytest.approx(99 * 0.24 + 0.1, abs=0.15)


@pytest.mark.parametrize("stamp", ["pts", "dts"])
def test_of_two_stamps_far_apart_the_one_that_fits_counts(stamp: str) -> None:
    with open_media(io.BytesIO(make_media("mpegts", seconds=4)), "mpegts") as media:
        packets = [packet for packet in media.demux() if packet.size]
        last = [packet for packet in packets if packet.stream.type == "video"][-1]
        setattr(last, stamp, getattr(last, stamp) + round(7000 / last.time_base))
        timeline = Timeline(media, "mpegts", declared_seconds=4)
        for _ in timeline.placed(packets):
            pass
    assert timeline.end == pytest.approx(4, abs=0.2)
