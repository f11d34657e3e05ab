"""CRC32C, as Cloud Storage and the API write it: base64 of its four bytes, big-endian."""

from __future__ import annotations

import base64
from typing import BinaryIO

import google_crc32c

READ_BYTES = 1024 * 1024


class Crc32c:
    """A checksum that grows with the bytes."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        """Add bytes."""
        self._value = google_crc32c.extend(self._value, data)

    def __str__(self) -> str:
        return base64.b64encode(self._value.to_bytes(4, "big")).decode()


def crc32c_of(data: bytes) -> str:
    """Return the checksum of some bytes."""
    checksum = Crc32c()
    checksum.update(data)
    return str(checksum)


def crc32c_of_file(file: BinaryIO, size: int | None = None) -> Crc32c:
    """Return the checksum of a file's next `size` bytes, or of all that follow."""
    checksum, left = Crc32c(), size
    while data := file.read(READ_BYTES if left is None else min(READ_BYTES, left)):
        checksum.update(data)
        left = None if left is None else left - len(data)
    return checksum


def crc32c_of_header(value: str | None) -> str | None:
    """Return the CRC32C of an `x-goog-hash` header (`crc32c=...,md5=...`); None if it has none."""
    pairs = (part.strip().partition("=") for part in (value or "").split(","))
    return next((digest for name, _, digest in pairs if name == "crc32c"), None)
