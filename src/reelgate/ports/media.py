"""The bucket with the videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from reelgate.domain.video import StoredObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """What the bucket knows of a resumable session. `alive` is False for one that can no longer be continued."""

    received_bytes: int
    alive: bool


class MediaStore(Protocol):
    """The bucket with the videos."""

    async def find(self, object_name: str) -> StoredObject | None:
        """Return the live object of that name, or None."""

    async def remove(self, object_name: str, generation: int) -> None:
        """Remove that generation of an object, if it is still there. Raises Unavailable."""

    async def open_session(
        self, object_name: str, *, content_type: str, size: int, crc32c: str | None, upload_id: str, origin: str | None
    ) -> str:
        """Open a create-only resumable session and return its URL, a bearer secret. Raises Unavailable."""

    async def session_status(self, session_url: str, *, size: int) -> SessionStatus:
        """Ask how many bytes a session has. Raises Unavailable."""

    async def cancel_session(self, session_url: str) -> None:
        """End a session, if it still lives. Raises Unavailable."""

    async def put(self, object_name: str, data: BinaryIO, *, content_type: str, size: int, upload_id: str) -> None:
        """Write a new object from a file-like of `size` bytes, unless one of that name exists. Raises Unavailable."""
