"""A bucket in memory that keeps the promises of the port, for tests of the use cases."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import BinaryIO

import google_crc32c

from reelgate.domain.books.video import UPLOAD_ID_SETTING, StoredObject
from reelgate.domain.errors import Unavailable
from reelgate.ports.storage import SessionStatus


@dataclass
class Session:
    """A resumable session: what was declared for it, and what has arrived."""

    object_name: str
    content_type: str
    size: int
    crc32c: str | None
    origin: str | None
    received: bytearray = field(default_factory=bytearray)


class MemoryMedia:
    """Objects and sessions by name and URL. `unavailable` makes everything fail as a lost network would."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.objects: dict[str, StoredObject] = {}
        self.data: dict[str, bytes] = {}
        self.sessions: dict[str, Session] = {}
        self.unavailable = False
        self._numbers = itertools.count(1)

    def write(
        self, name: str, data: bytes, content_type: str, *, content_encoding: str | None = None, **settings: str
    ) -> StoredObject:
        """Write an object as a client of the bucket would, with settings such as `cacheControl`, and return it."""
        checksum = base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()
        self.objects[name] = StoredObject(
            name=name,
            generation=next(self._numbers),
            size=len(data),
            content_type=content_type,
            crc32c=checksum,
            content_encoding=content_encoding,
            written_at=self.clock(),
            settings=tuple(sorted(settings.items())),
        )
        self.data[name] = data
        return self.objects[name]

    async def find(self, object_name: str) -> StoredObject | None:
        self._reach()
        return self.objects.get(object_name)

    async def remove(self, object_name: str, generation: int) -> None:
        self._reach()
        found = self.objects.get(object_name)
        if found is not None and found.generation == generation:
            del self.objects[object_name], self.data[object_name]

    async def reset(self, found: StoredObject, *, upload_id: str) -> StoredObject | None:
        self._reach()
        if self._generation(found.name) != found.generation:
            return None
        not_granted = found.settings_not_granted(upload_id)
        if not_granted:
            kept = {name: value for name, value in self.objects[found.name].settings if name not in not_granted}
            settings = tuple(sorted({**kept, UPLOAD_ID_SETTING: upload_id}.items()))
            self.objects[found.name] = replace(self.objects[found.name], settings=settings)
        return self.objects[found.name]

    async def open_session(
        self, object_name: str, *, content_type: str, size: int, crc32c: str | None, upload_id: str, origin: str | None
    ) -> str:
        self._reach()
        url = f"https://bucket.example/{upload_id}/{next(self._numbers)}"
        self.sessions[url] = Session(object_name, content_type, size, crc32c, origin)
        return url

    async def session_status(self, session_url: str, *, size: int) -> SessionStatus:
        self._reach()
        session = self.sessions.get(session_url)
        return SessionStatus(received_bytes=len(session.received) if session else 0, alive=session is not None)

    async def cancel_session(self, session_url: str) -> None:
        self._reach()
        self.sessions.pop(session_url, None)

    async def put(
        self, object_name: str, data: BinaryIO, *, content_type: str, size: int, upload_id: str
    ) -> StoredObject | None:
        self._reach()
        if object_name in self.objects:
            return None
        data.seek(0)
        return self.write(object_name, data.read(size), content_type, **{UPLOAD_ID_SETTING: upload_id})

    async def put_placeholder(self, object_name: str, *, generation: int, upload_id: str) -> bool:
        self._reach()
        if self._generation(object_name) not in {None, generation}:
            return False
        empty = self.write(object_name, b"", "application/octet-stream", **{UPLOAD_ID_SETTING: upload_id})
        self.objects[object_name] = replace(empty, custom_time=self.clock())
        return True

    async def listing(self, prefix: str, *, after: str | None = None, limit: int = 1000) -> Sequence[StoredObject]:
        self._reach()
        names = sorted((name for name in self.objects if name.startswith(prefix)), key=str.encode)
        return [self.objects[name] for name in names if after is None or name.encode() > after.encode()][:limit]

    async def compose(
        self, object_name: str, sources: Sequence[StoredObject], *, content_type: str, upload_id: str
    ) -> StoredObject | None:
        self._reach()
        if not 1 <= len(sources) <= 32:
            raise ValueError("an object is composed of 1 to 32 others")
        if object_name in self.objects:
            return self.objects[object_name]
        if any(self._generation(source.name) != source.generation for source in sources):
            return None
        whole = b"".join(self.data[source.name] for source in sources)
        return self.write(object_name, whole, content_type, **{UPLOAD_ID_SETTING: upload_id})

    async def remove_all(self, objects: Sequence[StoredObject]) -> None:
        for one in objects:
            await self.remove(one.name, one.generation)

    def _generation(self, name: str) -> int | None:
        found = self.objects.get(name)
        return None if found is None else found.generation

    def _reach(self) -> None:
        if self.unavailable:
            raise Unavailable("Storage cannot be reached at the moment; try again.")
