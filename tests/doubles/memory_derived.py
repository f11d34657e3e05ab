"""Derived objects in memory, and videos read in pieces, for tests of the use cases."""

from __future__ import annotations

from collections.abc import Sequence

from reelgate.domain.errors import Unavailable, VideoNotFound
from reelgate.ports.media import ObjectWriter
from tests.doubles.memory_media import MemoryMedia


class MemoryDerivedObjects:
    """Objects by name, with their content types. `unavailable` makes everything fail as a lost network would."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.written: list[str] = []
        self.abandoned: list[str] = []
        self.unavailable = False

    def create(self, name: str, *, content_type: str, large: bool = False) -> ObjectWriter:
        return _MemoryWriter(self, name, content_type)

    async def put(self, name: str, content_type: str, data: bytes) -> None:
        self.reach()
        self.objects[name] = (content_type, data)
        self.written.append(name)

    async def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        self.reach()
        if name not in self.objects:
            raise Unavailable("An object is gone at the moment; try again.")
        return self.objects[name][1][start : None if length is None else start + length]

    async def compose(self, name: str, sources: Sequence[str], *, content_type: str) -> None:
        self.reach()
        assert 0 < len(sources) <= 32
        if not all(source in self.objects for source in sources):
            raise Unavailable("A part of the file is gone at the moment; try again.")
        self.objects[name] = (content_type, b"".join(self.objects[source][1] for source in sources))

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
        await self._bucket.put(self._name, self._type, bytes(self._data))

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
            raise VideoNotFound("The object is gone.")
        self.reads.append((start, length))
        return self._media.data[object_name][start : start + length]
