"""A user's own usage as version 1 of the API shows it. Sizes are bytes, times are UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, cast

from msgspec import Meta, Struct, field

from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.limits import trash_limit
from reelgate.domain.books.policy import Policy
from reelgate.domain.usage import usage_days
from reelgate.web.http.shapes import Instant

NotNegative = Annotated[int, Meta(ge=0)]


Rejected = Annotated[int, Meta(ge=0, description="Bytes that arrived and never became a video.")]


Estimated = Annotated[
    int, Meta(ge=0, description="Bytes charged when URLs for streaming and downloading were issued: one full transfer each.")
]
Settled = Annotated[
    int | None,
    Meta(
        description="Bytes that were really sent, for as much of `estimated` as has been measured, and the estimate for the "
        "rest. Null as long as nothing is measured."
    ),
]
Unsettled = Annotated[int, Meta(ge=0, description="Bytes of `estimated` that were not measured, or not yet.")]


class Storage(Struct, kw_only=True):
    """What is stored, in bytes."""

    limit: NotNegative
    used: Annotated[int, Meta(ge=0, description="Bytes of videos that are ready.")]
    reserved: Annotated[int, Meta(ge=0, description="Bytes promised to open uploads.")]
    available: Annotated[int, Meta(ge=0, description="Bytes that a new upload may have.")]
    trash: Annotated[
        int | None,
        Meta(description="Bytes in the trash, which are not `used`. Null for a day after the store was updated to know them."),
    ]
    trash_limit: Annotated[
        int,
        Meta(ge=0, description="Bytes that the trash may have now. Beyond it, what is oldest in it is removed for good."),
    ]


class Bandwidth(Struct, kw_only=True):
    """What was transferred today, in bytes."""

    limit: NotNegative
    used: Annotated[int, Meta(ge=0, description="Bytes uploaded, streamed and rejected.")]
    uploaded: NotNegative
    streamed: Annotated[
        int, Meta(ge=0, description="Bytes charged for streams and downloads: estimates, and corrections by what was sent.")
    ]
    estimated: Estimated
    settled: Settled
    rejected: Rejected
    reserved: Annotated[int, Meta(ge=0, description="Bytes promised to open uploads.")]
    available: NotNegative
    resets_at: Annotated[Instant, Meta(description="When the next day begins, with the whole limit.")]
    rejections: Annotated[
        int, Meta(ge=0, description="How many uploads were rejected today. After too many, no more are granted.")
    ]


class UsageAlert(Struct, kw_only=True):
    """An alert of today: usage has reached a percentage of a limit."""

    kind: Literal["storage", "bandwidth"]
    threshold_percent: Annotated[int, Meta(ge=1, le=100, examples=[80])]
    times: Annotated[int, Meta(ge=1, description="How often it was reached today.")]


class CurrentUsage(Struct, kw_only=True):
    """Your storage, your day so far, and its alerts."""

    storage: Storage
    bandwidth: Bandwidth
    alerts: list[UsageAlert]


class BilledUsage(Struct, kw_only=True):
    """What was used in a period. What an admin's reset took from the daily limit is part of it."""

    stored: Annotated[
        int | None, Meta(description="Bytes stored at the end. Null, as the next two, for days older than these numbers.")
    ]
    byte_seconds: Annotated[
        Annotated[str, Meta(pattern="^[0-9]+$")] | None,
        Meta(
            description="The stored bytes times the seconds for which they were stored: exact, so add up these. A whole number "
            "as text, because it exceeds what some programs keep exact.",
            examples=["3952467177600"],
        ),
    ]
    byte_hours: Annotated[int | None, Meta(description="The byte-seconds in hours, rounded.")]
    uploaded: NotNegative
    streamed: Annotated[
        int, Meta(ge=0, description="Bytes charged for streams and downloads: estimates, and corrections by what was sent.")
    ]
    estimated: Estimated
    settled: Settled
    unsettled: Unsettled
    uploads: Annotated[int, Meta(ge=0, description="Their number.")]
    streams: Annotated[int, Meta(ge=0, description="How many URLs for streaming and downloading were charged.")]
    deletions: Annotated[int, Meta(ge=0, description="How many videos were moved to the trash.")]
    deleted: Annotated[int, Meta(ge=0, description="Their bytes.")]
    rejected: Rejected
    rejections: Annotated[int, Meta(ge=0, description="How many uploads were rejected.")]


class UsageDay(Struct, kw_only=True):
    """One day, in the deployment's time zone."""

    date: date
    open: Annotated[bool, Meta(description="Whether it is today: then these are the numbers until now.")]
    usage: BilledUsage


class UsageDayList(Struct, kw_only=True):
    """The days of a range, in their order, and their sum."""

    items: list[UsageDay]
    next_cursor: Annotated[str | None, Meta(description="Null: a range is one page.")]
    total: BilledUsage


