"""What an account uses, and what is billed of it. Sizes are bytes, times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What is stored, in bytes.

    Attributes:
        limit: Bytes at most.
        used: Bytes of videos that are ready.
        reserved: Bytes promised to open uploads.
        available: Bytes that a new upload may have.
        trash: Bytes in the trash, which are not `used`. Null for a day after the store was updated to know them.
        trash_limit: Bytes that the trash may have now. Beyond it, what is oldest in it is removed for good.
    """

    limit: int
    used: int
    reserved: int
    available: int
    trash: int | None
    trash_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """What was transferred today, in bytes.

    Attributes:
        limit: Bytes at most.
        used: Bytes uploaded, streamed and rejected.
        uploaded: Bytes uploaded.
        streamed: Bytes charged for streams and downloads: estimates, and corrections by what was sent.
        estimated: Bytes charged when URLs for streaming and downloading were issued: one full transfer each.
        settled: Bytes that were really sent, for as much of `estimated` as has been measured, and the estimate for the
            rest. Null as long as nothing is measured.
        rejected: Bytes that arrived and never became a video.
        reserved: Bytes promised to open uploads.
        available: How many bytes are left.
        resets_at: When the next day begins, with the whole limit.
        rejections: How many uploads were rejected today. After too many, no more are granted.
    """

    limit: int
    used: int
    uploaded: int
    streamed: int
    estimated: int
    settled: int | None
    rejected: int
    reserved: int
    available: int
    resets_at: datetime
    rejections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAlert:
    """An alert of today: usage has reached a percentage of a limit.

    Attributes:
        kind: What is meant.
        threshold_percent: The percentage of the limit.
        times: How often it was reached today.
    """

    kind: str
    threshold_percent: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentUsage:
    """Your storage, your day so far, and its alerts.

    Attributes:
        alerts: About the usage of storage and bandwidth.
    """

    storage: Storage
    bandwidth: Bandwidth
    alerts: tuple[UsageAlert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledUsage:
    """What was used in a period. What an admin's reset took from the daily limit is part of it.

    Attributes:
        stored: Bytes stored at the end. Null, as the next two, for days older than these numbers.
        byte_seconds: The stored bytes times the seconds for which they were stored: exact, so add up these. A whole
            number as text, because it exceeds what some programs keep exact.
        byte_hours: The byte-seconds in hours, rounded.
        uploaded: Bytes uploaded.
        streamed: Bytes charged for streams and downloads: estimates, and corrections by what was sent.
        estimated: Bytes charged when URLs for streaming and downloading were issued: one full transfer each.
        settled: Bytes that were really sent, for as much of `estimated` as has been measured, and the estimate for the
            rest. Null as long as nothing is measured.
        unsettled: Bytes of `estimated` that were not measured, or not yet.
        uploads: Their number.
        streams: How many URLs for streaming and downloading were charged.
        deletions: How many videos were moved to the trash.
        deleted: Their bytes.
        rejected: Bytes that arrived and never became a video.
        rejections: How many uploads were rejected.
    """

    stored: int | None
    byte_seconds: str | None
    byte_hours: int | None
    uploaded: int
    streamed: int
    estimated: int
    settled: int | None
    unsettled: int
    uploads: int
    streams: int
    deletions: int
    deleted: int
    rejected: int
    rejections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """One day, in the deployment's time zone.

    Attributes:
        date: The day.
        open: Whether it is today: then these are the numbers until now.
    """

    date: date
    open: bool
    usage: BilledUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDayList:
    """The days of a range, in their order, and their sum.

    Attributes:
        items: This page.
        next_cursor: Null: a range is one page.
    """

    items: tuple[UsageDay, ...]
    next_cursor: str | None
    total: BilledUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One line of the ledger: what an operation added to the account. Sums of all lines are what the account shows.

    Attributes:
        entry_id: Names the operation: it is recorded once.
        kind: What was done.
        sequence: The entry's number in the ledger, without gaps.
        at: When it happened.
        date: The day it was charged to, in the deployment's time zone.
        video_id: The id of a video; that of its upload.
        filename: The name of the file.
        size: Bytes.
        reason: Why it is so.
        stored: Bytes added to storage; negative if they were freed.
        trash: Bytes added to the trash; negative if they left it.
        reserved: Bytes reserved for an upload; negative if they were released.
        uploaded: Bytes charged to the day as uploaded.
        streamed: Bytes charged to the day as streamed or downloaded.
        deleted: Bytes counted for the day as deleted.
        rejected: Bytes charged to the day that arrived and never became a video.
    """

    entry_id: str
    kind: str
    sequence: int
    at: datetime
    date: date
    video_id: str | None
    filename: str | None
    size: int
    reason: str | None
    stored: int
    trash: int
    reserved: int
    uploaded: int
    streamed: int
    deleted: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntryList:
    """A page of the ledger, newest first.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[LedgerEntry, ...]
    next_cursor: str | None
