"""Settings of the rates of requests."""

from __future__ import annotations

from collections.abc import Mapping

from reelgate.config.reader import Reader
from reelgate.domain.accounts.request_rates import Rate, RequestGroup

MAX_PER_MINUTE = 1_000_000
UNADDRESSED = 10
"""How many times as many requests all clients without a known address may make together as one client address."""


def request_rates_from(read: Reader) -> Mapping[RequestGroup, Rate]:
    """Return how many requests of each group a user may make, or a client address those without a token."""

    def rate(name: str, default: int) -> Rate:
        return Rate(read.whole(name, default, maximum=MAX_PER_MINUTE))

    public = rate("REELGATE_PUBLIC_REQUESTS_PER_MINUTE", 3000)
    return {
        "read": rate("REELGATE_READ_REQUESTS_PER_MINUTE", 1200),
        "write": rate("REELGATE_WRITE_REQUESTS_PER_MINUTE", 1200),
        "url": rate("REELGATE_URL_REQUESTS_PER_MINUTE", 1200),
        "admin": rate("REELGATE_ADMIN_REQUESTS_PER_MINUTE", 1200),
        "play": rate("REELGATE_PLAY_REQUESTS_PER_MINUTE", 12_000),
        "public": public,
        "unaddressed": Rate(public.per_minute * UNADDRESSED),
    }
