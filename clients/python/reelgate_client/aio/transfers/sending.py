"""Sends a whole file: reserves it, sends what is missing, and waits for the outcome."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from reelgate_client.aio.transfers.bucket import AsyncBucket
from reelgate_client.aio.transfers.parts import AsyncPartsSender
from reelgate_client.aio.transfers.session import AsyncSessionSender
from reelgate_client.aio.uploads import AsyncUploadsApi
from reelgate_client.aio.videos import AsyncVideosApi
from reelgate_client.core.local_files import LocalFile
from reelgate_client.core.plans import DEFAULT_CHUNK_BYTES, MAX_GENERATIONS, Plan, chunk_size_for, part_size_for
from reelgate_client.core.progress import Progress, Stage
from reelgate_client.errors import ChecksumMismatch, Conflict, FileChanged, ReelgateError, UploadEnded
from reelgate_client.models import Upload
from reelgate_client.runtime import aio as runtime

MAX_COMPLETIONS = 5
"""How often the bucket may still miss something after all was sent."""


class AsyncSender:
    """Sends files of this machine."""

    def __init__(self, uploads: AsyncUploadsApi, videos: AsyncVideosApi, bucket: AsyncBucket) -> None:
        self._uploads = uploads
        self._videos = videos
        self._bucket = bucket

    async def plan(
        self,
        path: Path | str,
        *,
        filename: str | None = None,
        title: str | None = None,
        parallel: int = 4,
        part_size: int | None = None,
        chunk_size: int = DEFAULT_CHUNK_BYTES,
    ) -> Plan:
        """Read a file once, and return how it is sent.

        Args:
            parallel: 1 sends even large files through one session.
            part_size: bytes of each part, also for files that would go through a session.
            chunk_size: bytes that are sent through a session at once, rounded up to 256 KiB.

        Raises:
            LocalFileError, FileChanged.
        """
        file = await runtime.in_thread(LocalFile.look_at, path)
        size = part_size_for(file.size, parallel=parallel, part_size=part_size)
        checksums = await runtime.in_thread(file.checksums, size)
        return Plan(
            file=file,
            filename=unicodedata.normalize("NFC", filename or file.path.name),
            crc32c=checksums.whole,
            title=title,
            part_size=size,
            part_checksums=checksums.parts,
            chunk_size=chunk_size_for(chunk_size),
        )

    async def send(
        self,
        plan: Plan,
        *,
        parallel: int = 4,
        progress: Progress | None = None,
        started: Callable[[Upload], None] | None = None,
    ) -> Upload:
        """Send a file, or what is missing of it, and return the upload, which is a video by then.

        The same content under the same name is the same upload, whoever sends it: a repeated call goes on where the last one
        was interrupted. Two calls at once, also on two machines, do each other no harm.

        Args:
            started: is called with the upload before the first byte is sent.

        Raises:
            LimitReached, Conflict, NotSignedIn: it is not granted.
            NotReachable: server or bucket were away for too long. What has arrived is kept.
            FileChanged: the file has other content now. The upload stays open: another machine may be sending it.
            UploadEnded, ChecksumMismatch, LocalFileError, TransferError.
        """
        progress = progress or Progress()
        upload = await self._create(plan)
        if started is not None:
            started(upload)
        progress.begin(plan.size, upload.upload_id)
        progress.enter(Stage.SENDING)
        return await self._send(plan, upload, parallel, progress)

    async def go_on(self, plan: Plan, upload_id: str, *, parallel: int = 4, progress: Progress | None = None) -> Upload:
        """Send what is missing of an open upload that was begun otherwise: in parts of another size, or without a checksum.

        Raises:
            Conflict: it is not open any more, or is of another file (`upload_differs`): it is left as it is.
            ChecksumMismatch: it was made of another file and this one; it is in the trash.
            The errors of `send`.
        """
        progress = progress or Progress()
        upload = await self._uploads.get(upload_id)
        part_size = upload.parts.size if upload.parts else None
        if part_size is None:
            upload = await self._uploads.resume(upload_id)
            plan = replace(plan, part_size=None, part_checksums=())
        elif part_size != plan.part_size:
            plan = await self.plan(plan.file.path, filename=plan.filename, parallel=max(2, parallel), part_size=part_size)
        progress.begin(plan.size, upload_id)
        progress.enter(Stage.SENDING)
        return await self._send(plan, upload, parallel, progress, taken_over=True)

    async def _create(self, plan: Plan) -> Upload:
        for generation in range(MAX_GENERATIONS):
            try:
                return await self._granted(plan, plan.idempotency_key(generation))
            except Conflict as error:
                if error.code != "upload_finished":
                    raise
        return await self._granted(plan, uuid.uuid4().hex)

    async def _granted(self, plan: Plan, key: str) -> Upload:
        return await self._uploads.create(
            plan.filename,
            plan.size,
            crc32c=plan.crc32c,
            title=plan.title,
            start=plan.start,
            part_size=plan.part_size,
            idempotency_key=key,
        )

    async def _send(self, plan: Plan, upload: Upload, parallel: int, progress: Progress, *, taken_over: bool = False) -> Upload:
        sender = (
            AsyncSessionSender(self._uploads, self._bucket, plan, progress, taken_over=taken_over)
            if plan.part_size is None
            else AsyncPartsSender(self._uploads, self._bucket, plan, progress, parallel=parallel)
        )
        for last in (False,) * (MAX_COMPLETIONS - 1) + (True,):
            try:
                await sender.send(upload)
                progress.enter(Stage.FINISHING)
                done = await self._uploads.complete(upload.upload_id, crc32c=plan.crc32c)
            except FileChanged:
                plan = await self._unchanged(plan, upload.upload_id, last=last)
                sender.go_on_with(plan)
            except Conflict as error:
                if error.code == "upload_finished":
                    return await self._outcome(plan, upload.upload_id, progress)
                if error.code == "chunk_differs":
                    raise await self._differs(plan, upload.upload_id, sent=sender.has_sent) from error
                if last or error.code not in {"chunks_missing", "upload_incomplete"}:
                    raise
            else:
                return self._ready(plan, done, progress)
        raise AssertionError  # the last round returns or raises

    async def _outcome(self, plan: Plan, upload_id: str, progress: Progress) -> Upload:
        """Return the upload if another process has finished it with this content, else say how it ended."""
        upload = await self._uploads.get(upload_id)
        if upload.video_id is not None:
            try:
                upload = await self._uploads.complete(upload_id, crc32c=plan.crc32c)
            except Conflict as error:
                if error.code == "chunk_differs":
                    raise await self._differs(plan, upload_id, sent=False) from error
                if error.code != "upload_finished":  # it was deleted in between
                    raise
        return self._ready(plan, upload, progress)

    async def _differs(self, plan: Plan, upload_id: str, *, sent: bool) -> ReelgateError:
        """Return the error of an upload whose content is not that of the file: others began it without a checksum.

        Parts are left to those who sent them, and so is a video that has none of this file's bytes.
        """
        upload = await self._uploads.get(upload_id)
        name = plan.filename
        if upload.state == "open":
            advice = f"Finish it where it was begun, or cancel it with 'reelgate uploads cancel {upload_id}'."
            return Conflict("upload_differs", f"There is an open upload '{name}' with other content. {advice}")
        if not sent:
            advice = "Rename the file, or delete the video."
            return Conflict("name_taken", f"There is another video '{name}', with other content. {advice}")
        place = f"Delete it with 'reelgate rm {upload_id}', then send the file again."
        with suppress(ReelgateError):
            await self._videos.delete(upload_id)
            place = "It is in the trash: send the file again."
        detail = f"An upload '{name}' had been begun with other content, and what it has become is neither file."
        return ChecksumMismatch("checksum_mismatch", f"{detail} {place}")

    def _ready(self, plan: Plan, upload: Upload, progress: Progress) -> Upload:
        if upload.state == "ready":
            progress.arrived(plan.size)
            progress.enter(Stage.DONE)
            return upload
        if upload.state == "rejected":
            raise ChecksumMismatch("checksum_mismatch", _damaged(plan.filename), hint=upload.reason)
        raise UploadEnded(f"upload_{upload.state}", f"The upload of {plan.filename} was {upload.state}.")

    async def _unchanged(self, plan: Plan, upload_id: str, *, last: bool) -> Plan:
        """Return the plan of a file that was written to, but has the content that it had.

        Raises:
            FileChanged: it has other content, or is still written to.
        """
        with suppress(FileChanged):
            file = await runtime.in_thread(LocalFile.look_at, plan.file.path)
            if not last and file.size == plan.size and (await runtime.in_thread(file.checksums)).whole == plan.crc32c:
                return replace(plan, file=file)
        raise FileChanged(
            "file_changed",
            f"{plan.file.path.name} was changed while it was being sent. Its upload stays open, because another machine may be "
            f"sending the same file. To send the changed one, cancel it first: reelgate uploads cancel {upload_id}",
        )


def _damaged(filename: str) -> str:
    return f"What arrived of {filename} is not what was sent, so it was not kept. Send it again."
