"""Containers of studios, recorders and older players, and streams without any: each is told, examined and made into an MP3."""

from __future__ import annotations

import io

import pytest

from reelgate.adapters.pyav.file import facts as facts_module
from reelgate.adapters.pyav.file.facts import counted_seconds
from reelgate.domain.media.containers import HEAD_BYTES, Container, container_of, is_score
from tests.fixtures.media.converted_media import convert, facts_in, reason_of
from tests.fixtures.media.more_media import PICTURES, SOUND, make
from tests.fixtures.media_files import decoded_seconds, make_media
from tests.unit.media.test_converter_process import examine

BARE = ["mpegvideo", "h264", "hevc", "m4v"]
SAY_THEIR_SIZE = ["au", "caf", "w64", "wav", "wv", "tta"]


@pytest.mark.parametrize("name", PICTURES)
async def test_a_video_has_facts_and_a_poster(name: str) -> None:
    data = make(PICTURES[name])
    assert container_of(data[:HEAD_BYTES]) == Container(name, name)
    examined = await examine(data)
    facts = examined.facts
    assert (facts.container, facts.frame_rate, facts.audio_codec is None) == (name, 25, PICTURES[name].sound is None) or (
        name == "gxf" and facts.frame_rate == 50  # its demuxer counts fields
    )
    assert facts.duration_seconds == pytest.approx(2, abs=0.1)
    assert examined.poster is not None
    assert examined.poster.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("name", [*SOUND, *(name for name, kind in PICTURES.items() if kind.sound)])
def test_its_sound_is_an_mp3(name: str) -> None:
    data = make({**SOUND, **PICTURES}[name])
    container = container_of(data[:HEAD_BYTES])
    assert container is not None
    assert container.name == name
    made = convert(data)
    assert made.seconds == pytest.approx(2, abs=0.15)
    assert decoded_seconds(made.mp3) == pytest.approx(2, abs=0.2)
    assert not made.truncated
    assert (made.media_seconds or facts_in(data).duration_seconds) == pytest.approx(2, abs=0.15)
    assert reason_of(data, max_seconds=1) == "too_long"


@pytest.mark.parametrize("name", SAY_THEIR_SIZE)
def test_half_a_file_is_known_to_be_one(name: str) -> None:
    data = make(SOUND[name], seconds=5)
    half = convert(data[: len(data) // 2])
    assert half.truncated
    assert 2 < half.seconds < 3


@pytest.mark.parametrize("name", ["mpegvideo", "h264", "hevc"])
def test_pictures_may_begin_anywhere(name: str) -> None:
    data = make(PICTURES[name])
    assert container_of(bytes(1000) + data[:HEAD_BYTES]) == Container(name, name)
    assert container_of(b"the end of another picture" + data[:HEAD_BYTES]) == Container(name, name)


@pytest.mark.parametrize("name", ["ac3", "eac3", "loas"])
def test_sound_may_begin_anywhere(name: str) -> None:
    data = make(SOUND[name])
    assert container_of((bytes(20_000) + data)[:HEAD_BYTES]) == Container(name, name)
    assert container_of(data[100:][:HEAD_BYTES]) == Container(name, name)
    assert convert(data[100:]).seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize(
    ("rate_and_size", "length"),  # ATSC A/52, table 5.18: words of two bytes
    [(0x00, 128), (0x40, 138), (0x41, 140), (0x80, 192), (0x1C, 1536), (0x5D, 1672), (0xA5, 3840)],
)
def test_frames_of_ac3_follow_one_another(rate_and_size: int, length: int) -> None:
    frame = b"\x0b\x77\0\0" + bytes([rate_and_size, 0x40]) + bytes(length - 6)
    assert container_of(frame * 2) == Container("ac3", "ac3")
    assert container_of(frame + b"?" + frame) is None


@pytest.mark.parametrize("header", ["0b770000c040", "0b7700002640", "0b7700000088"])
def test_what_is_no_frame_of_ac3(header: str) -> None:
    """A rate that there is not, a size that there is not, a version that there is not."""
    assert container_of((bytes.fromhex(header) + bytes(122)) * 4) is None


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("7ffe8001fc3c75b0", "dts"),
        ("fe7f01803cfcb075", "dts"),
        ("1fffe80007f1", "dts"),
        ("ff1f00e8f107", "dts"),
        ("4454534844484452", "dtshd"),
        ("6038ffd8f8726fba", "truehd"),
        ("6038ffd8f8726fbb", "mlp"),
        ("2e7261fd0004", "rm"),
        ("2e524d4600000012", "rm"),
    ],
)
def test_what_nothing_here_can_write_is_told_by_its_beginning(head: str, name: str) -> None:
    assert container_of(bytes.fromhex(head) + bytes(64)) == Container(name, name)


