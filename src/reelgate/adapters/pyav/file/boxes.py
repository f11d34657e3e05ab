"""The boxes of MP4 and QuickTime files (ISO/IEC 14496-12, 4.2), read without FFmpeg."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from reelgate.domain.value_types import positional_value_type

MAX_BOXES = 64
"""Fragmented files have thousands of boxes all over the file; the ones needed here are among the first."""
_SHORT_HEADER, _LONG_HEADER = 8, 16


@positional_value_type
class Box:
    """A top-level box. `length` is its total length in bytes; None if it extends to the end of the file."""

    name: bytes
    start: int
    length: int | None


def boxes_of(file: io.RawIOBase | BinaryIO, size: int) -> Iterator[Box]:
    """Yield the first boxes of a file of this many bytes, up to an invalid one. Moves the file's position."""
    at = 0
    for _ in range(MAX_BOXES):
        if at >= size:
            return
        file.seek(at)
        header = read_fully(file, _LONG_HEADER)
        if len(header) < _SHORT_HEADER:
            return
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if 0 < length < _SHORT_HEADER:
            return
        yield Box(name=header[4:8], start=at, length=length or None)
        if not length:
            return
        at += length


def read_fully(file: io.RawIOBase | BinaryIO, length: int) -> bytes:
    """Return the next bytes; fewer only at the end of the file."""
    data = bytearray()
    while len(data) < length and (piece := file.read(length - len(data))):
        data += piece
    return bytes(data)