class DayRange(Struct, kw_only=True):
    """Which days: at most 366, up to today."""

    first: Annotated[
        date | None, Meta(description="The first day. By default the 30th up to the last one.", examples=["2026-11-01"])
    ] = field(default=None, name="from")
    last: Annotated[date | None, Meta(description="The last day. By default today.", examples=["2026-11-30"])] = field(
        default=None, name="to"
    )


class LedgerEntry(Struct, kw_only=True):
    """One line of the ledger: what an operation added to the account. Sums of all lines are what the account shows."""

    entry_id: Annotated[str, Meta(description="Names the operation: it is recorded once.")]
    kind: Annotated[str, Meta(description="What was done.", examples=["commit"])]
    sequence: Annotated[int, Meta(ge=1, description="The entry's number in the ledger, without gaps.")]
    at: Instant
    date: Annotated[date, Meta(description="The day it was charged to, in the deployment's time zone.")]
    video_id: str | None
    filename: str | None
    size: Annotated[int, Meta(ge=0)]
    reason: str | None
    stored: Annotated[int, Meta(description="Bytes added to storage; negative if they were freed.")]
    trash: Annotated[int, Meta(description="Bytes added to the trash; negative if they left it.")]
    reserved: Annotated[int, Meta(description="Bytes reserved for an upload; negative if they were released.")]
    uploaded: Annotated[int, Meta(description="Bytes charged to the day as uploaded.")]
    streamed: Annotated[int, Meta(description="Bytes charged to the day as streamed or downloaded.")]
    deleted: Annotated[int, Meta(description="Bytes counted for the day as deleted.")]
    rejected: Annotated[int, Meta(description="Bytes charged to the day that arrived and never became a video.")]


class LedgerEntryList(Struct, kw_only=True):
    """A page of the ledger, newest first."""

    items: list[LedgerEntry]
    next_cursor: str | None


def current_usage(account: Account, policy: Policy, now: datetime) -> CurrentUsage:
    """Return an account, which is on its current day, as the API shows it."""
    limits, day = account.limits(policy.default_limits), account.today
    today = usage_days.usage_of(day, stored=None, byte_seconds=None)
    return CurrentUsage(
        storage=Storage(
            limit=limits.storage_bytes,
            used=account.stored,
            reserved=account.reserved,
            available=max(0, limits.storage_bytes - account.occupied),
            trash=account.trash,
            trash_limit=trash_limit(account, policy),
        ),
        bandwidth=Bandwidth(
            limit=limits.daily_bytes,
            used=day.used,
            uploaded=day.uploaded,
            streamed=day.streamed,
            estimated=today.estimated,
            settled=today.egress,
            rejected=day.rejected,
            reserved=account.reserved,
            available=max(0, limits.daily_bytes - account.day_total),
            resets_at=policy.next_day_starts(now),
            rejections=day.rejected_count,
        ),
        alerts=[_alert(key, times) for key, times in sorted(day.raised.items())],
    )


def _alert(key: str, times: int) -> UsageAlert:
    kind, _, threshold = key.partition(":")
    return UsageAlert(kind=cast("Literal['storage', 'bandwidth']", kind), threshold_percent=int(threshold), times=times)


def usage_day(day: usage_days.UsageDay) -> UsageDay:
    """Return a day as the API shows it."""
    return UsageDay(date=day.date, open=day.open, usage=billed_usage(day.usage))


def billed_usage(usage: usage_days.Usage) -> BilledUsage:
    """Return what is billed of a period as the API shows it."""
    return BilledUsage(
        stored=usage.stored,
        byte_seconds=None if usage.byte_seconds is None else str(usage.byte_seconds),
        byte_hours=usage.byte_hours,
        uploaded=usage.uploaded,
        streamed=usage.streamed,
        estimated=usage.estimated,
        settled=usage.egress,
        unsettled=usage.unsettled,
        uploads=usage.upload_count,
        streams=usage.stream_count,
        deletions=usage.deletion_count,
        deleted=usage.deleted_bytes,
        rejected=usage.rejected,
        rejections=usage.rejected_count,
    )


def ledger_entry(entry: Entry) -> LedgerEntry:
    """Return an entry as the API shows it."""
    moved = entry.delta
    return LedgerEntry(
        entry_id=str(entry.entry_id),
        kind=str(entry.kind),
        sequence=entry.sequence,
        at=entry.at,
        date=entry.date,
        video_id=entry.file_id,
        filename=entry.filename,
        size=entry.size,
        reason=entry.reason,
        stored=moved.stored,
        trash=moved.trash,
        reserved=moved.reserved,
        uploaded=moved.uploaded,
        streamed=moved.streamed,
        deleted=moved.deleted_bytes,
        rejected=moved.rejected,
    )
