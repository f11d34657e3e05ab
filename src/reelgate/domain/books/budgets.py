"""The two limits of an account, and whether more bytes fit into them."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.days import next_day_starts
from reelgate.domain.books.policy import Policy


def check_storage(account: Account, size: int, policy: Policy) -> None:
    """Raise StorageLimitExceeded when the bytes stored and reserved plus `size` exceed the storage limit."""
    limit = account.limits(policy.default_limits).storage_bytes
    if account.occupied + size > limit:
        raise errors.StorageLimitExceeded(
            limit=limit,
            used=account.stored,
            reserved=account.reserved,
            requested=size,
            detail=f"{size} bytes are more than the {max(0, limit - account.occupied)} bytes that are free. "
            "Delete files or cancel open uploads to make room.",
        )


def check_day(account: Account, size: int, policy: Policy, now: datetime, *, traffic: errors.Traffic = "upload") -> None:
    """Raise BandwidthLimitExceeded when `size` more bytes would exceed the daily limit.

    The account's day must be the current one (`Ledger.current`).
    """
    limit = account.limits(policy.default_limits).daily_bytes
    if account.day_total + size > limit:
        raise errors.BandwidthLimitExceeded(
            limit=limit,
            used=account.today.used,
            reserved=account.reserved,
            requested=size,
            retry_at=next_day_starts(now, policy.zone),
            detail=f"{size} bytes are more than the {max(0, limit - account.day_total)} bytes left of this day's bandwidth.",
            traffic=traffic,
        )
