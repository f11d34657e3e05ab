"""The function's side of encoding a shard: look into the bytes on their way, and judge them."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from reelgate.adapters.pyav.packaging.fragments import MAX_INDEX_BYTES, FragmentScanner, NoFragments
from reelgate.domain.media.packaging import MAX_SYNC_ERROR_SECONDS, CannotPackage
from reelgate.domain.playback.renditions.kinds import ShardOrder
from reelgate.domain.playback.segment_index import Segment
from reelgate.ports.media import EncodedShard, Sink

MAX_BEGINNING_BYTES = 4 * MAX_INDEX_BYTES


class ShardSink:
    """Passes the bytes of a shard on. Each shard begins as a file does, but only that of the first one is kept."""

    def __init__(self, sink: Sink, order: ShardOrder, max_bytes: int) -> None:
        self._sink, self._order, self._max_bytes = sink, order, max_bytes
        self._scanner = FragmentScanner()
        self._beginning: bytearray | None = bytearray()
        self.written = 0

    async def write(self, data: bytes) -> None:
        """Append. Raises CannotPackage (`out_of_proportion`), NoFragments, Unavailable."""
        self._scanner.take(data)
        if self._beginning is not None:
            self._beginning += data
            if not self._scanner.init_size:
                if len(self._beginning) > MAX_BEGINNING_BYTES:
                    raise NoFragments
                return
            data, self._beginning = bytes(self._beginning), None
            data = data[self._scanner.init_size if self._order.number else 0 :]
        self.written += len(data)
        if self.written > self._max_bytes:
            raise CannotPackage("out_of_proportion")
        await self._sink.write(data)

    def shard(self, end: dict[str, Any]) -> EncodedShard:
        """Return what was written, from the bytes and from what the process says at the end.

        Raises CannotPackage (`out_of_sync`), NoFragments.
        """
        found, starts = self._scanner.found(), end.get("starts")
        if not isinstance(starts, list) or len(starts) != 2 or not all(_is_second(one) for one in starts):
            raise NoFragments
        if self._order.number == 0 and found.sound_ahead is not None and found.without_waiting is not None:
            ahead = end.get("sound_ahead")
            ahead = ahead if isinstance(ahead, float) and math.isfinite(ahead) else math.inf
            if any(abs(is_now - ahead) > MAX_SYNC_ERROR_SECONDS for is_now in (found.sound_ahead, found.without_waiting)):
                raise CannotPackage("out_of_sync")
        left_out = found.init_size if self._order.number else 0
        return EncodedShard(
            size=self.written,
            codecs=found.codecs,
            configuration=hashlib.sha256(found.configuration).hexdigest(),
            init_size=found.init_size,
            starts=tuple(starts),
            segments=tuple(Segment(one.offset - left_out, one.size, one.milliseconds) for one in found.segments),
        )


def _is_second(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and abs(value) < 2**31
