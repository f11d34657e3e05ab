"""The boxes of an MP4 that is in memory (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

HEADER = struct.Struct(">I4s")


class Boxes:
    """The boxes in a piece of bytes, by name. What is not a box raises ValueError."""

    def __init__(self, data: bytes) -> None:
        self._found: list[tuple[str, bytes]] = list(_boxes(data))

    def __getitem__(self, name: str) -> bytes:
        """Return the content of the first box with a name. Raises ValueError if there is none."""
        found = self.get(name)
        if found is None:
            raise ValueError(f"there is no box {name}")
        return found

    def get(self, name: str) -> bytes | None:
        """Return the content of the first box with a name, or None."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[bytes]:
        """Yield the contents of all boxes with a name."""
        return (content for found, content in self._found if found == name)

    def first(self) -> tuple[str, bytes]:
        """Return the first box: its name and its content. Raises ValueError if there is none."""
        if not self._found:
            raise ValueError("there is no box")
        return self._found[0]


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at + HEADER.size <= len(data):
        size, name = HEADER.unpack_from(data, at)
        if not HEADER.size <= size <= len(data) - at:
            raise ValueError("a box that is larger than what it is in")
        yield name.decode("latin-1"), data[at + HEADER.size : at + size]
        at += size
