"""Access tokens for Google's APIs: fetched by whoever needs one first, kept until shortly before they expire.

For threads: a caller may block for as long as its source takes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

REFRESH_AHEAD_SECONDS = 225
"""How long before its expiry a token is exchanged. The metadata server hands out one token until 5 minutes before its end
(Compute Engine docs, "Authenticate workloads using service accounts"), and a new one from then on."""

MIN_REMAINING_SECONDS = 10
"""A token with less life than this may expire on its way, and is not used."""

_log = logging.getLogger(__name__)


class NoAccessToken(Exception):
    """The source gave no token. The text never holds one."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and how long it may be used."""

    value: str = field(repr=False)
    lifetime_seconds: float


Source = Callable[[], AccessToken]
"""Gets a new token; blocks. Raises NoAccessToken."""


@dataclass(frozen=True, slots=True)
class _Held:
    value: str = field(repr=False)
    expires_at: float  # of the clock


class AccessTokens:
    """One source's tokens; safe to share among threads, of which one at a time asks the source."""

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds that never go back."""
        self._source = source
        self._clock = clock
        self._held: _Held | None = None
        self._failures = 0
        self._fetching = threading.Lock()

    def current(self) -> str:
        """Return a token that works now. Raises NoAccessToken."""
        held, failures = self._held, self._failures
        left = self._seconds_left(held)
        if held is None or left < MIN_REMAINING_SECONDS:
            with self._fetching:
                return self._after_waiting(failures)
        if left < REFRESH_AHEAD_SECONDS and self._fetching.acquire(blocking=False):
            try:
                return self._fetch()
            except NoAccessToken as error:
                _log.warning("an access token could not be refreshed ahead of time: %s", error)
            finally:
                self._fetching.release()
        return held.value

    def forget(self, value: str) -> None:
        """Use that token no more: it was refused."""
        held = self._held
        if held is not None and held.value == value:
            self._held = None

    def _after_waiting(self, failures: int) -> str:
        """Return what another thread has got meanwhile, or get it; its failure counts for all that waited for it."""
        held = self._held
        if held is not None and self._seconds_left(held) >= MIN_REMAINING_SECONDS:
            return held.value
        if self._failures != failures:
            raise NoAccessToken("the source of access tokens has just failed")
        return self._fetch()

    def _fetch(self) -> str:
        asked_at = self._clock()
        try:
            token = self._source()
        except NoAccessToken:
            self._failures += 1
            raise
        self._held = _Held(token.value, asked_at + token.lifetime_seconds)
        return token.value

    def _seconds_left(self, held: _Held | None) -> float:
        return 0.0 if held is None else held.expires_at - self._clock()
