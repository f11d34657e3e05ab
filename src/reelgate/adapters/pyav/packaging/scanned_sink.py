"""The function's side of packaging: look into the bytes on their way, and judge what came out."""

from __future__ import annotations

import math
from typing import Any

from reelgate.adapters.pyav.packaging.fragments import FragmentScanner
from reelgate.domain.media.packaging import MAX_SYNC_ERROR_SECONDS, SPRITE_TILES, CannotPackage, Sprites
from reelgate.ports.media import Packaged, Sink

MAX_PIXELS = 1024
MAX_MILLISECONDS = 2**40


class ScannedSink:
    """Passes bytes on, at most `max_bytes` of them, and finds the segments in them."""

    def __init__(self, sink: Sink, max_bytes: int) -> None:
        self._sink, self._max_bytes = sink, max_bytes
        self.scanner = FragmentScanner()
        self.written = 0

    async def write(self, data: bytes) -> None:
        """Append. Raises CannotPackage, NoFragments, Unavailable."""
        self.written += len(data)
        if self.written > self._max_bytes:
            raise CannotPackage("out_of_proportion")
        self.scanner.take(data)
        await self._sink.write(data)


def packaged_of(sink: ScannedSink, end: dict[str, Any], picture: bytes | None) -> Packaged:
    """Return what was packaged, from the bytes and from what the process says of the file at the end.

    Raises CannotPackage (`out_of_sync`), NoFragments.
    """
    found = sink.scanner.found()
    said = end.get("sound_ahead")
    if found.sound_ahead is not None and found.without_waiting is not None:
        ahead = said if isinstance(said, float) and math.isfinite(said) else math.inf
        if any(abs(is_now - ahead) > MAX_SYNC_ERROR_SECONDS for is_now in (found.sound_ahead, found.without_waiting)):
            raise CannotPackage("out_of_sync")
    sprites = _sprites(end.get("sprites")) if picture is not None else None
    return Packaged(
        size=sink.written,
        codecs=found.codecs,
        frame_rate=found.frame_rate,
        init_size=found.init_size,
        segments=found.segments,
        sheet=picture if sprites is not None else None,
        sprites=sprites,
    )


def _sprites(said: object) -> Sprites | None:
    """Return the geometry of a sheet from a message; None for anything else."""
    if not isinstance(said, dict):
        return None
    sides = [side for name in ("width", "height", "columns") if type(side := said.get(name)) is int and 0 < side <= MAX_PIXELS]
    starts = said.get("starts")
    if len(sides) != 3 or not isinstance(starts, list):
        return None
    if not 0 < len(starts) <= SPRITE_TILES or not all(type(at) is int and 0 <= at < MAX_MILLISECONDS for at in starts):
        return None
    width, height, columns = sides
    return Sprites(width=width, height=height, columns=columns, starts=tuple(sorted(starts)))
