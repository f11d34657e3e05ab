"""What a file is, by its first bytes: nothing else is handed to FFmpeg."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.containers import HEAD_BYTES, container_of
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


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    assert container_of(head) is None or container_of(head) == container_of(bytes(head))


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=300))
def test_no_text_is_a_container_but_for_a_few_magic_words(text: str) -> None:
    words = ("ID3", "OggS", "fLaC", "#!AMR", "RIFF", "RF64", "FORM", "FLV")
    head = text.encode()
    assert container_of(head) is None or text.startswith(words) or head[4:8] in {b"ftyp", b"moov", b"mdat"} or head[:1] == b"G"
