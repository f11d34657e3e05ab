"""Ledger entries: append-only, each with the delta that one operation adds to the account, and the totals of a ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.value_types import positional_value_type, value_type


class EntryKind(StrEnum):
    """Which operation an entry records. docs/books.md says when each is written and what its delta is.

    A kind that is not listed here was written by a newer revision; it is kept as it is, so that its entries can be read.
    """

    RESERVE = "reserve"
    CHUNK = "chunk"
    SEAL = "seal"
    COMMIT = "commit"
    RELEASE = "release"
    REJECT = "reject"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"
    CAPTIONS = "captions"
    STREAM = "stream"
    SETTLE = "settle"
    REPORT_UPLOAD = "report-upload"
    REPORT_DELETION = "report-deletion"
    REGISTER = "register"
    LIMITS = "limits"
    RESET_DAY = "reset-day"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        kind = str.__new__(cls, value)
        kind._name_ = kind._value_ = value
        return kind


class EntryId(str):
    """The id of a ledger entry, `KIND:KEY`, which is the idempotency key of its operation.

    Ids are built only by the constructors below. `EntryId(text)` is for an id that was read from a document.
    """

    __slots__ = ()

    @property
    def kind(self) -> EntryKind:
        """The kind of the entry."""
        return EntryKind(self.partition(":")[0])

    @property
    def key(self) -> str:
        """What makes the id unique among those of its kind."""
        return self.partition(":")[2]

    @property
    def grant_id(self) -> str | None:
        """The playback grant that an entry was charged for (`stream:grant:GRANT:...`) or settles; None for all others."""
        kind, *key = self.split(":")
        return key[1] if kind in {EntryKind.STREAM, EntryKind.SETTLE} and key[0] == "grant" else None

    @classmethod
    def reserve(cls, upload_id: str) -> Self:
        """An upload was granted."""
        return cls(f"{EntryKind.RESERVE}:{upload_id}")

    @classmethod
    def chunk(cls, upload_id: str, index: int) -> Self:
        """A chunk of an upload was granted."""
        return cls(f"{EntryKind.CHUNK}:{upload_id}:{index}")

    @classmethod
    def seal(cls, upload_id: str) -> Self:
        """An upload takes no more chunks."""
        return cls(f"{EntryKind.SEAL}:{upload_id}")

    @classmethod
    def commit(cls, upload_id: str, generation: int) -> Self:
        """An upload became a video, stored in this generation of its object."""
        return cls(f"{EntryKind.COMMIT}:{upload_id}#{generation}")

    @classmethod
    def release(cls, upload_id: str) -> Self:
        """An upload was cancelled, expired or rejected."""
        return cls(f"{EntryKind.RELEASE}:{upload_id}")

    @classmethod
    def reject(cls, upload_id: str, generation: int, *, part: int | None = None) -> Self:
        """An object, or a part, arrived too late for its upload; it is this generation."""
        name = upload_id if part is None else f"{upload_id}:{part}"
        return cls(f"{EntryKind.REJECT}:{name}:{generation}")

    @classmethod
    def delete(cls, file_id: str, sequence: int) -> Self:
        """A video went to the trash. It can go there several times, so the entry's own number is part of the id."""
        return cls(f"{EntryKind.DELETE}:{file_id}:{sequence}")

    @classmethod
    def restore(cls, file_id: str, sequence: int) -> Self:
        """A video was restored from the trash. As in `delete`, the entry's own number is part of the id."""
        return cls(f"{EntryKind.RESTORE}:{file_id}:{sequence}")

    @classmethod
    def purge(cls, file_id: str) -> Self:
        """A video left the trash for good."""
        return cls(f"{EntryKind.PURGE}:{file_id}")

    @classmethod
    def captions(cls, file_id: str, language: str, sequence: int) -> Self:
        """A text of captions was put, replaced or removed. As in `delete`, the entry's own number is part of the id."""
        return cls(f"{EntryKind.CAPTIONS}:{file_id}:{language}:{sequence}")

    @classmethod
    def stream(cls, grant_id: str) -> Self:
        """A streaming or download URL was issued."""
        return cls(f"{EntryKind.STREAM}:{grant_id}")

    @classmethod
    def stream_once(cls, file_id: str, window_start: int, derived: str | None = None) -> Self:
        """The streaming URLs of a file, or of something derived from it (`audio`), in the window from that Unix time on."""
        return cls.stream(f"{file_id}:{window_start}" if derived is None else f"{derived}:{file_id}:{window_start}")

    @classmethod
    def settle(cls, key: str) -> Self:
        """What was charged for URLs was settled with what they sent (`domain/usage/settling.py`)."""
        return cls(f"{EntryKind.SETTLE}:{key}")

    @classmethod
    def report_upload(cls, report_id: str) -> Self:
        """A client reported an upload to another store."""
        return cls(f"{EntryKind.REPORT_UPLOAD}:{report_id}")

    @classmethod
    def report_deletion(cls, report_id: str) -> Self:
        """A client reported a deletion in another store."""
        return cls(f"{EntryKind.REPORT_DELETION}:{report_id}")

    @classmethod
    def register(cls, uid: str) -> Self:
        """The account was registered."""
        return cls(f"{EntryKind.REGISTER}:{uid}")

    @classmethod
    def limits(cls, change_id: str) -> Self:
        """An admin changed the account's limits, or disabled or enabled it."""
        return cls(f"{EntryKind.LIMITS}:{change_id}")

    @classmethod
    def reset_day(cls, reset_id: str) -> Self:
        """An admin reset the day's usage to 0."""
        return cls(f"{EntryKind.RESET_DAY}:{reset_id}")


