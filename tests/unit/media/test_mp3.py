"""MP3s of real files of many kinds, read as a stranger's file is."""

from __future__ import annotations

import io
from array import array
from itertools import pairwise

import av
import pytest

from reelgate.adapters.pyav.sound.mp3 import RATES
from tests.fixtures.media.converted_media import convert, reason_of
from tests.fixtures.media_files import SOUND, VIDEO, decoded_seconds, make_media


@pytest.mark.parametrize("kind", SOUND)
def test_every_kind_of_file_becomes_an_mp3_of_its_length(kind: str) -> None:
    data = make_media(kind, video=kind in VIDEO, rate=48_000)
    made = convert(data)
    mp3, told = made.mp3, made.told
    assert made.seconds == pytest.approx(decoded_seconds(data), abs=0.1)
    assert decoded_seconds(mp3) == pytest.approx(2, abs=0.15)
    assert told == sorted(told)
    assert told[-1] == made.seconds
    with av.open(io.BytesIO(mp3)) as file:
        assert (file.format.name, len(file.streams), file.metadata["title"]) == ("mp3", 1, "T")
        # A constant bit rate: players know the length from the size.
        assert file.duration / av.time_base == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize("index_in_front", [True, False])
def test_wherever_the_index_is(index_in_front: bool) -> None:
    mp3 = convert(make_media("mp4", index_in_front=index_in_front)).mp3
    assert decoded_seconds(mp3) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("stereo", 2), ("5.1", 2), ("7.1", 2)])
@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 96_000])
def test_any_channels_at_any_rate(layout: str, channels: int, rate: int) -> None:
    mp3 = convert(make_media("matroska", layout=layout, rate=rate, sound_codec="flac", video=False)).mp3
    with av.open(io.BytesIO(mp3)) as made:
        sound = made.streams.audio[0].codec_context
        assert sound.channels == channels
        assert sound.sample_rate in RATES
    assert decoded_seconds(mp3) == pytest.approx(2, abs=0.15)


def test_the_tone_is_the_tone() -> None:
    """440 Hz go in and come out: 880 changes of sign a second."""
    mp3 = convert(make_media("mov", rate=8000, layout="mono", sound_codec="pcm_s16le")).mp3
    wave = array("f")
    with av.open(io.BytesIO(mp3)) as made:
        for frame in made.decode(audio=0):
            wave.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
    middle = wave[len(wave) // 4 : 3 * len(wave) // 4]
    changes = sum((before < 0) != (after < 0) for before, after in pairwise(middle))
    assert changes / (len(middle) / 44_100) == pytest.approx(880, rel=0.02)


def test_a_title_in_any_script() -> None:
    mp3 = convert(make_media("mp4", seconds=1), title="Über 日本 🎵").mp3
    with av.open(io.BytesIO(mp3)) as made:
        assert made.metadata["title"] == "Über 日本 🎵"


def test_no_sound_no_mp3() -> None:
    assert reason_of(make_media("mp4", sound=False)) == "no_audio_track"


def test_too_long_by_what_is_really_in_it() -> None:
    assert reason_of(make_media("mp4", seconds=3), max_seconds=2) == "too_long"


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "webm", "avi", "mpegts", "flac", "wav", "mp3", "ogg", "adts"])
@pytest.mark.parametrize("kept", [0.6, 0.97])
def test_of_a_file_that_was_cut_off_there_is_what_is_left(kind: str, kept: float) -> None:
    data = make_media(kind, video=kind in VIDEO, index_in_front=kind in {"mp4", "mov"}, seconds=8)
    made = convert(data[: int(len(data) * kept)])
    assert decoded_seconds(made.mp3) == pytest.approx(8 * kept, abs=1.7)  # pictures and sound do not lie quite side by side
    says_how_long_it_is = kind not in {"mpegts", "ogg", "adts"}
    if kept == 0.6:
        assert made.truncated is says_how_long_it_is
        assert made.media_seconds is None or made.media_seconds == pytest.approx(8 * kept, abs=1.7)


@pytest.mark.parametrize("kind", SOUND)
def test_no_whole_file_is_cut_off(kind: str) -> None:
    assert not convert(make_media(kind, video=kind in VIDEO, seconds=4)).truncated


def test_without_its_index_it_is_broken() -> None:
    data = make_media("mp4")
    assert reason_of(data[: len(data) - 400]) == "broken_file"


def test_noise_behind_a_right_beginning_is_broken() -> None:
    for beginning in (b"\0\0\0\x20ftypisom", b"\x1a\x45\xdf\xa3", b"OggS", b"fLaC", b"RIFF\0\0\0\0AVI ", b"ID3\x04"):
        assert reason_of(beginning + bytes(range(256)) * 40) in {"broken_file", "no_audio_track"}


def test_a_damaged_packet_is_left_out() -> None:
    data = bytearray(make_media("mpegts", seconds=4))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    mp3 = convert(bytes(data)).mp3
    assert decoded_seconds(mp3) == pytest.approx(4, abs=0.6)
