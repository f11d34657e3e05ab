"""Derived objects in memory, and videos read in pieces, for tests of the use cases."""

from __future__ import annotations

from reelgate.domain.errors import FileNotFound, Unavailable
from reelgate.ports.media import ObjectWriter
from tests.doubles.memory_media import MemoryMedia


class MemoryDerivedObjects:
    """Objects by name, with their content types. `unavailable` makes everything fail as a lost network would."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.written: list[str] = []
        self.abandoned: list[str] = []
        self.unavailable = False

    def create(self, name: str, *, content_type: str) -> ObjectWriter:
        return _MemoryWriter(self, name, content_type)

    async def remove_all(self, prefix: str) -> None:
        self.reach()
        for name in [name for name in self.objects if name.startswith(prefix)]:
            del self.objects[name]

    def reach(self) -> None:
        if self.unavailable:
            raise Unavailable("Storage cannot be reached at the moment; try again.")


class _MemoryWriter:
    def __init__(self, bucket: MemoryDerivedObjects, name: str, content_type: str) -> None:
        self._bucket, self._name, self._type = bucket, name, content_type
        self._data = bytearray()

    async def write(self, data: bytes) -> None:
        self._bucket.reach()
        self._data += data

    async def finish(self) -> None:
        self._bucket.reach()
        self._bucket.objects[self._name] = (self._type, bytes(self._data))
        self._bucket.written.append(self._name)

    async def abandon(self) -> None:
        self._bucket.abandoned.append(self._name)


class MemoryRanges:
    """Reads parts of what is in a MemoryMedia."""

    def __init__(self, media: MemoryMedia) -> None:
        self._media = media
        self.reads: list[tuple[int, int]] = []

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        found = await self._media.find(object_name)
        if found is None or found.generation != generation:
            raise FileNotFound("The object is gone.")
        self.reads.append((start, length))
        return self._media.data[object_name][start : start + length]
