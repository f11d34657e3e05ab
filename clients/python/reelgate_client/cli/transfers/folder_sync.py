"""Makes a folder's files videos, also beside other machines that do the same at the same time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

from reelgate_client.aio.api import pages
from reelgate_client.cli.transfers.batch import Batch
from reelgate_client.cli.transfers.outcomes import Item, Outcome
from reelgate_client.core.local_files import LocalFile
from reelgate_client.core.progress import Progress, Stage
from reelgate_client.errors import Conflict, NotFound
from reelgate_client.models import Upload, Video
from reelgate_client.runtime import aio as runtime

LISTING_SECONDS = 5.0
"""How old the list of what is there may be when a file is begun. An older one costs bytes sent twice, never a double."""
PATIENCE_SECONDS = 120.0
"""In less, a line of 5 Mbit/s would not end one of four parts of 16 MiB, and the file would be sent twice."""


class FolderSync:
    """Sends what is missing. Equal is what has the same name, size and CRC32C."""

    def __init__(self, batch: Batch, *, patience: float = PATIENCE_SECONDS, dry_run: bool = False) -> None:
        self._batch = batch
        self._client = batch.client
        self._patience = patience
        self._dry_run = dry_run
        self._videos: dict[str, Video] = {}
        self._uploads: dict[str, Upload] = {}
        self._listed_at = -LISTING_SECONDS
        self._listing = asyncio.Lock()
        self._at_others: list[Item] = []

    async def run(self, items: Sequence[Item]) -> None:
        """Send what is missing; the outcomes are the batch's.

        Raises:
            ReelgateError: what is there could not be listed.
        """
        await self._list()
        new = [item for item in items if item.filename not in self._videos and item.filename not in self._uploads]
        fitting = await self._batch.check(new)
        refused = {item.filename for item in new} - {item.filename for item in fitting}
        mixed = [item for item in items if item.filename not in refused]
        random.SystemRandom().shuffle(mixed)  # another machine begins elsewhere
        await self._batch.each(mixed, self._one)
        await self._batch.each(self._at_others, self._at_another)

    async def _one(self, item: Item) -> Outcome | None:
        await self._list()
        if (video := self._videos.get(item.filename)) is not None:
            return await self._compared(item, video)
        upload = self._uploads.get(item.filename)
        if upload is not None and not self._batch.journal.is_ours(upload.upload_id):
            self._at_others.append(item)
            return None
        if self._dry_run:
            return Outcome(item, "planned")
        return await self._batch.send(item)

    async def _at_another(self, item: Item) -> Outcome | None:
        """Wait until another machine has sent the file; once its upload stands still, go on with it."""
        if self._dry_run:
            return Outcome(item, "planned")
        with self._batch.shown(item) as progress:
            if (outcome := await self._waited(item, progress)) is not None:
                return outcome
        return await self._batch.send(item, take_over=item.filename in self._uploads)

    async def _waited(self, item: Item, progress: Progress) -> Outcome | None:
        """Wait until another machine has sent the file. None: its upload stands still, or is gone."""
        progress.enter(Stage.WAITING)
        received, since = -1, time.monotonic()
        while True:
            await self._list(now=True)
            if (video := self._videos.get(item.filename)) is not None:
                return await self._compared(item, video)
            upload = self._uploads.get(item.filename)
            if upload is None:
                return None
            has = await self._received(upload.upload_id)
            if has != received:
                received, since = has, time.monotonic()
                progress.begin(upload.size, upload.upload_id)
                progress.arrived(has)
            elif time.monotonic() - since >= self._patience:
                return None
            await asyncio.sleep(min(2.0, self._patience / 3))

    async def _received(self, upload_id: str) -> int:
        try:
            return (await self._client.uploads.get(upload_id)).received_bytes or 0
        except NotFound:
            return 0

    async def _compared(self, item: Item, video: Video) -> Outcome:
        file = await runtime.in_thread(LocalFile.look_at, item.path)
        if file.size == video.size and (await runtime.in_thread(file.checksums)).whole == video.crc32c:
            return Outcome(item, "present", video.video_id)
        raise Conflict(
            "name_taken", f"There is another video '{item.filename}', with other content. Rename the file, or delete the video."
        )

    async def _list(self, *, now: bool = False) -> None:
        """List what is there, if the last list is old, or older than this call."""
        asked = time.monotonic()
        async with self._listing:
            if self._listed_at >= asked or (not now and asked - self._listed_at < LISTING_SECONDS):
                return
            began = time.monotonic()
            uploads = [one async for one in pages(lambda cursor: self._client.uploads.list(limit=1000, cursor=cursor))]
            # After the uploads: one that becomes a video in between is in both lists, not in none.
            videos = [one async for one in pages(lambda cursor: self._client.videos.list(limit=1000, cursor=cursor))]
            self._uploads = {one.filename: one for one in uploads}
            self._videos = {one.filename: one for one in videos}
            self._listed_at = began
