"""Audio and video streams as their encoder wrote them, without a container.

Such a file has no header. It is recognised by frames that follow one another, or by the units that every decoder needs. Names
are those of FFmpeg's demuxers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_Frame = tuple[int, bytes]
"""The length of a frame, and the header bits that are equal in all frames of a file."""


class _Framing(NamedTuple):
    """How the frames of a codec are recognised: by their first byte, and by this many consecutive frames at the start of a
    file.

    If two frames are required, the second may be missing because the file is short. If more are required (weaker sync words),
    none may.
    """

    demuxer: str
    first: int
    in_a_row: int
    read: Callable[[bytes], _Frame | None]


ANYWHERE = 4
"""This many consecutive frames, or long sync words, identify a stream at any position: recordings can start anywhere."""
_HEADER_BYTES = 6
_DTS_SYNC = re.compile(b"\x7f\xfe\x80\x01|\xfe\x7f\x01\x80|\x1f\xff\xe8\0\x07[\xf0-\xff]|\xff\x1f\0\xe8[\xf0-\xff]\x07")
"""In 16-bit or 14-bit words, most or least significant byte first (ETSI TS 102 114)."""
_MLP_SYNCS = {b"\xf8\x72\x6f\xba": "truehd", b"\xf8\x72\x6f\xbb": "mlp"}
"""The sync word of a unit with a header, after its length and time (Dolby's TrueHD (MLP) High-level Bitstream Description)."""

_H262_SEQUENCE = re.compile(b"\0\0\x01\xb3...[\x11-\xe8]..[\x20-\x3f\x60-\x7f\xa0-\xbf\xe0-\xff]", re.DOTALL)
"""A sequence header of MPEG-1 or 2 (ISO/IEC 13818-2, 6.2.2.1): size, pixel aspect ratio, one of eight frame rates, bit rate,
and the marker after it."""
_H262_PICTURE, _H262_SLICE = b"\0\0\x01\0", b"\0\0\x01\x01"
"""What comes after it (6.2.3 and 6.2.4)."""
_MPEG4_FIRST = re.compile(b"\0*\0\0\x01[\0-\x2f\xb0\xb5]")
_MPEG4_LAYER = re.compile(b"\0\0\x01[\x20-\x2f]")
_MPEG4_PLANE = b"\0\0\x01\xb6"
"""MPEG-4 Part 2 starts with an object or a structure above it, then has a layer, then planes (ISO/IEC 14496-2, 6.2.1)."""
_HEVC = [re.compile(b"\0\0\x01" + unit, re.DOTALL) for unit in (b"\x40\x01\x0c", b"\x42\x01", b"\x44\x01")]
"""The three parameter sets: of video, sequence and picture (ITU-T H.265, 7.3.1.2 and table 7-1)."""
_H264 = [
    re.compile(b"\0\0\x01[\x27\x47\x67][\x2c\x42\x4d\x53\x56\x58\x64\x6e\x76\x7a\x80\x8a\xf4]", re.DOTALL),
    re.compile(b"\0\0\x01[\x28\x48\x68]"),
    re.compile(b"\0\0\x01[\x01\x21\x41\x61\x25\x45\x65]"),
]
"""A sequence parameter set with an existing profile, a picture parameter set, and a slice (ITU-T H.264, table 7-1)."""


def frames_of_sound(head: bytes) -> str | None:
    """Return the demuxer for bare audio frames: some consecutive frames after optional zero padding, or ANYWHERE of them at any
    position, because a recording may start in the middle of a frame.
    """
    for sync, demuxer in _MLP_SYNCS.items():
        if head[4:8] == sync or head.count(sync) >= ANYWHERE:
            return demuxer
    data = head.lstrip(b"\0")
    if _DTS_SYNC.match(data) or len(_DTS_SYNC.findall(data)) >= ANYWHERE:
        return "dts"
    for framing in _FRAMINGS:
        if _are_frames(data, 0, framing, framing.in_a_row, may_end=framing.in_a_row == 2):
            return framing.demuxer
    for at in _first_bytes(data):
        for framing in _FRAMINGS:
            if data[at] == framing.first and _are_frames(data, at, framing, ANYWHERE, may_end=False):
                return framing.demuxer
    return None


def pictures_of(head: bytes) -> str | None:
    """Return the demuxer for a bare video stream. It may start anywhere, except MPEG-4, whose start codes are too short for
    that.

    The order matters: MPEG-2 and MPEG-4 contain start codes that H.264 forbids, but not the reverse.
    """
    if _MPEG4_FIRST.match(head) and (layer := _MPEG4_LAYER.search(head)) and _MPEG4_PLANE in head[layer.end() :]:
        return "m4v"
    if sequence := _H262_SEQUENCE.search(head):
        picture = head.find(_H262_PICTURE, sequence.end())
        if picture >= 0 and _H262_SLICE in head[picture:]:
            return "mpegvideo"
    if all(unit.search(head) for unit in _HEVC):
        return "hevc"
    return "h264" if all(unit.search(head) for unit in _H264) else None


def _first_bytes(data: bytes) -> Iterator[int]:
    return (match.start() for match in _FIRST_BYTE.finditer(data, 1))


def _are_frames(data: bytes, at: int, framing: _Framing, needed: int, *, may_end: bool) -> bool:
    """Return whether `needed` frames of one kind start at a position. With `may_end`, frames past the end of the data are not
    needed.
    """
    kind = None
    for number in range(needed):
        if number and at >= len(data):
            return may_end
        found = framing.read(data[at : at + _HEADER_BYTES])
        if found is None or kind not in {None, found[1]}:
            return False
        at, kind = at + found[0], found[1]
    return True


def _adts_bytes(header: bytes) -> _Frame | None:
    """Return the length of an AAC frame and its constant header bits (ISO/IEC 14496-3, 1.A.2.2)."""
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


def _mpeg_bytes(header: bytes) -> _Frame | None:
    """Return the length of a frame of MPEG audio and its constant header bits (ISO/IEC 11172-3, 2.4.1.3)."""
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


_AC3_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)


