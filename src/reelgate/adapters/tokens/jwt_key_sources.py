"""Where a verifier gets an issuer's key from: a JWK set on the network, or one PEM key."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from reelgate.adapters.tokens.jwks_fetch import FetchedKeys, FetchFailed, fetch
from reelgate.adapters.tokens.jwt_keys import VerifyingKey
from reelgate.domain.errors import Unavailable

MIN_AGE_SECONDS = 60
"""The set is fetched no more than once in this time: neither unknown key ids nor an issuer's headers can change that."""

RETRY_SECONDS = 5
"""After a failed fetch, so that an issuer that is down does not hold up every request for the timeout."""

STALE_SECONDS = 3600
"""How long keys that ran out serve on while their issuer cannot be reached."""

_log = logging.getLogger(__name__)


class KeySource(Protocol):
    """Finds verifying keys."""

    async def key(self, key_id: object) -> VerifyingKey | None:
        """Return the key that a token's `kid` names, None if there is none. Raises Unavailable."""


class PemKeySource:
    """One fixed key, for tokens with whatever key id."""

    def __init__(self, key: VerifyingKey) -> None:
        self._key = key

    async def key(self, key_id: object) -> VerifyingKey | None:
        """Return the key."""
        return self._key


class JwksKeySource:
    """An issuer's JWK set, kept for as long as its Cache-Control says and fetched by one request for all that wait."""

    def __init__(
        self, url: str, *, fetch: Callable[[str], FetchedKeys] = fetch, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`fetch` may block: it runs in a thread. `clock` counts seconds."""
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, VerifyingKey] = {}
        self._fresh_until = self._usable_until = self._next_fetch = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, key_id: object) -> VerifyingKey | None:
        """Return the key of that id. An id that is not known makes the set be fetched anew, once a minute at most.

        Raises:
            Unavailable: no keys are there and none can be fetched now.
        """
        if not isinstance(key_id, str):
            return None
        if self._needs_fetch(key_id):
            async with self._fetching:
                if self._needs_fetch(key_id):  # nobody did it while this one waited
                    await self._refresh()
        if self._clock() >= self._usable_until:
            raise Unavailable("the keys that verify tokens cannot be fetched: try again", retry_after_seconds=RETRY_SECONDS)
        return self._keys.get(key_id)

    def _needs_fetch(self, key_id: str) -> bool:
        now = self._clock()
        return now >= self._next_fetch and (now >= self._fresh_until or key_id not in self._keys)

    async def _refresh(self) -> None:
        try:
            fetched = await asyncio.to_thread(self._fetch, self._url)
        except FetchFailed as error:
            _log.warning("the keys of a token issuer could not be fetched (%s)", error)
            self._next_fetch = self._clock() + RETRY_SECONDS
            return
        now = self._clock()
        self._keys = fetched.keys
        self._next_fetch = now + MIN_AGE_SECONDS
        self._fresh_until = now + max(fetched.max_age_seconds, MIN_AGE_SECONDS)
        self._usable_until = self._fresh_until + STALE_SECONDS
