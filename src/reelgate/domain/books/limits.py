"""The two limits of an account: whether more bytes fit into them, and the alerts when use comes near.

An alert is raised once when use reaches a threshold of a limit, and re-armed by a new day or when use falls well below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Limits, percent
from reelgate.domain.books.instants import rfc3339
from reelgate.domain.books.messages import Message
from reelgate.domain.books.policy import Policy

REARM_POINTS = 5
"""Percentage points by which use must fall below a threshold before the same alert can be raised again on the same day."""


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
        next_day = policy.next_day_starts(now)
        raise errors.BandwidthLimitExceeded(
            limit=limit,
            used=account.today.used,
            reserved=account.reserved,
            requested=size,
            retry_at=next_day,
            detail=f"{size} bytes are more than the {max(0, limit - account.day_total)} bytes left of this day's bandwidth. "
            f"The next day begins at {rfc3339(next_day)}.",
            traffic=traffic,
        )


def raise_alerts(account: Account, limits: Limits) -> tuple[Account, tuple[Message, ...]]:
    """Return the account with its alerts brought up to date, and a message for each alert that is raised.

    Reservations do not count, because they may be given back.
    """
    raised = dict(account.today.raised)
    standing = set(account.today.standing)
    messages = []
    for kind, threshold, used, limit in _watched(account, limits):
        key = f"{kind}:{threshold}"
        if _reached(used, limit, threshold) and key not in standing:
            standing.add(key)
            raised[key] = raised.get(key, 0) + 1
            messages.append(_alert(account, kind, threshold, used, limit, raised[key]))
        elif key in standing and not _reached(used, limit, threshold - REARM_POINTS):
            standing.discard(key)
    if raised == dict(account.today.raised) and standing == account.today.standing:
        return account, ()
    day = replace(account.today, raised=raised, standing=frozenset(standing))
    return replace(account, today=day), tuple(messages)


def _watched(account: Account, limits: Limits) -> Iterator[tuple[str, int, int, int]]:
    for threshold in limits.alert_percents:
        yield "storage", threshold, account.stored, limits.storage_bytes
        yield "bandwidth", threshold, account.today.used, limits.daily_bytes


def _reached(used: int, limit: int, threshold: int) -> bool:
    return used > 0 and used * 100 >= limit * threshold


def _alert(account: Account, kind: str, threshold: int, used: int, limit: int, count: int) -> Message:
    day = account.today.date.isoformat()
    return Message(
        event_id=f"alert:{account.uid}:{day}:{kind}:{threshold}:{count}",
        topic="alerts",
        type=f"{kind}.alert",
        uid=account.uid,
        data={
            "kind": kind,
            "threshold_percent": threshold,
            "used": used,
            "limit": limit,
            "percentage_used": percent(used, limit),
            "date": day,
            "count": count,
            "email": account.email,
        },
    )
