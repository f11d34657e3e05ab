"""Remembers verified tokens for a while: a signature costs more than a look-up."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from reelgate.ports import Caller

MAX_SECONDS = 300
"""How long a token may outlive the removal of its key at most."""


class _Verified(NamedTuple):
    caller: Caller
    until: float


class VerifiedTokens:
    """The callers of recently verified tokens, the least recently used forgotten first. Keeps hashes, not tokens."""

    def __init__(self, *, capacity: int = 4096, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970, as tokens do."""
        self._capacity = capacity
        self._clock = clock
        self._entries: OrderedDict[bytes, _Verified] = OrderedDict()

    def get(self, token: str) -> Caller | None:
        """Return the caller of a token that was verified and still counts, else None."""
        key = _hash(token)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock() >= entry.until:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry.caller

    def put(self, token: str, caller: Caller, *, expires_at: float) -> None:
        """Remember a verified token until it expires, for `LONGEST_SECONDS` at most."""
        now = self._clock()
        until = min(expires_at, now + MAX_SECONDS)
        if until <= now:
            return
        self._entries[_hash(token)] = _Verified(caller, until)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
