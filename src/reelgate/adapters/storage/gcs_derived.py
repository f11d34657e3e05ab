"""Videos read in pieces, and the bucket with what was derived from them, through google-cloud-storage in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from google.api_core import exceptions as google
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Bucket, Client
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.fileio import BlobWriter
from google.cloud.storage.retry import DEFAULT_RETRY

from reelgate.domain.errors import FileNotFound, Unavailable
from reelgate.ports.media import ObjectWriter

CHUNK_BYTES = 1024 * 1024
"""What one request of a resumable upload carries, and what is kept of it meanwhile; a multiple of 256 KiB."""
TIMEOUT_SECONDS = 20
PARALLEL_CALLS = 4
_RETRY = DEFAULT_RETRY.with_timeout(40)
_FAILURES = (google.GoogleAPIError, GoogleAuthError, requests.RequestException, DataCorruption, InvalidResponse)

_log = logging.getLogger(__name__)


class GcsDerivedObjects:
    """Implements `DerivedObjects` over a bucket of Cloud Storage, or of the local emulator."""

    def __init__(self, client: Client, bucket: str) -> None:
        """Use an existing client. Nothing is asked of the bucket yet."""
        self._bucket: Bucket = client.bucket(bucket)
        self._threads = ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="derived")

    def create(self, name: str, *, content_type: str) -> ObjectWriter:
        """See `DerivedObjects.create`. The same name may be written again: the request may be repeated in any case."""
        writer = BlobWriter(
            self._bucket.blob(name), chunk_size=CHUNK_BYTES, retry=_RETRY, content_type=content_type, timeout=TIMEOUT_SECONDS
        )
        return _SessionWriter(writer, self._threads)

    async def remove_all(self, prefix: str) -> None:
        """See `DerivedObjects.remove_all`."""

        def remove() -> None:
            for blob in self._bucket.client.list_blobs(self._bucket, prefix=prefix, timeout=TIMEOUT_SECONDS, retry=_RETRY):
                try:
                    blob.delete(timeout=TIMEOUT_SECONDS, retry=_RETRY)
                except google.NotFound:
                    _log.info("object %s is gone already", blob.name)

        await _run(self._threads, remove)


class GcsMediaRanges:
    """Implements `MediaRanges` over the bucket with the videos."""

    def __init__(self, client: Client, bucket: str) -> None:
        """Use an existing client. Nothing is asked of the bucket yet."""
        self._bucket: Bucket = client.bucket(bucket)
        self._threads = ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="ranges")

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        """See `MediaRanges.read`. Nothing is checked of a part: only a whole object has a checksum."""
        blob = self._bucket.blob(object_name, generation=generation)

        def download() -> bytes:
            data: bytes = blob.download_as_bytes(
                start=start,
                end=start + length - 1,
                raw_download=True,
                checksum=None,
                timeout=TIMEOUT_SECONDS,
                retry=_RETRY,
            )
            return data

        try:
            return await _run(self._threads, download)
        except google.NotFound:
            raise FileNotFound("The object is gone.") from None


class _SessionWriter:
    """An object sent through a resumable session, which is nothing until it is finished."""

    def __init__(self, writer: BlobWriter, threads: ThreadPoolExecutor) -> None:
        self._writer, self._threads = writer, threads

    async def write(self, data: bytes) -> None:
        await _run(self._threads, lambda: self._writer.write(data))

    async def finish(self) -> None:
        await _run(self._threads, self._writer.close)

    async def abandon(self) -> None:
        try:
            await _run(self._threads, self._writer.terminate)
        except Unavailable:
            _log.info("a session is left to end by itself")


async def _run[T](threads: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, call)
    except google.NotFound:
        raise
    except _FAILURES as error:
        # The text of the problem can hold a session URL, which is a secret: only its type is told.
        _log.warning("storage failed: %s", type(error).__name__)
        raise Unavailable("Storage cannot be reached at the moment; try again.") from None


def connect(project: str, bucket: str, **client_options: Any) -> GcsDerivedObjects:
    """Return the bucket for what is derived, as google-cloud-storage finds it in this environment."""
    return GcsDerivedObjects(Client(project=project, **client_options), bucket)


def connect_ranges(project: str, bucket: str, **client_options: Any) -> GcsMediaRanges:
    """Return the bucket with the videos, as google-cloud-storage finds it in this environment."""
    return GcsMediaRanges(Client(project=project, **client_options), bucket)