def _ac3_bytes(header: bytes) -> _Frame | None:
    """The same for AC-3 (ATSC A/52, 5.3 and table 5.18)."""
    if len(header) < 6 or header[:2] != b"\x0b\x77" or header[5] >> 3 > 10:
        return None
    rate, size = header[4] >> 6, header[4] & 0x3F
    if rate == 3 or size >= 2 * len(_AC3_KBITS):
        return None
    kbits = _AC3_KBITS[size // 2]
    words = (2 * kbits, 320 * kbits // 147 + size % 2, 3 * kbits)[rate]
    return 2 * words, bytes([rate])


def _eac3_bytes(header: bytes) -> _Frame | None:
    """The same for E-AC-3 (ATSC A/52, annex E): a file may have frames of several programmes, of any length."""
    if len(header) < 6 or header[:2] != b"\x0b\x77" or not 11 <= header[5] >> 3 <= 16 or header[2] >> 6 == 3:
        return None
    return 2 * (((header[2] & 0x07) << 8 | header[3]) + 1), b""


def _loas_bytes(header: bytes) -> _Frame | None:
    """The same for AAC in LOAS (AudioSyncStream, ISO/IEC 14496-3, 1.7.2)."""
    if len(header) < 3 or header[0] != 0x56 or header[1] & 0xE0 != 0xE0:
        return None
    return 3 + ((header[1] & 0x1F) << 8 | header[2]), b""


_FRAMINGS = (
    _Framing("aac", 0xFF, 2, _adts_bytes),
    _Framing("mp3", 0xFF, 2, _mpeg_bytes),
    _Framing("ac3", 0x0B, 2, _ac3_bytes),
    _Framing("eac3", 0x0B, 2, _eac3_bytes),
    _Framing("loas", 0x56, 3, _loas_bytes),
)
_FIRST_BYTE = re.compile(b"[\xff\x0b\x56]")
