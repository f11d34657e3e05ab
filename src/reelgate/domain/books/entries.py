"""Ledger entries: one per movement, append-only, and the fold that must give back the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What one entry adds to the account, in bytes and counts; negative where something is taken back."""

    stored: int = 0
    reserved: int = 0
    uploaded: int = 0
    streamed: int = 0
    upload_count: int = 0
    deleted_bytes: int = 0
    deletion_count: int = 0

    def __add__(self, other: Delta) -> Delta:
        return Delta(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement. `entry_id` is its idempotency key; `sequence` its place in the account's history, from 1."""

    entry_id: str
    kind: str
    sequence: int
    at: datetime
    date: date
    delta: Delta
    file_id: str | None = None
    filename: str | None = None
    size: int = 0
    reason: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a ledger: over all time, and per day."""

    total: Delta
    days: dict[date, Delta]
    gaps: tuple[int, ...]
    count: int

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Totals:
        """Return the fold of entries in any order; `gaps` are sequence numbers missing or standing twice."""
        total = Delta()
        days: dict[date, Delta] = {}
        seen: Counter[int] = Counter()
        for entry in entries:
            total += entry.delta
            days[entry.date] = days.get(entry.date, Delta()) + entry.delta
            seen[entry.sequence] += 1
        wrong = tuple(n for n in range(1, max(seen, default=0) + 1) if seen[n] != 1)
        return cls(total, days, wrong, seen.total())
