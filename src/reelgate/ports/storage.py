"""The bucket with the videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from reelgate.domain.books.video import StoredObject


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

    async def reset(self, found: StoredObject, *, upload_id: str) -> StoredObject | None:
        """Take away the settings of an object that no grant has, and return it as it then is; None when it is not there.

        Its generation stays, and no object is finalized by it. Doing it twice is fine, and at once by two as well.

        Raises Unavailable.
        """

    async def open_session(
        self, object_name: str, *, content_type: str, size: int, crc32c: str | None, upload_id: str, origin: str | None
    ) -> str:
        """Open a create-only resumable session and return its URL, a bearer secret. Raises Unavailable."""

    async def session_status(self, session_url: str, *, size: int) -> SessionStatus:
        """Ask how many bytes a session has. Raises Unavailable."""

    async def cancel_session(self, session_url: str) -> None:
        """End a session, if it still lives. Raises Unavailable."""

    async def put(
        self, object_name: str, data: BinaryIO, *, content_type: str, size: int, upload_id: str
    ) -> StoredObject | None:
        """Write a new object from a file-like of `size` bytes and return it, or None when one of that name exists.

        Raises Unavailable.
        """

    async def listing(self, prefix: str, *, after: str | None = None, limit: int = 1000) -> Sequence[StoredObject]:
        """Return up to `limit` live objects whose names begin with `prefix`, in the order of their names' UTF-8 bytes.

        Args:
            after: only names behind this one.

        Raises Unavailable.
        """

    async def compose(
        self, object_name: str, sources: Sequence[StoredObject], *, content_type: str, upload_id: str
    ) -> StoredObject | None:
        """Write a new object from 1 to 32 others, one after the other, and return it.

        Returns the one that is there when one of that name exists already, and None when a source is not there any more
        in the generation that is given. Raises Unavailable.
        """

    async def remove_all(self, objects: Sequence[StoredObject]) -> None:
        """Remove these generations of objects, as far as they are still there. Raises Unavailable."""


class MediaRanges(Protocol):
    """The bucket with the videos, read in pieces."""

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        """Return the bytes from `start`: as many as asked for, fewer only at the end.

        Raises:
            FileNotFound: that generation is not there (any more).
            Unavailable.
        """


class HasBucket(Protocol):
    """Offers the name of the bucket with the videos."""

    @property
    def bucket(self) -> str: ...


class HasStorageUrl(Protocol):
    """Offers the scheme and host at which clients reach Cloud Storage."""

    @property
    def storage_url(self) -> str: ...


class HasMedia(Protocol):
    """Offers the bucket with the videos."""

    @property
    def media(self) -> MediaStore: ...


class HasMediaRanges(Protocol):
    """Offers reading videos in pieces."""

    @property
    def media_ranges(self) -> MediaRanges: ...
