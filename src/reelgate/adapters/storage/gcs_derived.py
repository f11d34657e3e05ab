"""Videos read in pieces, and the bucket with what was derived from them, through google-cloud-storage in threads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud.storage import Bucket, Client
from google.cloud.storage.fileio import BlobWriter
from google.cloud.storage.retry import DEFAULT_RETRY

from reelgate.adapters.storage.gcs_calls import GcsCalls
from reelgate.domain.errors import Unavailable, VideoNotFound
from reelgate.ports.media import ObjectWriter

CHUNK_BYTES = 1024 * 1024
"""The size of one request of a resumable upload, which is buffered in memory; a multiple of 256 KiB."""
LARGE_CHUNK_BYTES = 8 * 1024 * 1024
"""The same for objects as large as videos: fewer requests, each of which waits for its answer."""
TIMEOUT_SECONDS = 20
COMPOSE_SECONDS = 60
PARALLEL_CALLS = 4
_RETRY = DEFAULT_RETRY.with_timeout(40)

_log = logging.getLogger(__name__)


class GcsDerivedObjects:
    """Implements `DerivedObjects` over a bucket of Cloud Storage, or of the local emulator."""

    def __init__(self, client: Client, bucket: str) -> None:
        """Use an existing client. No request is sent yet."""
        self._bucket: Bucket = client.bucket(bucket)
        self._calls = GcsCalls(PARALLEL_CALLS, name="derived")

    def create(self, name: str, *, content_type: str, large: bool = False) -> ObjectWriter:
        """See `DerivedObjects.create`. Requests are retried, because the same object may be written twice."""
        writer = BlobWriter(
            self._bucket.blob(name),
            chunk_size=LARGE_CHUNK_BYTES if large else CHUNK_BYTES,
            retry=_RETRY,
            content_type=content_type,
            timeout=TIMEOUT_SECONDS,
        )
        return _SessionWriter(writer, self._calls)

    async def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """See `DerivedObjects.read`. A part cannot be checked: only a whole object has a checksum."""
        blob, whole = self._bucket.blob(name), start == 0 and length is None

        def download() -> bytes:
            try:
                data: bytes = blob.download_as_bytes(
                    start=None if whole else start,
                    end=None if length is None else start + length - 1,
                    raw_download=True,
                    checksum="auto" if whole else None,
                    timeout=TIMEOUT_SECONDS,
                    retry=_RETRY,
                )
            except NotFound:
                raise Unavailable("An object is gone at the moment; try again.") from None
            return data

        return await self._calls.run(download)

    async def compose(self, name: str, sources: Sequence[str], *, content_type: str) -> None:
        """See `DerivedObjects.compose`. Retried: it writes the same object again."""

        def join() -> None:
            blob = self._bucket.blob(name)
            blob.content_type = content_type
            try:
                blob.compose([self._bucket.blob(source) for source in sources], timeout=COMPOSE_SECONDS, retry=_RETRY)
            except NotFound:
                raise Unavailable("A part of the file is gone at the moment; try again.") from None

        await self._calls.run(join)

    async def remove_all(self, prefix: str) -> None:
        """See `DerivedObjects.remove_all`."""

        def remove() -> None:
            for blob in self._bucket.client.list_blobs(self._bucket, prefix=prefix, timeout=TIMEOUT_SECONDS, retry=_RETRY):
                try:
                    blob.delete(timeout=TIMEOUT_SECONDS, retry=_RETRY)
                except NotFound:
                    _log.info("object %s is gone already", blob.name)

        await self._calls.run(remove)


class GcsMediaRanges:
    """Implements `MediaRanges` over the bucket with the videos."""

    def __init__(self, client: Client, bucket: str) -> None:
        """Use an existing client. No request is sent yet."""
        self._bucket: Bucket = client.bucket(bucket)
        self._calls = GcsCalls(PARALLEL_CALLS, name="ranges")

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        """See `MediaRanges.read`. A part cannot be checked: only a whole object has a checksum."""
        blob = self._bucket.blob(object_name, generation=generation)

        def download() -> bytes:
            try:
                data: bytes = blob.download_as_bytes(
                    start=start,
                    end=start + length - 1,
                    raw_download=True,
                    checksum=None,
                    timeout=TIMEOUT_SECONDS,
                    retry=_RETRY,
                )
            except NotFound:
                raise VideoNotFound("The object is gone.") from None
            return data

        return await self._calls.run(download)


class _SessionWriter:
    """An object sent through a resumable session. It does not exist before the session is finished."""

    def __init__(self, writer: BlobWriter, calls: GcsCalls) -> None:
        self._writer, self._calls = writer, calls

    async def write(self, data: bytes) -> None:
        await self._calls.run(lambda: self._writer.write(data))

    async def finish(self) -> None:
        await self._calls.run(self._writer.close)

    async def abandon(self) -> None:
        try:
            await self._calls.run(self._writer.terminate)
        except Unavailable:
            _log.info("a session could not be ended; it expires by itself")


def connect(project: str, bucket: str, **client_options: Any) -> GcsDerivedObjects:
    """Return the bucket for derived media, as google-cloud-storage finds it in this environment."""
    return GcsDerivedObjects(Client(project=project, **client_options), bucket)


def connect_ranges(project: str, bucket: str, **client_options: Any) -> GcsMediaRanges:
    """Return the bucket with the videos, as google-cloud-storage finds it in this environment."""
    return GcsMediaRanges(Client(project=project, **client_options), bucket)
