"""How a file is sent: in one session, or in parts; and under which idempotency key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from reelgate_client.core.local_files import LocalFile

MIB = 1024 * 1024
CHUNK_STEP = 256 * 1024
"""Chunks of a session are multiples of it (Cloud Storage docs, "Resumable uploads")."""
DEFAULT_CHUNK_BYTES = 8 * MIB
DEFAULT_PART_BYTES = 16 * MIB
MAX_PARTS = 10_000
PARTS_FROM_BYTES = 32 * MIB
"""Smaller files go through one session: parts would cost them more requests than time."""
MAX_GENERATIONS = 20
"""How many ended uploads of the same content are passed over before a random key is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A file that is to be sent. Equal content under an equal name has an equal plan on every machine."""

    file: LocalFile
    filename: str
    crc32c: str
    title: str | None = None
    part_size: int | None = None
    part_checksums: tuple[str, ...] = ()
    chunk_size: int = DEFAULT_CHUNK_BYTES

    @property
    def size(self) -> int:
        """Bytes."""
        return self.file.size

    @property
    def start(self) -> str:
        """How the upload begins, in the API's words. The server knows its sessions, so any machine can go on with them."""
        return "server" if self.part_size is None else "parts"

    def idempotency_key(self, generation: int = 0) -> str:
        """Return a key that depends on nothing but name and content.

        Whoever sends this file, a second machine or this one after a crash, gets the same upload. `generation` counts uploads
        of the same content that are over, because it was deleted or cancelled since.
        """
        content = [self.filename, self.size, self.crc32c, self.title, self.part_size, generation]
        return "content-" + hashlib.sha256(json.dumps(content).encode()).hexdigest()[:48]

    def request(self) -> Mapping[str, object]:
        """Return what the upload is created with."""
        return {"crc32c": self.crc32c, "title": self.title, "start": self.start, "part_size": self.part_size}

    def part(self, index: int) -> tuple[int, int]:
        """Return the first byte and the length of a part."""
        size = self.part_size or self.size
        return index * size, min(size, self.size - index * size)


def part_size_for(size: int, *, parallel: int, part_size: int | None = None) -> int | None:
    """Return the bytes of each part; None where the file goes through a session."""
    if parallel <= 1 or (part_size is None and size <= PARTS_FROM_BYTES):
        return None
    least = -(-size // MAX_PARTS)
    wanted = max(part_size or DEFAULT_PART_BYTES, least)
    return wanted if wanted < size else None


def chunk_size_for(size: int) -> int:
    """Return a size of chunks that a session accepts: rounded up to 256 KiB."""
    return max(CHUNK_STEP, -(-size // CHUNK_STEP) * CHUNK_STEP)
