"""Counters of attempts as documents `attempts/{hash}-{window}`. Each window has its own; old ones expire (time-to-live)."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from reelgate.adapters.documents.document_store import (
    Address,
    ConflictError,
    Document,
    DocumentStore,
    OutcomeUnknown,
    Write,
)
from reelgate.domain.books.instants import human_seconds
from reelgate.domain.errors import TooManyAttempts, Unavailable
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.accounts import RateLimit

COLLECTION = ("attempts",)


@positional_value_type
class Counter:
    """The counter of one subject in one window, and when the window ends."""

    address: Address
    ends_at: datetime

    @property
    def fields(self) -> dict[str, Any]:
        """What its document holds beside the count."""
        return {"expires_at": self.ends_at}


def counter_of(subject: str, *, key: bytes, window: int, seconds: int) -> Counter:
    """Return the counter of a subject in a window of so many seconds; windows are numbered from 1970.

    `key` is the HMAC key of the hash. Without it, trying all addresses does not reveal the one behind a hash.
    """
    digest = hmac.new(key, subject.encode(), hashlib.sha256).hexdigest()
    return Counter(Address(COLLECTION, f"{digest}-{window}"), datetime.fromtimestamp((window + 1) * seconds, UTC))


class DocumentRateLimiter:
    """Implements `RateLimiter` over a `DocumentStore`."""

    def __init__(self, documents: DocumentStore, *, key: bytes) -> None:
        """`key` is that of `counter_of`."""
        self._documents = documents
        self._key = key

    async def count(self, *bounds: RateLimit, window: timedelta, now: datetime) -> None:
        """See `RateLimiter.count`.

        The first attempt over the limit raises the counter to limit + 1 and is reported as `first`. Later attempts only read
        the counter, except in races. If the answer to that first attempt's write is lost, no attempt of the window is reported
        as `first`; the attempts up to the limit were recorded one by one.

        Where no limit is reached yet, all counters are raised in one commit, on condition that none has changed since it was
        read. If one has, they are raised one after the other: what is behind a counter that has become full is not counted.
        """
        counters = [(self._counter(bound.subject, window, now), bound.limit) for bound in bounds]
        found = await self._documents.get(*(counter.address for counter, _ in counters))
        for counter, limit in counters:
            stored = found.get(counter.address)
            if stored is not None and stored.fields["count"] > limit:
                raise _full(counter, now, first=False)
        if len(counters) > 1 and await self._count_together(counters, found):
            return
        for counter, limit in counters:
            number = await self._documents.count(counter.address, counter.fields)
            if number > limit:
                raise _full(counter, now, first=number == limit + 1)

    async def give_back(self, subject: str, *, clear: Sequence[str] = (), window: timedelta, now: datetime) -> None:
        """See `RateLimiter.give_back`."""
        counter = self._counter(subject, window, now)
        cleared = [self._counter(one, window, now).address for one in clear]
        await self._documents.count(counter.address, counter.fields, by=-1, remove=cleared)

    async def _count_together(self, counters: Sequence[tuple[Counter, int]], found: Mapping[Address, Document]) -> bool:
        """Raise all counters at once, if each has room and is as it was read. Return whether they were raised."""
        writes = []
        for counter, limit in counters:
            stored = found.get(counter.address)
            number = 1 if stored is None else stored.fields["count"] + 1
            if number > limit:
                return False
            fields = {**counter.fields, "count": number}
            version = None if stored is None else stored.version
            writes.append(Write(counter.address, fields, version=version, absent=stored is None))
        try:
            await self._documents.commit(writes)
        except OutcomeUnknown as error:
            if error.contended:  # at worst, they are counted twice
                return False
            raise Unavailable(
                "This did not work in time. Try again.", hint="The database did not say whether it was written."
            ) from error
        except ConflictError:
            return False
        return True

    def _counter(self, subject: str, window: timedelta, now: datetime) -> Counter:
        seconds = int(window.total_seconds())
        return counter_of(subject, key=self._key, window=int(now.timestamp()) // seconds, seconds=seconds)


def _full(counter: Counter, now: datetime, *, first: bool) -> TooManyAttempts:
    seconds = math.ceil((counter.ends_at - now).total_seconds())
    return TooManyAttempts(
        f"Too many tries. Wait {human_seconds(seconds)}.",
        retry_after_seconds=seconds,
        counter=counter.address.id,
        first=first,
    )