@pytest.mark.parametrize(("sync", "name"), [("7ffe8001", "dts"), ("f8726fba", "truehd"), ("f8726fbb", "mlp")])
def test_so_may_sound_whose_frames_say_no_length(sync: str, name: str) -> None:
    frame = bytes.fromhex(sync) + b"sound" * 200
    assert container_of(frame[100:] + frame * 4) == Container(name, name)
    assert container_of(frame[100:] + frame * 3) is None


def test_a_text_is_no_sound() -> None:
    """Its first three bytes could begin a frame of LOAS that is longer than the text."""
    assert container_of("Vérité et mensonge".encode("latin-1") + bytes(500)) is None


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"BW64\xff\xff\xff\xffWAVEds64", Container("wav", "wav")),
        (b"RIFX\0\0\0\x24WAVEfmt ", Container("wav", "wav")),
        (b"RIFF\0\0\0\0AMV LIST", Container("avi", "avi")),
        (b"RIFX\0\0\0\x24AVI LIST", None),
        (b"RIFF\0\0\0\0RMIDdata", None),
        (b"\0\0\0\0\x01\xbc" + bytes(20), None),
        (b"\x80\0\0\x20" + bytes(40), None),
        (b"\x1f\x07\0\x3f" + bytes(100), None),
        (b"\0\0\x01\xb3" + bytes(100), None),
    ],
)
def test_forms_and_marks(head: bytes, container: Container | None) -> None:
    assert container_of(head) == container


def test_a_tape_may_begin_in_the_middle_of_a_picture() -> None:
    data = make(PICTURES["dv"], seconds=3)[50_000:]
    assert container_of(data[:HEAD_BYTES]) == Container("dv", "dv")
    assert convert(data).seconds == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("before", [b"noise" * 10, bytes(1000), b"x" * 60_000])
def test_ogg_may_begin_behind_something_else(before: bytes) -> None:
    data = before + make_media("ogg", video=False)
    assert container_of(data[:HEAD_BYTES]) == Container("ogg", "ogg")
    assert convert(data).seconds == pytest.approx(2, abs=0.1)


def test_a_page_of_ogg_without_its_stream_s_beginning_is_none() -> None:
    data = make_media("ogg", video=False)
    assert container_of(data[data.index(b"OggS\0\0") + 1 :]) is None


def test_a_run_in_may_stand_before_mxf() -> None:
    data = make(PICTURES["mxf"])
    assert container_of((b"studio" * 1000 + data)[:HEAD_BYTES]) == Container("mxf", "mxf")


def test_what_an_encoder_was_allowed_is_no_length() -> None:
    """FFmpeg makes a length of the bit rate in the headers of MPEG-1 and 2, which is anything."""
    for name in BARE:
        assert facts_in(make(PICTURES[name])).duration_seconds is None
        assert counted_seconds(io.BytesIO(make(PICTURES[name], seconds=3)), name) == pytest.approx(3)


def test_only_bare_pictures_are_counted_and_no_more_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make(PICTURES["h264"])
    assert counted_seconds(io.BytesIO(make_media("mp4")), "mp4") is None
    monkeypatch.setattr(facts_module, "MAX_COUNTED_BYTES", len(data) - 1)
    assert counted_seconds(io.BytesIO(data), "h264") is None


@pytest.mark.parametrize("head", [b"MThd\0\0\0\x06\0\0\0\1\0\x60", b"RIFF\0\0\0\0RMIDdata"])
def test_scores_are_known(head: bytes) -> None:
    assert container_of(head) is None
    assert is_score(head)
    assert not is_score(b"RIFF\0\0\0\0WAVE")
