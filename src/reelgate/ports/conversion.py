"""Taking media files apart. They come from strangers: implementations must survive whatever is in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import Reason
from reelgate.domain.media.derived_media import Facts

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


class MediaRanges(Protocol):
    """The bucket with the videos, read in pieces."""

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        """Return the bytes from `start`: as many as asked for, fewer only at the end.

        Raises:
            FileNotFound: that generation is not there (any more).
            Unavailable.
        """
