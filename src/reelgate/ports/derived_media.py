"""What was derived from videos: the records about it, and the objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from reelgate.domain.media.derived_media import DerivedMedia

DecideMedia = Callable[[DerivedMedia | None], DerivedMedia | None]
"""A pure decision on a file's record: the next one, or None to leave it as it is. May run several times; its errors are
passed on."""


class DerivedMediaRecords(Protocol):
    """One record per file. Every method raises Unavailable when the records cannot be reached."""

    async def get(self, uid: str, *file_ids: str) -> Mapping[str, DerivedMedia]:
        """Return the records that exist, by file id, as of one instant."""

    async def change(self, uid: str, file_id: str, decide: DecideMedia) -> DerivedMedia | None:
        """Read, decide and write, on condition that nobody has written in between; else again, a bounded number of times.

        Returns the record as it now stands. Raises Unavailable when others kept writing it.
        """

    async def delete(self, uid: str, file_id: str) -> None:
        """Forget a file, if it is known."""


class ObjectWriter(Protocol):
    """An object on its way into the bucket. It appears when it is finished, and never in part."""

    async def write(self, data: bytes) -> None:
        """Append. Raises Unavailable."""

    async def finish(self) -> None:
        """Make it appear, in place of one that had its name. Raises Unavailable."""

    async def abandon(self) -> None:
        """Give it up. Never raises; what cannot be given up now disappears by itself."""


class DerivedObjects(Protocol):
    """The bucket with what was derived."""

    def create(self, name: str, *, content_type: str) -> ObjectWriter:
        """Begin an object of unknown size, which is sent on as it comes."""

    async def remove_all(self, prefix: str) -> None:
        """Remove every object whose name begins so. Raises Unavailable."""
