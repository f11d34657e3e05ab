"""The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4)."""

from __future__ import annotations

from functools import cache

from starlette.responses import Response

from reelgate.domain.accounts.request_rates import WINDOW_SECONDS
from reelgate.ports.accounts import Allowance


@cache
def policy(group: str, per_minute: int) -> str:
    """Return the value of `RateLimit-Policy`: the quota and the window in seconds."""
    return f'"{group}";q={per_minute};w={WINDOW_SECONDS}'


def limit(group: str, remaining: int, seconds: int) -> str:
    """Return the value of `RateLimit`: how many requests are left, and after how many seconds there are more."""
    return f'"{group}";r={remaining};t={seconds}'


def add_fields(response: Response, allowance: Allowance) -> None:
    """Add both fields to an answer."""
    group = allowance.group
    # Straight to the list: they are not there yet, and every request pays for a search.
    response.raw_headers += (
        (b"ratelimit-policy", policy(group, allowance.per_minute).encode()),
        (b"ratelimit", limit(group, allowance.remaining, allowance.reset_seconds).encode()),
    )
