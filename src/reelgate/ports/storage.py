"""The bucket with the videos, and signed URLs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from reelgate.domain.value_types import value_type

if TYPE_CHECKING:
    from reelgate.domain.books.video import StoredObject


@value_type
class SessionStatus:
    """The state of a resumable session. `alive` is False if it cannot be continued."""

    received_bytes: int
    alive: bool


class MediaStore(Protocol):
    """The bucket with the videos."""

    async def find(self, object_name: str) -> StoredObject | None:
        """Return the live object of that name, or None."""

    async def remove(self, object_name: str, generation: int) -> None:
        """Remove one generation of an object, if it exists. Raises Unavailable."""

    async def reset(self, found: StoredObject, *, upload_id: str) -> StoredObject | None:
        """Remove the settings and metadata that no grant allows, and return the object afterwards; None if it does not exist.

        The generation stays the same, and no finalize event follows. It is idempotent, also for concurrent calls.

        Raises Unavailable.
        """

    async def open_session(
        self, object_name: str, *, content_type: str, size: int, crc32c: str | None, upload_id: str, origin: str | None
    ) -> str:
        """Open a create-only resumable session and return its URL, a bearer secret. Raises Unavailable."""

    async def session_status(self, session_url: str, *, size: int) -> SessionStatus:
        """Return how many bytes a session has received. Raises Unavailable."""

    async def cancel_session(self, session_url: str) -> None:
        """Cancel a session, if it is alive. Raises Unavailable."""

    async def put(
        self, object_name: str, data: BinaryIO, *, content_type: str, size: int, upload_id: str
    ) -> StoredObject | None:
        """Create an object from a file of `size` bytes and return it; None if one of that name exists.

        Raises Unavailable.
        """

    async def put_placeholder(self, object_name: str, *, generation: int, upload_id: str) -> bool:
        """Put a placeholder in the place of one generation of an object, or under a free name.

        It is an empty object with a custom time, which create-only finds in its way.

        Returns False if the name has another object, which may be a placeholder. Raises Unavailable.

        Args:
            generation: what may be replaced; 0 stands for no object. If that generation is gone, and nothing came after it, the
                placeholder is put as well.
        """

    async def listing(self, prefix: str, *, after: str | None = None, limit: int = 1000) -> Sequence[StoredObject]:
        """Return up to `limit` live objects whose names start with `prefix`, sorted by the UTF-8 bytes of their names.

        Args:
            after: return only names that sort after this one.

        Raises Unavailable.
        """

    async def compose(
        self, object_name: str, sources: Sequence[StoredObject], *, content_type: str, upload_id: str
    ) -> StoredObject | None:
        """Create an object by joining 1 to 32 others, in order, and return it.

        Returns the existing object if there is one of that name, and None if a source no longer exists in the given
        generation. Raises Unavailable.
        """

    async def remove_all(self, objects: Sequence[StoredObject]) -> None:
        """Remove these generations of objects, those that exist. Raises Unavailable."""


class MediaRanges(Protocol):
    """Reads parts of videos."""

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`, fewer only at the end of the object.

        Raises:
            VideoNotFound: there is no such generation.
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
    """Offers reading parts of videos."""

    @property
    def media_ranges(self) -> MediaRanges: ...


@value_type
class UrlToSign:
    """A request that a client may make with a signed URL, without credentials.

    The client must send `headers`, besides Host. POST is for opening resumable uploads (`x-goog-resumable: start`).
    """

    method: str
    bucket: str
    object_name: str
    expires_seconds: int
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class UrlSigner(Protocol):
    """Makes V4-signed URLs."""

    @property
    def signs_locally(self) -> bool:
        """Whether a signature costs no call over the network, so that many URLs can be signed for one answer."""

    async def signed_url(self, to_sign: UrlToSign, *, now: datetime) -> str:
        """Return a URL that is valid from `now` for `expires_seconds`.

        Raises:
            ValueError: the request cannot be signed at all (a programming error).
            Unavailable: a remote signer could not be reached.
        """


class HasSigner(Protocol):
    """Offers the URL signer."""

    @property
    def signer(self) -> UrlSigner: ...
