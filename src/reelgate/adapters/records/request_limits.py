"""Rate limits of requests: token buckets in this instance, and shared tokens that are leased from counters
`attempts/{hash}-{minute}` (docs/adr/0035-request-rates.md).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.documents.read_meter import ReadMeter, metered
from reelgate.adapters.records.rate_limiter import counter_of
from reelgate.domain.accounts.request_rates import (
    WINDOW_SECONDS,
    Rate,
    RequestGroup,
    TokenBucket,
    seconds_left,
    window_of,
)
from reelgate.domain.books.instants import human_seconds
from reelgate.domain.errors import TooManyRequests, Unavailable

CAPACITY = 4096
"""How many users an instance remembers in each group. Beyond that it forgets the one that it has not seen for longest. Who was
not seen for a minute loses nothing: their bucket would be full."""

_log = logging.getLogger(__name__)


class _Held(TokenBucket):
    """A bucket, and the lock of those who wait for the same lease."""

    __slots__ = ("lock",)

    def __init__(self, rate: Rate, now: float) -> None:
        super().__init__(rate, now)
        self.lock: asyncio.Lock | None = None


class TakenToken:
    """Implements `Allowance`."""

    __slots__ = ("_bucket", "_meter", "_now", "group", "per_minute")

    def __init__(self, group: RequestGroup, per_minute: int, bucket: TokenBucket, now: float, meter: ReadMeter) -> None:
        self.group = group
        self.per_minute = per_minute
        self._bucket = bucket
        self._now = now
        self._meter = meter

    @property
    def remaining(self) -> int:
        """See `Allowance`."""
        return self._bucket.remaining(self._now)

    @property
    def reset_seconds(self) -> int:
        """See `Allowance`."""
        return seconds_left(self._now)

    def settle(self) -> None:
        """See `Allowance`."""
        self._bucket.charge(self._meter.documents)
        self._meter.documents = 0


class LeasedRequestLimits:
    """Implements `RequestLimits`.

    Who stays within an instance's own share costs nothing but memory. Beyond it, the instance leases tokens, a block at a time,
    by raising a counter that all instances share; requests of the same user wait for one lease together. A counter that is full
    is not asked again in its minute. If the counters cannot be reached, the instance counts by itself.
    """

    def __init__(
        self,
        documents: DocumentStore,
        rates: Mapping[RequestGroup, Rate],
        *,
        key: bytes,
        clock: Callable[[], float] = time.time,
        capacity: int = CAPACITY,
    ) -> None:
        """`key` is that of `counter_of`. `clock` returns seconds since 1970."""
        self._documents = documents
        self._groups: Mapping[RequestGroup, tuple[Rate, OrderedDict[str, _Held]]] = {
            group: (rate, OrderedDict()) for group, rate in rates.items()
        }
        self._key = key
        self._clock = clock
        self._capacity = capacity

    async def take(self, group: RequestGroup, subject: str, *, counts_reads: bool = True) -> TakenToken:
        """See `RequestLimits.take`."""
        now = self._clock()
        rate, buckets = self._groups[group]
        bucket = buckets.get(subject)
        if bucket is None:
            bucket = buckets[subject] = _Held(rate, now)
            if len(buckets) > self._capacity:
                buckets.popitem(last=False)
        else:
            buckets.move_to_end(subject)
        if not bucket.take(now):
            await self._take_shared(group, subject, rate, bucket)
        return TakenToken(group, rate.per_minute, bucket, now, metered() if counts_reads else ReadMeter())

    async def _take_shared(self, group: RequestGroup, subject: str, rate: Rate, bucket: _Held) -> None:
        if bucket.lock is None:
            bucket.lock = asyncio.Lock()
        async with bucket.lock:
            while not bucket.take(now := self._clock()):
                wanted = bucket.wanted(now)
                if not wanted:
                    seconds = bucket.seconds_until_next(now)
                    raise TooManyRequests(
                        f"Too many requests. Wait {human_seconds(seconds)}.",
                        group=group,
                        limit=rate.per_minute,
                        retry_after_seconds=seconds,
                    )
                await self._lease(group, subject, bucket, wanted, window_of(now))

    async def _lease(self, group: RequestGroup, subject: str, bucket: TokenBucket, wanted: int, window: int) -> None:
        counter = counter_of(f"requests:{group}:{subject}", key=self._key, window=window, seconds=WINDOW_SECONDS)
        try:
            given_out = await self._documents.count(counter.address, counter.fields, by=wanted)
        except Unavailable as error:
            _log.warning("requests are counted by this instance alone: %s", error)
            bucket.receive_unseen(wanted)
        else:
            bucket.receive(wanted, given_out)
