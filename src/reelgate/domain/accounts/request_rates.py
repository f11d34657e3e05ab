"""How many requests a user may make: a token bucket in each instance, and tokens that all instances share, by group of routes
(docs/adr/0035-request-rates.md).
"""

from __future__ import annotations

import math
from typing import Literal

from reelgate.domain.value_types import positional_value_type

RequestGroup = Literal["read", "write", "url", "admin", "play", "public", "unaddressed"]
"""Routes that are counted together. `play` are the requests of all who watch a user's shared videos. `public` routes need no
token, and are counted per client address; `unaddressed` are the same routes for all clients whose address is unknown."""

WINDOW_SECONDS = 60
OWN_SHARES = 10
"""Into how many parts a rate is divided. Each instance has one for every user without asking; the others are shared."""

DOCUMENTS_PER_TOKEN = 100
"""How many documents a request reads for each token that it costs beyond the first."""


@positional_value_type
class Rate:
    """How many requests of a group are allowed in a minute."""

    per_minute: int

    @property
    def own(self) -> int:
        """What an instance has without asking, and by how many it gets more."""
        return max(1, self.per_minute // OWN_SHARES)

    @property
    def shared(self) -> int:
        """What all instances share in a minute."""
        return self.per_minute - self.own


class TokenBucket:
    """The tokens that one instance has for one user and group. All times are seconds since 1970.

    It refills by its own share per minute, up to that share. Beyond that it takes tokens which all instances share, in blocks,
    and then holds more than its share until they are used. What a request costs beyond its first token is charged after it,
    so the bucket can be in debt: by one minute's rate at most.
    """

    __slots__ = ("_at", "_left", "_own", "_per_second", "_rate", "_shared", "_tokens", "_window")

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._own, self._shared = rate.own, rate.shared
        self._per_second = self._own / WINDOW_SECONDS
        self._tokens = float(self._own)
        self._at = now
        self._window = window_of(now)
        self._left = self._shared

    def take(self, now: float) -> bool:
        """Take a token. Returns False, and takes nothing, if there is none."""
        tokens = self._tokens
        if tokens < self._own:
            # A clock that was set back refills nothing, and counts from there on.
            tokens = min(self._own, tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        taken = tokens >= 1
        self._tokens = tokens - 1 if taken else tokens
        return taken

    def charge(self, documents: int) -> None:
        """Take what a request costs beyond its first token for the documents that it read."""
        self._tokens = max(self._tokens - documents // DOCUMENTS_PER_TOKEN, float(-self._rate.per_minute))

    def wanted(self, now: float) -> int:
        """Return how many shared tokens to ask for; 0 if this minute's are used up as far as is known."""
        self._enter(window_of(now))
        return min(self._left, max(self._own, math.ceil(1 - self._tokens)))

    def receive(self, wanted: int, given_out: int) -> None:
        """Add the shared tokens that were asked for, as far as there were so many.

        Args:
            given_out: how many all instances have asked for in this minute, these included.
        """
        self._tokens += max(0, min(wanted, self._shared - given_out + wanted))
        self._left = max(0, self._shared - given_out)

    def receive_unseen(self, wanted: int) -> None:
        """Add shared tokens without knowing how many the other instances have taken."""
        self._tokens += wanted
        self._left -= wanted

    def remaining(self, now: float) -> int:
        """Return how many more requests are allowed before the minute is over, as far as this instance knows."""
        left = self._left if self._window == window_of(now) else self._shared
        return max(0, int(self._tokens) + left)

    def seconds_until_next(self, now: float) -> int:
        """Return after how many seconds the next token comes: of the own share, or of the next minute's shared ones."""
        refilled = (1 - self._tokens) / self._per_second
        if not self._shared:
            return max(1, math.ceil(refilled))
        return max(1, math.ceil(min(refilled, seconds_left(now))))

    def _enter(self, window: int) -> None:
        if window != self._window:
            self._window, self._left = window, self._shared


def window_of(now: float) -> int:
    """Return the number of the minute, counted from 1970."""
    return int(now) // WINDOW_SECONDS


def seconds_left(now: float) -> int:
    """Return how many seconds of the minute are left, 1 at least."""
    return WINDOW_SECONDS - int(now) % WINDOW_SECONDS
