"""Sends several files. What goes wrong with one does not stop the others, unless it would go wrong with all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from reelgate_client.aio.api import pages
from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.cli.state.journal import Journal
from reelgate_client.cli.transfers.bars import Bars
from reelgate_client.cli.transfers.outcomes import Item, Outcome
from reelgate_client.core.local_files import LocalFile
from reelgate_client.core.plans import DEFAULT_CHUNK_BYTES, PARTS_FROM_BYTES, Plan
from reelgate_client.core.progress import Progress, Stage
from reelgate_client.errors import Conflict, LimitReached, NotReachable, NotSignedIn, ReelgateError
from reelgate_client.models import Upload, UploadList, Video
from reelgate_client.runtime import aio as runtime

MAX_CHECKED = 1000
AWAY_IN_A_ROW = 3
"""After so many files in a row that could not be sent because something cannot be reached, the others are not tried."""


class Batch:
    """Sends files, `parallel` small ones at once, or as many parts of a large one."""

    def __init__(
        self,
        client: AsyncReelgate,
        journal: Journal,
        bars: Bars,
        *,
        parallel: int = 4,
        part_size: int | None = None,
        chunk_size: int = DEFAULT_CHUNK_BYTES,
        show: Callable[[Outcome], None],
    ) -> None:
        self.client = client
        self.journal = journal
        self.outcomes: list[Outcome] = []
        self._bars = bars
        self._parallel = parallel
        self._part_size = part_size
        self._chunk_size = chunk_size
        self._show = show
        self._away = 0
        self._stop: ReelgateError | None = None

    def settle(self, outcome: Outcome) -> None:
        """Note what became of a file, and show it."""
        self.outcomes.append(outcome)
        self._show(outcome)
        error = outcome.error
        self._away = self._away + 1 if isinstance(error, NotReachable) else 0
        if isinstance(error, NotSignedIn) or self._away >= AWAY_IN_A_ROW:
            self._stop = error

    async def each(self, items: Sequence[Item], do: Callable[[Item], Awaitable[Outcome | None]]) -> None:
        """Do something with each file; None says that its outcome comes later."""

        def job(item: Item) -> runtime.Job:
            async def run() -> None:
                if self._stop is not None:
                    self.settle(Outcome(item, "failed", error=self._stop))
                    return
                try:
                    outcome = await do(item)
                except ReelgateError as error:
                    outcome = Outcome(item, "failed", error=error)
                if outcome is not None:
                    self.settle(outcome)

            return run

        limit = self._part_size or PARTS_FROM_BYTES
        small = [job(item) for item in items if item.size <= limit]
        large = [job(item) for item in items if item.size > limit]
        await runtime.run_all(small, at_once=self._parallel)
        await runtime.run_all(large, at_once=1)

    async def check(self, items: Sequence[Item]) -> list[Item]:
        """Return the files that fit into the account, before the first byte; the others have failed.

        A file that has an open upload is not asked about: its bytes are reserved already.
        """
        if not items:
            return []
        begun = {(one.filename, one.size) async for one in pages(self._list_uploads)}
        fits = [item for item in items if (item.filename, item.size) in begun]
        new = [item for item in items if (item.filename, item.size) not in begun]
        if not new:
            return fits
        checked = await self.client.uploads.check([item.size for item in new[:MAX_CHECKED]])
        fits += new[MAX_CHECKED:]
        for item, verdict in zip(new, checked.items, strict=False):
            if verdict.allowed or await self.video_named(item.filename) is not None:  # it may be there already
                fits.append(item)
            else:
                code, detail = verdict.code or "storage_limit_exceeded", verdict.detail or "There is no room for it."
                self.settle(Outcome(item, "failed", error=LimitReached(code, detail)))
        return fits

    async def look_at(self, item: Item) -> Item:
        """Return the file with its size. Raises LocalFileError."""
        return replace(item, size=(await runtime.in_thread(LocalFile.look_at, item.path)).size)

    async def send(self, item: Item, *, take_over: bool = False) -> Outcome:
        """Send a file.

        Args:
            take_over: whether an open upload that another machine has begun is gone on with.

        Raises:
            ReelgateError: it was not sent.
        """
        with self.shown(item) as progress:
            return await self._send(item, progress, take_over)

    @contextmanager
    def shown(self, item: Item) -> Iterator[Progress]:
        """Show a bar for a file while something is done with it."""
        progress = Progress(self._bars.watch(item.filename))
        try:
            yield progress
        finally:
            progress.enter(Stage.DONE)

    async def _send(self, item: Item, progress: Progress, take_over: bool) -> Outcome:
        plan = await self.client.sender.plan(
            item.path,
            filename=item.filename,
            title=item.title,
            parallel=self._parallel,
            part_size=self._part_size,
            chunk_size=self._chunk_size,
        )
        item = replace(item, size=plan.size)
        try:
            upload = await self.client.sender.send(
                plan, parallel=self._parallel, progress=progress, started=lambda begun: self.journal.begin(begun.upload_id)
            )
        except Conflict as error:
            if error.code != "name_taken":
                raise
            return await self._name_taken(item, plan, progress, error, take_over)
        self.journal.end(upload.upload_id)
        return Outcome(item, "uploaded", upload.video_id)

    async def _name_taken(self, item: Item, plan: Plan, progress: Progress, error: Conflict, take_over: bool) -> Outcome:
        """A name that this very file has is no failure; an upload that has its name can be gone on with."""
        video = await self.video_named(item.filename)
        if video is not None and (video.size, video.crc32c) == (plan.size, plan.crc32c):
            return Outcome(item, "present", video.video_id)
        upload = await self.open_upload_named(item.filename) if video is None else None
        if upload is None:
            raise error
        if upload.size != plan.size:
            advice = f"Finish it, or cancel it with 'reelgate uploads cancel {upload.upload_id}'."
            raise Conflict("name_taken", f"There is an open upload '{item.filename}' of another size. {advice}") from error
        if not (take_over or self.journal.is_ours(upload.upload_id)):
            raise error
        self.journal.begin(upload.upload_id)
        try:
            done = await self.client.sender.go_on(plan, upload.upload_id, parallel=self._parallel, progress=progress)
        except Conflict:
            self.journal.end(upload.upload_id)  # it is of another file
            raise
        self.journal.end(upload.upload_id)
        return Outcome(item, "uploaded", done.video_id)

    async def video_named(self, filename: str) -> Video | None:
        """Return the video with a file name."""
        cursor: str | None = None
        while True:
            page = await self.client.videos.list(search=filename, limit=200, cursor=cursor)
            for video in page.items:
                if video.filename == filename:
                    return video
            cursor = page.next_cursor
            if cursor is None:
                return None

    async def open_upload_named(self, filename: str) -> Upload | None:
        """Return the open upload with a file name."""
        async for upload in pages(self._list_uploads):
            if upload.filename == filename:
                return upload
        return None

    async def _list_uploads(self, cursor: str | None) -> UploadList:
        return await self.client.uploads.list(limit=1000, cursor=cursor)
