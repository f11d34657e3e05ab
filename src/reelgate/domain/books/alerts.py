"""Alerts: raised once when use reaches a threshold of a limit, re-armed by a new day or when use falls well below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reelgate.domain.books.account import Account, Limits, percent
from reelgate.domain.books.messages import Message

REARM_POINTS = 5
"""Percentage points by which use must fall below a threshold before the same alert can be raised again on the same day."""


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
