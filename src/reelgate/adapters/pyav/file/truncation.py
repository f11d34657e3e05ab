"""Check whether a file is shorter than its structure declares, for example because it was only partly copied."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from reelgate.adapters.pyav.file.boxes import boxes_of, read_fully

_LARGE_BOXES = frozenset(b"mdat moov moof free skip uuid".split())
"""The boxes that a truncated file usually ends in. Other data may follow the last box: an APE or ID3 tag."""
_NO_SIZE = 0x7FFF_0000
"""From this value on, a RIFF size is a placeholder of writers that could not seek back."""
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_HEAD_BYTES = 4096


def is_truncated(file: io.RawIOBase | BinaryIO, container: str) -> bool:
    """Return whether a container declares more bytes than the file has; False if it declares none."""
    size = file.seek(0, io.SEEK_END)
    if container in {"mp4", "mov"}:
        return _end_of_boxes(file, size) > size
    file.seek(0)
    head = read_fully(file, _HEAD_BYTES)
    file.seek(0)
    ends = {
        "webm": _segment_end,
        "matroska": _segment_end,
        "avi": _riff_end,
        "wav": _riff_end,
        "aiff": _form_end,
        "asf": _asf_end,
        "au": _au_end,
        "caf": _caf_end,
        "w64": _w64_end,
    }
    end = ends[container](head) if container in ends else None
    return end is not None and end > size


def _end_of_boxes(file: io.RawIOBase | BinaryIO, size: int) -> int:
    """Return the end of the last box."""
    ends = (
        box.start + box.length
        for box in boxes_of(file, size)
        if box.length and (box.start + box.length <= size or box.name in _LARGE_BOXES)
    )
    end = max(ends, default=0)
    file.seek(0)
    return end


def _segment_end(head: bytes) -> int | None:
    """Matroska has one Segment after its header (RFC 9559, 5.1; sizes: RFC 8794, 5)."""
    header, at = _ebml_size(head, 4)
    if header is None or head[at + header : at + header + 4] != b"\x18\x53\x80\x67":
        return None
    length, start = _ebml_size(head, at + header + 4)
    return None if length is None else start + length


def _ebml_size(data: bytes, at: int) -> tuple[int | None, int]:
    """Return a size (None if unknown) and the start of its content."""
    if at >= len(data) or not data[at]:
        return None, at
    octets = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + octets], "big") - (1 << 7 * octets)
    unknown = value == (1 << 7 * octets) - 1
    return (None if unknown else value), at + octets


def _riff_end(head: bytes) -> int | None:
    if head.startswith((b"RF64", b"BW64")):  # its size is in the chunk that comes first (EBU Tech 3306)
        return 8 + int.from_bytes(head[20:28], "little") if head[12:16] == b"ds64" else None
    size = int.from_bytes(head[4:8], "big" if head.startswith(b"RIFX") else "little")
    return 8 + size if size < _NO_SIZE else None


def _form_end(head: bytes) -> int | None:
    size = int.from_bytes(head[4:8], "big")
    return 8 + size if size < _NO_SIZE else None


def _asf_end(head: bytes) -> int | None:
    """The file size in the file properties, 0 in a broadcast (ASF specification, 3.2)."""
    at = head.find(_ASF_FILE_PROPERTIES)
    if at < 0 or len(head) < at + 48:
        return None
    return int(struct.unpack_from("<Q", head, at + 40)[0]) or None


def _au_end(head: bytes) -> int | None:
    """Start and length of the audio; a length of all ones means unknown (Sun's au(4))."""
    start, size = struct.unpack_from(">II", head, 4) if len(head) >= 12 else (0, _NO_SIZE)
    return start + size if size < _NO_SIZE else None


def _caf_end(head: bytes) -> int | None:
    """The end of the audio chunk, whose size is -1 during recording (Core Audio Format specification)."""
    at = 8
    while at + 12 <= len(head):
        size = int.from_bytes(head[at + 4 : at + 12], "big", signed=True)
        if size < 0:
            return None
        if head[at : at + 4] == b"data":
            return at + 12 + size
        at += 12 + size
    return None


def _w64_end(head: bytes) -> int | None:
    """The size of the whole file, after the GUID at its start."""
    return int.from_bytes(head[16:24], "little") or None
