"""What a file is, by its first bytes: nothing else is handed to FFmpeg."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.media.containers import HEAD_BYTES, Container, bytes_before, container_of, tag_bytes
from tests.fixtures.media.odd_media import with_id3
from tests.fixtures.media_files import SOUND, VIDEO, make_media

NAMES = {"adts": "aac"}


@pytest.mark.parametrize("kind", SOUND)
def test_real_files_are_what_they_are(kind: str) -> None:
    container = container_of(make_media(kind, seconds=1, video=kind in VIDEO)[:HEAD_BYTES])
    assert container is not None
    assert container.name == NAMES.get(kind, kind)


@pytest.mark.parametrize("kind", ["mp4", "mov", "mp3"])
def test_with_the_index_in_front_or_a_tag(kind: str) -> None:
    data = make_media(kind, seconds=1, video=kind != "mp3", index_in_front=kind != "mp3", title="T")
    found = container_of(data[:HEAD_BYTES])
    assert found is not None
    assert found.name == kind


def test_cameras_put_time_stamps_before_the_packets_of_a_transport_stream() -> None:
    plain = make_media("mpegts", seconds=1)
    stamped = b"".join(b"\0\0\0\0" + plain[i : i + 188] for i in range(0, len(plain), 188))
    found = container_of(stamped[:HEAD_BYTES])
    assert found is not None
    assert found.demuxer == "mpegts"


@pytest.mark.parametrize(("before", "behind"), [(0, 0), (4, 0), (0, 16)])
@pytest.mark.parametrize("start", [0, 1, 187, 5000])
def test_a_transport_stream_may_begin_anywhere(before: int, behind: int, start: int) -> None:
    plain = make_media("mpegts", seconds=1)
    data = b"".join(bytes(before) + plain[at : at + 188] + bytes(behind) for at in range(0, len(plain), 188))
    assert container_of(data[start:][:HEAD_BYTES]) == Container("mpegts", "mpegts")


def test_so_may_a_program_stream() -> None:
    for mark in (0x21, 0x44):  # of MPEG-1 and 2
        pack = b"\0\0\1\xba" + bytes([mark]) + b"?" * 2043
        assert container_of(pack * 2) == Container("mpeg", "mpeg")
        assert container_of((pack * 3)[100:]) == Container("mpeg", "mpeg")
        assert container_of(pack[100:] + pack) is None


def _mpeg_frame(second: int, third: int, length: int) -> bytes:
    return bytes([0xFF, second, third, 0]) + bytes(length - 4)


@pytest.mark.parametrize(
    ("second", "third", "length"),  # ISO/IEC 11172-3 and 13818-3: bytes of frames by version, layer, bit rate and sample rate
    [
        (0xFB, 0x90, 417),  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz
        (0xFB, 0x92, 418),  # padded
        (0xFB, 0xE4, 960),  # 320 kbit/s, 48 kHz
        (0xFD, 0x80, 417),  # layer II, 128 kbit/s
        (0xFF, 0x40, 136),  # layer I, 128 kbit/s
        (0xF3, 0x80, 208),  # MPEG-2 layer III, 64 kbit/s, 22.05 kHz
        (0xE3, 0x48, 288),  # MPEG-2.5 layer III, 32 kbit/s, 8 kHz
    ],
)
def test_frames_of_mpeg_audio_follow_one_another(second: int, third: int, length: int) -> None:
    frame = _mpeg_frame(second, third, length)
    assert container_of(frame * 2) == Container("mp3", "mp3")
    assert container_of(bytes(20_000) + frame * 2) == Container("mp3", "mp3")
    assert container_of(b"the end of another frame" + frame * 4) == Container("mp3", "mp3")
    assert container_of(frame + b"?" + frame) is None
    assert container_of(frame[:-1] + frame) is None
    assert container_of(b"the end of another frame" + frame + b"?" + frame) is None


def test_a_file_of_one_frame_is_one() -> None:
    assert container_of(_mpeg_frame(0xFB, 0x90, 417)) == Container("mp3", "mp3")
    assert container_of(bytes([0xFF, 0xF1, 0x50, 0x80, 0x08, 0x1F, 0xFC]) + bytes(57)) == Container("aac", "aac")


@pytest.mark.parametrize("kind", ["flac", "adts", "wav", "ogg", "mp4"])
def test_tags_are_looked_behind(kind: str) -> None:
    data = make_media(kind, seconds=1, video=False)
    plain = container_of(data[:HEAD_BYTES])
    assert container_of(with_id3(data)[:HEAD_BYTES]) == plain
    assert container_of(with_id3(with_id3(data))[:HEAD_BYTES]) == plain
    tagged = with_id3(data, 3 * HEAD_BYTES)
    assert container_of(tagged[:HEAD_BYTES]) == Container("mp3", "mp3")  # as far as one can see
    assert container_of(tagged[tag_bytes(tagged) :][:HEAD_BYTES]) == plain


@pytest.mark.parametrize("kind", ["flac", "wav", "ogg", "mp4", "mov", "matroska", "webm", "mp3", "adts", "avi", "mpegts"])
@pytest.mark.parametrize("zeros", [1, 4, 5, 1000, HEAD_BYTES - 3])
def test_zeros_are_looked_behind_and_so_are_those_behind_a_tag(kind: str, zeros: int) -> None:
    data = make_media(kind, seconds=1, video=kind in VIDEO)
    plain = container_of(data[:HEAD_BYTES])
    tagged = with_id3(bytes(zeros) + data)
    assert plain is not None
    assert container_of((bytes(zeros) + data)[: 2 * HEAD_BYTES]) == plain
    assert container_of(tagged[: 2 * HEAD_BYTES]) == plain
    assert container_of(bytes(zeros) + with_id3(bytes(zeros) + data)) == plain


@pytest.mark.parametrize(
    "beginning", [b"FORM\0\0\0\0AIFF", b"fLaC", b"\0\0\0\x1cftypM4A ", b"\0\0\x01\0ftypM4A ", b"\0\0\0\1mdat"]
)
def test_what_begins_with_zeros_keeps_its_own(beginning: bytes) -> None:
    for zeros in (1, 3, 100):
        assert bytes_before(bytes(zeros) + beginning) == zeros
    assert bytes_before(beginning) == 0


def test_the_last_zeros_of_a_head_may_belong_to_what_follows() -> None:
    assert bytes_before(bytes(HEAD_BYTES)) == HEAD_BYTES - 4
    assert bytes_before(bytes(100) + b"\x01\x67") == 96  # a start code
    assert bytes_before(bytes(4)) == 0


@pytest.mark.parametrize(("head", "length"), [(b"ID3\x04\0\x10\0\0\2\1", 277), (b"ID3\x03\0\0\0\0\2\1", 267)])
def test_how_long_a_tag_is(head: bytes, length: int) -> None:
    """Sizes have seven bits in each byte, and leave out the header of ten bytes, and the footer of ten more."""
    assert tag_bytes(head) == length


@pytest.mark.parametrize("head", [b"", b"ID3", b"ID3\x04\0\0\x80\0\0\0", b"RIFF" + bytes(20)])
def test_what_is_no_tag_has_no_length(head: bytes) -> None:
    assert tag_bytes(head) == 0


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0",
        bytes(HEAD_BYTES),
        b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile 'http://169.254.169.254/'\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 10.0.0.1\nm=video 5004 RTP/AVP 96\n",
        b"[Reference]\nRef1=http://internal/\n",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'></svg>",
        b"\0\0\0\x02ftyp",  # a box cannot be smaller than its own header
        b"\xff\xff\xff\xff",
        b"G" + bytes(187) + b"G" + bytes(187) + b"G" + bytes(187) + b"H",
    ],
)
def test_nothing_else_is_a_container(head: bytes) -> None:
    assert container_of(head) is None


@given(st.binary(max_size=4096))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    assert container_of(head) is None or container_of(head) == container_of(bytes(head))


BOXES = set(b"ftyp moov mdat free skip wide pnot uuid udta junk pict styp sidx prfl".split())


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=300))
def test_no_text_is_a_container_but_for_a_few_magic_words(text: str) -> None:
    words = (
        "ID3",
        "OggS",
        "fLaC",
        "#!AMR",
        "RIFF",
        "RF64",
        "BW64",
        "RIFX",
        "FORM",
        "FLV",
        ".RMF",
        "TTA1",
        "wvpk",
        ".snd",
        "YUV4MPEG2",
        "DTSHDHDR",
    )
    head = text.lstrip("\0").encode()
    assert (
        container_of(text.encode()) is None
        or head.decode().startswith(words)
        or text.encode()[4:8] in BOXES
        or any(box in head[:8] for box in BOXES)
    )
