"""Sends a file through one resumable session, chunk by chunk."""

from __future__ import annotations

from reelgate_client.aio.transfers.bucket import AsyncBucket, away
from reelgate_client.aio.uploads import AsyncUploadsApi
from reelgate_client.core.bucket import Answer, Meaning, content_range, session_answer
from reelgate_client.core.plans import Plan
from reelgate_client.core.progress import Progress
from reelgate_client.errors import NotReachable, TransferError, UploadEnded
from reelgate_client.models import Upload
from reelgate_client.runtime import aio as runtime


class AsyncSessionSender:
    """Sends one file. Nothing is assumed to have arrived that the session has not confirmed.

    Args:
        taken_over: others have begun it: the session is asked before the first byte, also for a small file.

    Attributes:
        has_sent: whether bytes of this file may be in the session.
    """

    def __init__(
        self, uploads: AsyncUploadsApi, bucket: AsyncBucket, plan: Plan, progress: Progress, *, taken_over: bool = False
    ) -> None:
        self._uploads = uploads
        self._bucket = bucket
        self._plan = plan
        self._progress = progress
        self._taken_over = taken_over
        self.has_sent = False

    def go_on_with(self, plan: Plan) -> None:
        """Read from another file of the same content."""
        self._plan = plan

    async def send(self, upload: Upload) -> None:
        """Send what is missing.

        Raises:
            NotReachable: the bucket was away for too long.
            FileChanged, LocalFileError, UploadEnded, TransferError.
        """
        url = upload.session_url
        ask = url is None or self._taken_over or self.has_sent or self._plan.size > self._plan.chunk_size
        kept, failures = 0, 0
        while True:
            if url is None:
                url = await self._renewed(upload.upload_id)
            try:
                answer = await self._query(url) if ask else await self._chunk(url, kept)
            except NotReachable as error:
                answer, failed = Answer(Meaning.AGAIN), error
            else:
                failed = away(status=answer.status)
            match answer.meaning:
                case Meaning.COMPLETE:
                    self._progress.arrived(self._plan.size)
                    return
                case Meaning.KEPT:
                    failures = 0 if answer.kept > kept else failures + (not ask)
                    kept, ask = answer.kept, False
                    self._progress.arrived(kept)
                    if failures:  # the bucket has kept nothing of a chunk
                        await self._bucket.wait(failures, failed)
                case Meaning.AGAIN:
                    failures, ask = failures + 1, True
                    await self._bucket.wait(failures, failed)
                case Meaning.RENEW:
                    failures, ask, url = failures + 1, True, None
                    await self._bucket.wait(failures, failed)
                case Meaning.ENDED:
                    raise UploadEnded("upload_cancelled", f"The upload of {self._plan.filename} was cancelled.")
                case Meaning.REFUSED:
                    raise TransferError(
                        "upload_refused", f"{self._plan.filename} was refused where videos are stored.", status=answer.status
                    )

    async def _renewed(self, upload_id: str) -> str:
        upload = await self._uploads.resume(upload_id)
        if upload.session_url is None:
            raise TransferError("no_session", "The server has opened no session for this upload.")
        return upload.session_url

    async def _query(self, url: str) -> Answer:
        headers = {"Content-Range": f"bytes */{self._plan.size}"}
        response = await self._bucket.put(url, headers, b"")
        return session_answer(response.status_code, response.headers, was_query=True)

    async def _chunk(self, url: str, first: int) -> Answer:
        length = min(self._plan.chunk_size, self._plan.size - first)
        data = await runtime.in_thread(self._plan.file.read, first, length)
        self.has_sent = True
        headers = {"Content-Range": content_range(first, length, self._plan.size)}
        try:
            response = await self._bucket.put(url, headers, data, lambda sent: self._progress.under_way(0, sent))
        finally:
            self._progress.under_way(0, 0)
        return session_answer(response.status_code, response.headers, was_query=False)
