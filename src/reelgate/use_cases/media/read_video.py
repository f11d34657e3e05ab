"""Read a video together with what was derived from it, which is in another database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.ports.books import HasBooks, Snapshot
from reelgate.ports.media import HasDerivedMedia
from reelgate.use_cases.videos.find_video import VideoRef


class Services(HasBooks, HasDerivedMedia, Protocol):
    """What reading a video with its record needs."""


async def read_video(
    services: Services, uid: str, which: VideoRef, *, trashed: bool = False
) -> tuple[Snapshot, DerivedMedia | None]:
    """Return account and video, and the record of what was derived from the video; `trashed` reads the trash as well.

    By its id, both are read at once. A name has to lead to the video first. They are not of one instant: the record belongs to
    the video, whatever name this has, and a purged video has none.

    Raises Unavailable.
    """
    reads = replace(which.reads(), trashed_file_id=which.file_id) if trashed else which.reads()
    if which.file_id is not None:
        snapshot, records = await asyncio.gather(
            services.books.read(uid, reads), services.derived_media.get(uid, which.file_id)
        )
        return snapshot, records.get(which.file_id)
    snapshot = await services.books.read(uid, reads)
    if snapshot.video is None:
        return snapshot, None
    file_id = snapshot.video.file_id
    return snapshot, (await services.derived_media.get(uid, file_id)).get(file_id)
