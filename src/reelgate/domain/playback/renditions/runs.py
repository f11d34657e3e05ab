"""How a run that makes renditions changes a file's record. Pure: each step takes a record and returns the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from reelgate.domain.media.conversion import LEASE
from reelgate.domain.media.derived_media import DerivedMedia, Lease
from reelgate.domain.media.packaging import HlsReason, RenditionSize
from reelgate.domain.playback.renditions.kinds import RenditionKind, kinds_for
from reelgate.domain.playback.renditions.shard_table import ShardTable

ORIGINAL = "v0"


def missing_kinds(record: DerivedMedia, labels: tuple[str, ...]) -> tuple[RenditionKind, ...]:
    """Return the renditions that a packaged video should have and has not, by the labels in the settings."""
    if record.hls.state != "ready":
        return ()
    there = {one.name: one for one in record.hls.renditions}
    original = there.get(ORIGINAL)
    if original is None:
        return ()
    return tuple(kind for kind in kinds_for(labels, original.width, original.height) if kind.name not in there)


def taken(record: DerivedMedia, holder: str, now: datetime, *, request: int, day: date, charged: int) -> DerivedMedia:
    """Return the record of a run that starts, with its attempt counted, charged for so many seconds of the day."""
    spent = record.run_seconds if record.run_day == day.isoformat() else 0
    return replace(
        record,
        transcoding=record.transcoding.taken(request),
        lease=Lease(holder=holder, until=now + LEASE, since=now, charged=charged),
        run_day=day.isoformat(),
        run_seconds=charged + spent,
    )


def advanced(record: DerivedMedia, holder: str, now: datetime, made: ShardTable, *, table: str, file_size: int) -> DerivedMedia:
    """Return the record with what was made so far, in the table with this id. Raises LeaseLost."""
    held, lease = record.held(holder)
    progress = held.transcoding.advanced(made.name, table, made.size)
    return replace(held, transcoding=progress, lease=replace(lease, until=now + LEASE)).with_extra_bytes(file_size)


def joined(record: DerivedMedia, holder: str, now: datetime, made: RenditionSize, *, size: int, file_size: int) -> DerivedMedia:
    """Return the record with a complete rendition, which adds `size` to what was packaged. Raises LeaseLost."""
    held, lease = record.held(holder)
    hls = replace(held.hls, renditions=(*held.hls.renditions, made), bytes=held.hls.bytes + size)
    progress = replace(held.transcoding, rendition=None, table=None, bytes=0, attempts=1)
    return replace(held, hls=hls, transcoding=progress, lease=replace(lease, until=now + LEASE)).with_extra_bytes(file_size)


def finished(record: DerivedMedia, holder: str, now: datetime, *, file_size: int) -> DerivedMedia:
    """Return the record with all renditions. Raises LeaseLost."""
    settled = record.settled(holder, now)
    return replace(settled, transcoding=settled.transcoding.finished()).with_extra_bytes(file_size)


def left(record: DerivedMedia, holder: str, now: datetime, *, counts: bool) -> DerivedMedia:
    """Return the record of a run that ended before the work; `counts`: whether it counts as an attempt. Raises LeaseLost."""
    settled = record.settled(holder, now)
    return replace(settled, transcoding=settled.transcoding.left(counts=counts))


def refused(record: DerivedMedia, holder: str, now: datetime, reason: HlsReason, *, file_size: int | None) -> DerivedMedia:
    """Return the record with the reason why there are no more renditions; `file_size` if it is there. Raises LeaseLost."""
    settled = record.settled(holder, now)
    refused = replace(settled, transcoding=settled.transcoding.ended(reason))
    return refused if file_size is None else refused.with_extra_bytes(file_size)


def ended(record: DerivedMedia, reason: HlsReason, *, retry_at: datetime | None = None) -> DerivedMedia:
    """Return the record of a file that no run starts with."""
    return replace(record, lease=None, transcoding=record.transcoding.ended(reason, retry_at=retry_at))
