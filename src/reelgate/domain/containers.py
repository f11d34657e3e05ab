"""Which container a media file really is, by its first bytes.

What a client calls a file says nothing. Only these containers are ever handed to FFmpeg, each to its one demuxer: playlists and
scripts that make FFmpeg open other files or addresses (HLS, DASH, concat, SDP) are no containers and never reach it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at: recordings that begin in the middle of a packet, or behind some padding, show what they are
only then."""
MAX_TAGS = 4
"""So many ID3 tags may stand before the file proper."""

_BOXES = frozenset(
    b"ftyp moov mdat free skip wide pnot uuid udta junk pict styp sidx prfl".split()  # those that FFmpeg's mov_probe() knows
)
_TS_PACKETS = [re.compile(b"\x47(?:.{%d}\x47){4}" % (length - 1), re.DOTALL) for length in (188, 192, 204)]
"""Five sync bytes a packet apart (ISO/IEC 13818-1, 2.4.3.2); cameras put a time stamp of four bytes before each packet, and
receivers 16 bytes of error correction behind it."""
_PACK = re.compile(b"\0\0\x01\xba[\x21-\x2f\x44-\x7f]")
"""The header of a pack in an MPEG program stream, of MPEG-1 or 2 (ISO/IEC 13818-1, 2.5.3.3)."""


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file: what people call it, and the name of FFmpeg's demuxer for it."""

    name: str
    demuxer: str

    @property
    def has_index(self) -> bool:
        """Whether it lists each of its packets, so that what it says of its length is no estimate and no mere claim."""
        return self.demuxer == "mov"


_MP3, _AAC = Container("mp3", "mp3"), Container("aac", "aac")
_BY_BEGINNING = (
    (b"fLaC", Container("flac", "flac")),
    (b"FLV\x01", Container("flv", "flv")),
    (b"OggS", Container("ogg", "ogg")),
    (b"\x00\x00\x01\xba", Container("mpeg", "mpeg")),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), Container("asf", "asf")),
    (b"#!AMR", Container("amr", "amr")),
)


def container_of(head: bytes) -> Container | None:
    """Return the container that a file is which begins with `head` (its first HEAD_BYTES), None for anything else.

    ID3 tags are looked behind. Where nothing that is known follows, or `head` ends before, the file is one of MP3 frames,
    whose reader looks for them itself. `tag_bytes` tells where to read on.
    """
    body = head
    for _ in range(MAX_TAGS):
        body = body[tag_bytes(body) :]
    return _untagged(body) or (_MP3 if head.startswith(b"ID3") else None)


def tag_bytes(head: bytes) -> int:
    """Return how many bytes the ID3 tag has that `head` begins with, 0 without one (ID3v2.4.0, section 3.1)."""
    if not head.startswith(b"ID3") or len(head) < 10 or any(byte & 0x80 for byte in head[6:10]):
        return 0
    size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    has_footer = bool(head[5] & 0x10)
    return 10 + size + 10 * has_footer


def _untagged(head: bytes) -> Container | None:
    for beginning, container in _BY_BEGINNING:
        if head.startswith(beginning):
            return container
    return _boxes(head) or _ebml(head) or _riff(head) or _packets(head) or _audio_frames(head)


def _boxes(head: bytes) -> Container | None:
    """ISO base media files and QuickTime (ISO/IEC 14496-12, 4.2): size and type of the first box."""
    if head[4:8] not in _BOXES or not (int.from_bytes(head[:4], "big") >= 8 or head[:4] in {b"\0\0\0\0", b"\0\0\0\1"}):
        return None
    is_quicktime = head[4:8] != b"ftyp" or head[8:12] == b"qt  "
    return Container("mov" if is_quicktime else "mp4", "mov")


def _ebml(head: bytes) -> Container | None:
    """Matroska and WebM (RFC 8794, 11.2.1; the document type stands near the beginning)."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return Container("webm" if b"webm" in head[:64] else "matroska", "matroska")


def _riff(head: bytes) -> Container | None:
    form = head[8:12]
    if head.startswith((b"RIFF", b"RF64")) and form in {b"AVI ", b"WAVE"}:
        return Container("avi", "avi") if form == b"AVI " else Container("wav", "wav")
    return Container("aiff", "aiff") if head.startswith(b"FORM") and form in {b"AIFF", b"AIFC"} else None


def _packets(head: bytes) -> Container | None:
    """MPEG transport and program streams, from any place in the middle of a packet on."""
    if any(packets.search(head) for packets in _TS_PACKETS):
        return Container("mpegts", "mpegts")
    return Container("mpeg", "mpeg") if len(_PACK.findall(head)) > 1 else None


def _audio_frames(head: bytes) -> Container | None:
    """Bare frames of AAC (ADTS) or MPEG audio: two in a row after any padding of zeros, or four anywhere, from where a
    recording was cut.
    """
    data = head.lstrip(b"\0")
    for start, needed in ((0, 2), *((at, 4) for at in _sync_bytes(data))):
        for container, length_of in ((_AAC, _adts_bytes), (_MP3, _mpeg_bytes)):
            if _are_frames(data, start, needed, length_of):
                return container
    return None


def _sync_bytes(data: bytes) -> Iterator[int]:
    at = data.find(b"\xff", 1)
    while at >= 0:
        yield at
        at = data.find(b"\xff", at + 1)


def _are_frames(data: bytes, at: int, needed: int, length_of: Callable[[bytes], tuple[int, bytes] | None]) -> bool:
    """Whether so many frames of one kind begin at a place. What lies behind the end of a file that short is not asked for."""
    kind = None
    for number in range(needed):
        if number and at >= len(data):
            return needed == 2
        found = length_of(data[at : at + 6])
        if found is None or kind not in {None, found[1]}:
            return False
        at, kind = at + found[0], found[1]
    return True


def _adts_bytes(header: bytes) -> tuple[int, bytes] | None:
    """Return the length of an AAC frame and what all frames of a file have in common (ISO/IEC 14496-3, 1.A.2.2)."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 0x0F > 12:
        return None
    length = (header[3] & 0x03) << 11 | header[4] << 3 | header[5] >> 5
    return (length, bytes([header[1], header[2] & 0xFC])) if length > 7 else None


_KBITS = {  # by version 1 or 2, and layer (ISO/IEC 11172-3, 2.4.2.3; 13818-3, 2.4.2.3)
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SHRINK = {3: 1, 2: 2, 0: 4}  # of the sample rate, by the version's bits: MPEG-1, 2 and 2.5


def _mpeg_bytes(header: bytes) -> tuple[int, bytes] | None:
    """Return the length of a frame of MPEG audio and what all frames of a file have in common (ISO/IEC 11172-3, 2.4.1.3)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate, bits = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3), header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 4 or rate == 3 or bits in {0, 15}:
        return None
    per_second = (44_100, 48_000, 32_000)[rate] // _SHRINK[version]
    bits_per_second = 1000 * _KBITS[1 if version == 3 else 2, layer][bits - 1]
    padding = header[2] >> 1 & 1
    if layer == 1:
        length = (12 * bits_per_second // per_second + padding) * 4
    else:
        length = (72 if layer == 3 and version != 3 else 144) * bits_per_second // per_second + padding
    return length, bytes([header[1] & 0xFE, header[2] & 0x0C])
