"""Finish what is due: expired uploads, old trash, and outbox items of earlier commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import Video
from reelgate.domain.errors import VideoNotFound
from reelgate.ports.books import ExpiredUpload
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.audit.object_events import video_purged
from reelgate.use_cases.books.commit import CommitServices, trimmer
from reelgate.use_cases.books.deliver_outbox import carry_out
from reelgate.use_cases.objects.expire_uploads import settle_expired
from reelgate.use_cases.upkeep.work_in_pages import Tally, work_in_pages
from reelgate.use_cases.videos.delete_video import purge_video


class Services(CommitServices, HasFunctionName, Protocol):
    """What the sweep needs."""


LEFT_BEHIND_AFTER = timedelta(seconds=60)
"""How old an outbox item must be. A younger one may still be in delivery by the request that wrote it."""


async def sweep_uploads(services: Services, *, until: datetime) -> Tally:
    """Settle all expired uploads."""

    async def page(limit: int) -> Sequence[ExpiredUpload]:
        return await services.books.expired_uploads(services.now(), limit=limit)

    async def settle(expired: ExpiredUpload) -> int:
        return await settle_expired(services, expired.uid, expired.upload)

    return await work_in_pages(services, page, settle, lambda one: f"{one.uid}/{one.upload.upload_id}", until=until)


async def purge_trash(services: Services, *, until: datetime) -> Tally:
    """Purge trashed videos that are due (`purge_at`)."""

    async def page(limit: int) -> Sequence[Video]:
        return await services.books.trash_to_purge(services.now(), limit=limit)

    async def purge(video: Video) -> int:
        try:
            await purge_video(
                services,
                video.uid,
                video.file_id,
                due_by=services.now(),
                audit=video_purged(services, video.uid, video.file_id),
            )
        except VideoNotFound:  # restored or purged since the page was read
            return 0
        return 1

    return await work_in_pages(services, page, purge, lambda video: f"{video.uid}/{video.file_id}", until=until)


async def empty_outbox(services: Services, *, until: datetime) -> Tally:
    """Deliver the items that earlier commits left in the outbox."""

    async def page(limit: int) -> Sequence[OutboxItem]:
        return await services.books.outbox(services.now() - LEFT_BEHIND_AFTER, limit=limit)

    trim = trimmer(services)

    async def work(item: OutboxItem) -> int:
        await carry_out(services, item, trim)
        return 1

    return await work_in_pages(services, page, work, lambda item: item.event_id, until=until)
