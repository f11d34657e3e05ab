"""Sends a file in parts, several at once, all under one reservation."""

from __future__ import annotations

from collections.abc import Sequence

from reelgate_client.aio.transfers.bucket import AsyncBucket, away
from reelgate_client.aio.uploads import AsyncUploadsApi
from reelgate_client.core.bucket import Meaning, part_answer
from reelgate_client.core.plans import Plan
from reelgate_client.core.progress import Progress
from reelgate_client.errors import NotReachable, TransferError
from reelgate_client.models import SignedPart, Upload
from reelgate_client.runtime import aio as runtime

BATCH = 32
"""Parts whose requests are signed at once. They expire, so not all of a large file's are asked for beforehand."""


class AsyncPartsSender:
    """Sends the parts of one file that the bucket does not have yet.

    Attributes:
        has_sent: whether bytes of this file may be among the parts.
    """

    def __init__(self, uploads: AsyncUploadsApi, bucket: AsyncBucket, plan: Plan, progress: Progress, *, parallel: int) -> None:
        self._uploads = uploads
        self._bucket = bucket
        self._plan = plan
        self._progress = progress
        self._parallel = parallel
        self.has_sent = False

    def go_on_with(self, plan: Plan) -> None:
        """Read from another file of the same content."""
        self._plan = plan

    async def send(self, upload: Upload) -> None:
        """Send what is missing.

        Raises:
            NotReachable: the bucket was away for too long.
            FileChanged, LocalFileError, TransferError.
        """
        upload = await self._uploads.get(upload.upload_id)
        received = set(upload.parts.received or ()) if upload.parts else set()
        missing = [index for index in range(len(self._plan.part_checksums)) if index not in received]
        self._progress.arrived(sum(self._plan.part(index)[1] for index in received))
        await self.send_these(upload.upload_id, missing)

    async def send_these(self, upload_id: str, missing: Sequence[int]) -> None:
        """Send some parts."""
        for first in range(0, len(missing), BATCH):
            batch = missing[first : first + BATCH]
            signed = await self._sign(upload_id, batch)
            await runtime.run_all([self._job(upload_id, part) for part in signed], at_once=self._parallel)

    def _job(self, upload_id: str, part: SignedPart) -> runtime.Job:
        async def job() -> None:
            await self._send(upload_id, part)

        return job

    async def _sign(self, upload_id: str, indexes: Sequence[int]) -> Sequence[SignedPart]:
        checksums = {index: self._plan.part_checksums[index] for index in indexes}
        return (await self._uploads.sign_parts(upload_id, checksums)).parts

    async def _send(self, upload_id: str, part: SignedPart) -> None:
        index, failures = part.index, 0
        first, length = self._plan.part(index)
        data = await runtime.in_thread(self._plan.file.read, first, length)
        self.has_sent = True
        while True:
            try:
                response = await self._bucket.put(
                    part.request.url, part.request.headers, data, lambda sent: self._progress.under_way(index, sent)
                )
            except NotReachable as error:
                meaning, failed = Meaning.AGAIN, error
            else:
                meaning, failed = (
                    part_answer(response.status_code, response.content).meaning,
                    away(status=response.status_code),
                )
            if meaning is Meaning.COMPLETE:
                self._progress.arrived_part(index, length)
                return
            self._progress.under_way(index, 0)
            if meaning is Meaning.REFUSED:
                detail = f"A part of {self._plan.filename} was refused where videos are stored."
                raise TransferError("upload_refused", detail, status=failed.status)
            failures += 1
            await self._bucket.wait(failures, failed)
            if meaning is Meaning.RENEW:
                [part] = await self._sign(upload_id, [index])
