"""Converting videos, and what is derived from them: the records about it, and the objects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import ConversionRules, Reason
from reelgate.domain.media.derived_media import DerivedMedia, Facts

Tick = Callable[[int], Awaitable[None]]
"""Called every few seconds with the percentage done, for as long as the work goes on. Raising from it ends the work."""


class RangeSource(Protocol):
    """A file of known size, read in pieces."""

    @property
    def size(self) -> int: ...

    async def read(self, start: int, length: int) -> bytes:
        """Return the bytes from `start`: as many as asked for, fewer only at the end. Raises Unavailable."""


class Sink(Protocol):
    """Takes bytes in order."""

    async def write(self, data: bytes) -> None:
        """Take more. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a file says of itself, and a small JPEG of it; None where no picture could be had.

    `no_sound` is why no sound can be had of it, None where it may.
    """

    facts: Facts
    poster: bytes | None
    no_sound: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """An MP3 that was written in full: its bytes, and the seconds it plays.

    Attributes:
        media_seconds: how long the file plays, where decoding showed that it is something else than the file says.
        truncated: whether the file ends before it says it does.
    """

    size: int
    duration_seconds: float
    media_seconds: float | None = None
    truncated: bool = False


class MediaConverter(Protocol):
    """Takes media files apart, within bounds of time and memory.

    Both kinds of work raise CannotConvert (the file is why, and would be every time), RunFailed (too slow, or the converter
    died), Unavailable (source or sink cannot be reached), and whatever `tick` raises.
    """

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for this instance to have a processor free, and keep it. Raises Unavailable when that takes too long."""

    async def examine(self, source: RangeSource, container: Container, *, poster: bool, seconds: float, tick: Tick) -> Examined:
        """Look into a file, for at most `seconds`."""

    async def extract_audio(
        self, source: RangeSource, container: Container, sink: Sink, *, title: str, max_seconds: int, seconds: float, tick: Tick
    ) -> Extracted:
        """Write a file's sound as MP3 into a sink, for at most `seconds` of time and `max_seconds` of sound."""


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


class HasConversion(Protocol):
    """Offers the rules of conversion."""

    @property
    def conversion(self) -> ConversionRules: ...


class HasConverter(Protocol):
    """Offers the media converter."""

    @property
    def converter(self) -> MediaConverter: ...


class HasDerivedMedia(Protocol):
    """Offers the records of derived media."""

    @property
    def derived_media(self) -> DerivedMediaRecords: ...


class HasDerivedBucket(Protocol):
    """Offers the name of the bucket with derived media."""

    @property
    def derived_bucket(self) -> str: ...


class HasDerivedObjects(Protocol):
    """Offers the bucket with derived media."""

    @property
    def derived_objects(self) -> DerivedObjects: ...
