"""The limits of an account: whether more bytes fit into them, what the trash may have, and the alerts when use comes near.

An alert is raised once a day, when use reaches a threshold of a limit, however use moves afterwards. Only a new day, or a reset
of the day by an admin, re-arms it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Literal

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Limits, percent
from reelgate.domain.books.messages import Message
from reelgate.domain.books.policy import Policy
from reelgate.domain.files.sizes import human_sizes

Stored = Literal["video", "captions"]
"""What the storage limit may have no room for."""


def check_storage(account: Account, size: int, policy: Policy, *, grows: bool = False, what: Stored = "video") -> None:
    """Raise StorageLimitExceeded when the bytes stored and reserved plus `size` exceed the storage limit.

    Args:
        grows: `size` is what an upload needs beyond what it has reserved, not the whole video.
        what: is stored; for captions, `size` is what they need beyond those in whose place they are put.
    """
    limit = account.limits(policy.default_limits).storage_bytes
    if account.occupied + size > limit:
        raise errors.StorageLimitExceeded(
            limit=limit,
            used=account.stored,
            reserved=account.reserved,
            requested=size,
            detail=_storage_sentence(size, max(0, limit - account.occupied), grows=grows, what=what),
        )


def check_day(
    account: Account,
    size: int,
    policy: Policy,
    now: datetime,
    *,
    traffic: errors.Traffic = "upload",
    grows: bool = False,
) -> None:
    """Raise BandwidthLimitExceeded when `size` more bytes would exceed the daily limit.

    The account's day must be the current one (`Ledger.current`).

    Args:
        grows: as for `check_storage`.
    """
    limit = account.limits(policy.default_limits).daily_bytes
    if account.day_total + size > limit:
        raise errors.BandwidthLimitExceeded(
            limit=limit,
            used=account.today.used,
            reserved=account.reserved,
            requested=size,
            retry_at=policy.next_day_starts(now),
            detail=_day_sentence(size, max(0, limit - account.day_total), policy, traffic, grows=grows),
            traffic=traffic,
        )


def check_rejected(account: Account, policy: Policy, now: datetime) -> None:
    """Raise TooManyRejected when so many of the account's uploads were rejected today that nothing more is granted.

    The account's day must be the current one (`Ledger.current`).
    """
    if account.today.rejected_count >= policy.max_rejected_uploads:
        raise errors.TooManyRejected(
            f"Too many of your uploads failed today. You can upload again from midnight ({policy.zone_name}) on.",
            retry_at=policy.next_day_starts(now),
            retry_after_seconds=policy.seconds_left(policy.day_of(now), now),
        )


def trash_limit(account: Account, policy: Policy) -> int:
    """Return how many bytes the trash may have now: what videos and open uploads leave of what all three may have together."""
    together = account.limits(policy.default_limits).storage_bytes * policy.trash_limit_percent // 100
    return max(0, together - account.occupied)


def excess_trash(account: Account, policy: Policy) -> int:
    """Return how many bytes must leave the trash so that all of it fits; 0 where the bytes in the trash are not known yet."""
    return max(0, (account.trash or 0) - trash_limit(account, policy))


def _storage_sentence(size: int, left: int, *, grows: bool, what: Stored) -> str:
    needed, still = human_sizes(size, left)
    rest = f"{still} {_are(left)} left in your storage" if left else "your storage is full"
    needs = f"These captions need {needed} more" if what == "captions" else _needs(needed, "upload", grows=grows)
    return f"{needs}; {rest}."


def _day_sentence(size: int, left: int, policy: Policy, traffic: errors.Traffic, *, grows: bool) -> str:
    needed, still = human_sizes(size, left)
    begins = f"midnight ({policy.zone_name})"
    rest = (
        f"{still} {_are(left)} left of your daily limit, which resets at {begins}"
        if left
        else f"your daily limit is used up and resets at {begins}"
    )
    return f"{_needs(needed, traffic, grows=grows)}; {rest}."


def _needs(size: str, traffic: errors.Traffic, *, grows: bool) -> str:
    if traffic == "stream":
        return f"Watching or downloading this takes {size}"
    return f"This upload needs {size} more" if grows else f"This video is {size}"


def _are(size: int) -> str:
    return "is" if size == 1 else "are"


def raise_alerts(account: Account, limits: Limits) -> tuple[Account, tuple[Message, ...]]:
    """Return the account with its alerts brought up to date, and a message for each alert that is raised.

    Reservations do not count, because they may be given back. Use that falls does not re-arm an alert: otherwise a user who
    deletes and restores a video could raise it any number of times.
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
    if not messages:
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
