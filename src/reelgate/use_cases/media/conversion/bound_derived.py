"""How large what is derived from a file may be: in proportion to the file, and together with what is derived from others.

Derived objects up to their file's own size are covered by the storage limit that the file counts towards. What exceeds it
counts towards a limit of its own, which is read only where it matters: most videos are much larger than their poster and MP3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from reelgate.domain.media.audio_rates import usual_rate
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.examination import Facts
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasPolicy
from reelgate.ports.media import HasConversion, HasDerivedMedia


class Services(HasConversion, HasDerivedMedia, HasPolicy, Protocol):
    """What bounding derived objects needs."""


@value_type
class AudioBound:
    """How many bytes an MP3 may have; `by_room` if less than its file alone would allow."""

    max_bytes: int
    by_room: bool


@dataclass
class Room:
    """The room for what is derived from one file of `size` bytes.

    Runs at the same time do not see each other's objects: together they may exceed the limit by what one file may have each.
    """

    services: Services
    record: DerivedMedia
    size: int
    storage_limit: int | None
    _extra: int | None = field(default=None, init=False)

    async def takes_poster(self, poster_bytes: int) -> bool:
        """Return whether there is room for a poster. Raises Unavailable."""
        return poster_bytes <= self.size or poster_bytes - self.size <= await self._left()

    async def takes_packaged(self, packaged_bytes: int) -> bool:
        """Return whether there is room for the packaged video. Its bytes are those of the file once more, so only what exceeds
        these is counted. Raises Unavailable.
        """
        return packaged_bytes <= self.size or packaged_bytes - self.size <= await self._left()

    async def for_audio(self, record: DerivedMedia) -> AudioBound:
        """Return how large the MP3 may be; `record` has the poster and the facts. Raises Unavailable."""
        allowed = self.services.conversion.max_audio_bytes(self.size)
        own = self.size - record.poster_bytes
        packaged = max(0, record.hls.bytes - self.size)
        expected = _usual_bytes(record.facts)
        if expected is not None and 2 * expected <= min(own, allowed):  # twice: the declared duration may be wrong
            return AudioBound(max_bytes=min(own, allowed), by_room=False)
        with_room = max(0, own + await self._left() - packaged)
        return AudioBound(max_bytes=min(with_room, allowed), by_room=with_room < allowed)

    async def _left(self) -> int:
        """Return by how many bytes the objects of this file may exceed it."""
        if self._extra is None:
            self._extra = await self.services.derived_media.extra_bytes(self.record.uid) - self.record.extra_bytes
        limit = self.services.policy.default_limits.storage_bytes if self.storage_limit is None else self.storage_limit
        return max(0, limit * self.services.conversion.derived_percent // 100 - self._extra)


def _usual_bytes(facts: Facts | None) -> int | None:
    """Return the usual size of a file's MP3 as far as it declares its duration."""
    if facts is None or facts.duration_seconds is None:
        return None
    return usual_rate("mono" if facts.channels == 1 else "stereo").bytes_for(facts.duration_seconds)
