"""Counters of attempts as documents `attempts/{hash}`, changed only on condition that nobody else has changed them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from reelgate.adapters.document_store import Address, DocumentStore
from reelgate.domain.errors import TooManyAttempts

COLLECTION = ("attempts",)
_TRIES = 8
_LONGEST_WAIT_SECONDS = 0.1


class DocumentAttempts:
    """Implements `Attempts` over a `DocumentStore`."""

    def __init__(self, documents: DocumentStore, *, key: bytes) -> None:
        """`key` makes the hashes: without it nobody can find out whose address one is by trying all of them."""
        self._documents = documents
        self._key = key

    async def check(self, subject: str, *, limit: int, now: datetime) -> None:
        """See `Attempts.check`."""
        address = self._address(subject)
        stored = (await self._documents.get(address)).get(address)
        if stored is not None:
            _refuse_beyond(limit, stored.fields, now)

    async def count(self, subject: str, *, limit: int, window: timedelta, now: datetime) -> None:
        """See `Attempts.count`."""
        address = self._address(subject)
        first = {"count": 1, "expires_at": now + window}
        for attempt in range(_TRIES):
            stored = (await self._documents.get(address)).get(address)
            if stored is None:
                written = await self._documents.create(address, first)
            elif stored.fields["expires_at"] <= now:
                written = await self._documents.replace(stored, first)
            else:
                _refuse_beyond(limit, stored.fields, now)
                written = await self._documents.replace(stored, {**stored.fields, "count": stored.fields["count"] + 1})
            if written:
                return
            await asyncio.sleep(random.uniform(0, _LONGEST_WAIT_SECONDS * (attempt + 1) / _TRIES))  # noqa: S311 - no secret
        raise TooManyAttempts("Too many tries at the same time. Wait a moment.", retry_after_seconds=1)

    async def clear(self, subject: str) -> None:
        """See `Attempts.clear`."""
        await self._documents.delete(self._address(subject))

    def _address(self, subject: str) -> Address:
        return Address(COLLECTION, hmac.new(self._key, subject.encode(), hashlib.sha256).hexdigest())


def _refuse_beyond(limit: int, counted: Mapping[str, Any], now: datetime) -> None:
    left = (counted["expires_at"] - now).total_seconds()
    if counted["count"] >= limit and left > 0:
        seconds = max(1, int(left) + 1)
        raise TooManyAttempts(f"Too many tries. Wait {seconds} seconds.", retry_after_seconds=seconds)
