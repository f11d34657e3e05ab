"""Verifies API keys, and returns the callers that they act for (docs/adr/0026-api-keys.md)."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from reelgate.domain.accounts.account_policy import AccountPolicy
from reelgate.domain.accounts.api_keys import ApiKey, invalid_api_key, presented_key
from reelgate.domain.books.instants import human_seconds
from reelgate.domain.errors import TooManyAttempts
from reelgate.ports.accounts import RateLimit, RateLimiter
from reelgate.ports.identity import ApiKeys, Caller

REMEMBERED = timedelta(seconds=60)
"""How long a record is used without reading it again. A revoked key works in another instance for as long."""

CAPACITY = 4096
"""How many keys, and how many client addresses, an instance remembers."""


class _Seen(NamedTuple):
    """A record, or None where there was none, and until when it is used."""

    key: ApiKey | None
    until: datetime


class ApiKeyIdentity:
    """Implements `KeyVerifier`.

    A key with a wrong check is refused for free. For another one, its record is read, unless this instance has read it within a
    minute; that there was none is remembered, too. Wrong keys are counted for all instances together, per client address and
    after the read, so that a valid key costs one read and no counting. Once an address has used up its wrong keys, the instance
    remembers that until the window ends, and reads nothing more for it, except for keys that it knows already.
    """

    def __init__(
        self,
        keys: ApiKeys,
        rate_limiter: RateLimiter,
        policy: AccountPolicy,
        *,
        clock: Callable[[], datetime],
        capacity: int = CAPACITY,
    ) -> None:
        self._keys = keys
        self._rate_limiter = rate_limiter
        self._policy = policy
        self._clock = clock
        self._capacity = capacity
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._refused_until: OrderedDict[str, datetime] = OrderedDict()

    async def verify(self, key: str, *, address: str | None) -> Caller:
        """See `KeyVerifier.verify`."""
        presented, now = presented_key(key), self._clock()
        seen = self._seen.get(presented.digest)
        if seen is None or seen.until <= now:
            self._require_attempts_left(address, now)
            seen = _Seen(await self._keys.use(presented, now=now), now + REMEMBERED)
            _remember(self._seen, presented.digest, seen, self._capacity)
            if seen.key is None:
                await self._count_wrong_key(address, now)
        if seen.key is None:
            raise invalid_api_key()
        seen.key.require_valid(now)
        return Caller(uid=seen.key.uid, email=None, role="user", key_id=seen.key.key_id, scopes=seen.key.scopes)

    def _require_attempts_left(self, address: str | None, now: datetime) -> None:
        until = self._refused_until.get(_name(address))
        if until is not None and until > now:
            seconds = math.ceil((until - now).total_seconds())
            raise TooManyAttempts(f"Too many wrong API keys. Wait {human_seconds(seconds)}.", retry_after_seconds=seconds)

    async def _count_wrong_key(self, address: str | None, now: datetime) -> None:
        policy = self._policy
        limit = policy.attempts_without_address if address is None else policy.login_max_failures_of_address
        bound = RateLimit(f"api-key:{_name(address)}", limit)
        try:
            await self._rate_limiter.count(bound, window=policy.attempts_window, now=now)
        except TooManyAttempts as error:
            until = now + timedelta(seconds=error.retry_after_seconds)
            _remember(self._refused_until, _name(address), until, self._capacity)
            raise


def _name(address: str | None) -> str:
    return address or "unknown"


def _remember[T](memory: OrderedDict[str, T], name: str, value: T, capacity: int) -> None:
    """Keep a value, and forget the oldest one beyond the capacity."""
    memory[name] = value
    memory.move_to_end(name)
    if len(memory) > capacity:
        memory.popitem(last=False)