@value_type
class Activity:
    """What was done, in bytes and counts: by an operation (`Delta`), on a day (`Day`), in a period that is billed (`Usage`).

    `rejected` are bytes that arrived in the bucket and never became a video, `rejected_count` the uploads that ended so.
    """

    uploaded: int = 0
    streamed: int = 0
    upload_count: int = 0
    stream_count: int = 0
    deleted_bytes: int = 0
    deletion_count: int = 0
    rejected: int = 0
    rejected_count: int = 0


ACTIVITY = tuple(one.name for one in fields(Activity))
"""The names of its fields."""


@value_type
class Delta(Activity):
    """What one entry adds to the account, in bytes and counts; negative where something is taken back."""

    stored: int = 0
    trash: int = 0
    reserved: int = 0

    def __add__(self, other: Delta) -> Delta:
        return Delta(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def __neg__(self) -> Delta:
        return Delta(**{f.name: -getattr(self, f.name) for f in fields(self)})


@positional_value_type
class Settlement:
    """What a `settle` entry replaces: bytes that were `measured`, which are those charged on a day, by the bytes `sent`."""

    charged_on: date
    measured: int
    sent: int


@positional_value_type
class SettledSums:
    """The settlements of a day, in bytes.

    `measured` and `sent` are about what was charged on it, whenever it was settled. `moved` is what settlements that were made
    on it have added to its `streamed`, also for earlier days.
    """

    measured: int = 0
    sent: int = 0
    moved: int = 0

    def __add__(self, other: SettledSums) -> SettledSums:
        return SettledSums(self.measured + other.measured, self.sent + other.sent, self.moved + other.moved)


@value_type
class Entry:
    """The record of one operation. `entry_id` is its idempotency key, `sequence` its place in the account's history, from 1.

    `reason` is free text, except in entries of uploads that were released: see `release_reason`.

    `counted_until` is set in entries that release an upload or begin its completion: when the newest of the objects and
    parts that the entry counts was written, by the bucket's clock; None if it counts none. It does not count what came later.
    """

    entry_id: EntryId
    kind: EntryKind
    sequence: int
    at: datetime
    date: date
    delta: Delta
    file_id: str | None = None
    filename: str | None = None
    size: int = 0
    reason: str | None = None
    fingerprint: str | None = None
    counted_until: datetime | None = None
    settlement: Settlement | None = None

    @property
    def charged_to_grant(self) -> int:
        """What the entry adds to the bytes of its playback grant: all that was sent for it, on whatever day it is known."""
        return self.delta.streamed if self.settlement is None else self.settlement.sent - self.settlement.measured

    @property
    def release_reason(self) -> ReleaseReason | None:
        """Why the upload was released; None for entries of other kinds."""
        return ReleaseReason.parse(self.reason) if self.kind == EntryKind.RELEASE else None


def settled_on(day: date, entry: Entry) -> SettledSums:
    """Return what an entry adds to the settlements of a day; nothing if it settles nothing."""
    settlement = entry.settlement
    if settlement is None:
        return SettledSums()
    moved = entry.delta.streamed if entry.date == day else 0
    if settlement.charged_on != day:
        return SettledSums(moved=moved)
    return SettledSums(settlement.measured, settlement.sent, moved)


@positional_value_type
class Totals:
    """The sums of a ledger: over all time, and per day."""

    total: Delta
    days: dict[date, Delta]
    gaps: tuple[int, ...]
    count: int

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Totals:
        """Add up entries, in any order. `gaps` are the sequence numbers that are missing or occur more than once."""
        total = Delta()
        days: dict[date, Delta] = {}
        seen: Counter[int] = Counter()
        for entry in entries:
            total += entry.delta
            days[entry.date] = days.get(entry.date, Delta()) + entry.delta
            seen[entry.sequence] += 1
        wrong = tuple(n for n in range(1, max(seen, default=0) + 1) if seen[n] != 1)
        return cls(total, days, wrong, seen.total())
