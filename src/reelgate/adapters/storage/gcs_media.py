"""The bucket with the videos, through google-cloud-storage in threads, but for reading metadata.

Only the server's own requests go through this module; clients and players send theirs to the bucket directly.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Blob, Client
from google.cloud.storage.retry import DEFAULT_RETRY

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import Answer, NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.google.retries import is_retryable_status
from reelgate.adapters.storage.gcs_calls import GcsCalls
from reelgate.adapters.storage.gcs_metadata import FIELDS, METADATA, SETTINGS, ObjectMetadata
from reelgate.domain.books.video import StoredObject
from reelgate.domain.errors import Unavailable
from reelgate.ports.storage import SessionStatus

TIMEOUT_SECONDS = 10
COMPOSE_SECONDS = 60
BATCH = 100
"""Calls in one batch at most (Cloud Storage docs, "Sending batch requests")."""
_RETRY = DEFAULT_RETRY.with_timeout(20)
_DONE = range(200, 300)
_DEAD_SESSION = {404, 410, 499}
_LISTED = f"items({FIELDS}),nextPageToken"
PARALLEL_CALLS = 16
PLACEHOLDER_TYPE = "application/octet-stream"
_KEPT = re.compile(r"bytes=0-(\d{1,18})")

_log = logging.getLogger(__name__)


class GcsMedia:
    """A bucket of Cloud Storage, or of the local emulator when STORAGE_EMULATOR_HOST is set."""

    def __init__(self, client: Client, bucket: str, connections: Connections, metadata: ObjectMetadata) -> None:
        """Use an existing client, `connections` for session URLs, and `metadata` of the same bucket. No request is sent yet."""
        self._bucket = client.bucket(bucket)
        self._metadata = metadata
        self._connections = connections
        self._calls = GcsCalls(PARALLEL_CALLS, name="storage")

    async def find(self, object_name: str) -> StoredObject | None:
        """Return the live object of that name, or None."""
        return await self._metadata.find(object_name)

    async def remove(self, object_name: str, generation: int) -> None:
        """Remove that generation, if it is still the live one."""
        await self._calls.run(lambda: self._delete(object_name, generation))

    async def reset(self, found: StoredObject, *, upload_id: str) -> StoredObject | None:
        """Remove settings that the grant does not include, if the object still has that generation.

        A patch lists only the fields that it changes, so concurrent or repeated patches have the same result
        (Cloud Storage docs, "Objects: patch"). It creates no new generation and sends no finalize event.
        """
        not_granted = found.settings_not_granted(upload_id)

        def patch() -> StoredObject | None:
            blob = self._bucket.blob(found.name)
            if "cacheControl" in not_granted:
                blob.cache_control = None
            if "contentDisposition" in not_granted:
                blob.content_disposition = None
            if "contentLanguage" in not_granted:
                blob.content_language = None
            foreign = (name.removeprefix(METADATA) for name in not_granted if name.startswith(METADATA))
            blob.metadata = {**dict.fromkeys(foreign), "upload-id": upload_id}  # null removes a key
            try:
                blob.patch(if_generation_match=found.generation, timeout=TIMEOUT_SECONDS, retry=_RETRY)
            except (NotFound, PreconditionFailed):
                _log.info("object %s#%d is gone; its settings need no reset", found.name, found.generation)
                return None
            return _stored(blob)

        return await self._calls.run(patch)

    async def open_session(
        self, object_name: str, *, content_type: str, size: int, crc32c: str | None, upload_id: str, origin: str | None
    ) -> str:
        """Open a create-only session; the bucket enforces its size, type and checksum."""

        def begin() -> str:
            blob = self._bucket.blob(object_name)
            blob.metadata = {"upload-id": upload_id}
            if crc32c is not None:
                blob.crc32c = crc32c
            url: str = blob.create_resumable_upload_session(
                content_type=content_type,
                size=size,
                origin=origin,
                if_generation_match=0,
                timeout=TIMEOUT_SECONDS,
                retry=_RETRY,
            )
            return url

        return await self._calls.run(begin)

    async def session_status(self, session_url: str, *, size: int) -> SessionStatus:
        """Ask how many bytes a session has kept (Cloud Storage docs, "Check the status of a resumable upload")."""
        answer = await self._ask_session("PUT", session_url, {"Content-Range": f"bytes */{size}"})
        if answer.status == 308:
            kept = _KEPT.fullmatch(answer.headers.get("range", ""))  # without the header nothing was kept
            return SessionStatus(received_bytes=int(kept.group(1)) + 1 if kept else 0, alive=True)
        if answer.status in _DONE:
            return SessionStatus(received_bytes=size, alive=True)
        return SessionStatus(received_bytes=0, alive=False)

    async def cancel_session(self, session_url: str) -> None:
        """End a session. Does nothing if it has already ended."""
        await self._ask_session("DELETE", session_url, {})

    async def put(
        self, object_name: str, data: BinaryIO, *, content_type: str, size: int, upload_id: str
    ) -> StoredObject | None:
        """Write a new object. An existing object of that name is left unchanged."""

        def upload() -> StoredObject | None:
            blob = self._bucket.blob(object_name)
            blob.metadata = {"upload-id": upload_id}
            try:
                blob.upload_from_file(
                    data,
                    size=size,
                    content_type=content_type,
                    if_generation_match=0,
                    checksum="crc32c",
                    rewind=True,
                    timeout=TIMEOUT_SECONDS,
                    retry=_RETRY,
                )
            except PreconditionFailed:
                _log.info("object %s exists already", object_name)
                return None
            return _stored(blob)

        return await self._calls.run(upload)

    async def put_placeholder(self, object_name: str, *, generation: int, upload_id: str) -> bool:
        """Write an empty object over one generation. Its custom time tells when the bucket's lifecycle rule removes it."""

        def put(expected: int) -> bool:
            blob = self._bucket.blob(object_name)
            blob.metadata = {"upload-id": upload_id}
            blob.custom_time = datetime.now(UTC)
            try:
                blob.upload_from_string(
                    b"", content_type=PLACEHOLDER_TYPE, if_generation_match=expected, timeout=TIMEOUT_SECONDS, retry=_RETRY
                )
            except PreconditionFailed:
                return False
            return True

        return await self._calls.run(lambda: put(generation) or (generation != 0 and put(0)))

    async def listing(self, prefix: str, *, after: str | None = None, limit: int = 1000) -> Sequence[StoredObject]:
        """Return live objects in the order of their names."""

        def read() -> list[StoredObject]:
            # The list includes the offset itself, so one more object is requested.
            blobs = self._bucket.list_blobs(
                prefix=prefix, start_offset=after, max_results=limit + 1, fields=_LISTED, timeout=TIMEOUT_SECONDS, retry=_RETRY
            )
            return [_stored(blob) for blob in blobs if blob.name != after][:limit]

        return await self._calls.run(read)

    async def compose(
        self, object_name: str, sources: Sequence[StoredObject], *, content_type: str, upload_id: str
    ) -> StoredObject | None:
        """Write a new object from others, on the server's side (Cloud Storage docs, "Composite objects")."""

        def join() -> StoredObject | None:
            blob = self._bucket.blob(object_name)
            blob.content_type = content_type
            blob.metadata = {"upload-id": upload_id}
            try:
                blob.compose(
                    [self._bucket.blob(source.name) for source in sources],
                    if_generation_match=0,
                    if_source_generation_match=[source.generation for source in sources],
                    timeout=COMPOSE_SECONDS,
                    retry=_RETRY,
                )
            except (PreconditionFailed, NotFound):
                # The object exists (perhaps an earlier answer was lost), or a source is gone: `find` shows which.
                _log.info("object %s was not composed", object_name)
                return None
            return _stored(blob)

        return await self._calls.run(join) or await self.find(object_name)

    async def remove_all(self, objects: Sequence[StoredObject]) -> None:
        """Remove generations of objects, in batches."""

        def delete(batch: Sequence[StoredObject]) -> None:
            try:
                with self._bucket.client.batch():
                    for one in batch:
                        blob = self._bucket.blob(one.name)
                        blob.delete(if_generation_match=one.generation, timeout=TIMEOUT_SECONDS, retry=None)
            except (NotFound, PreconditionFailed):
                # One object is already gone. The client raises only one failure per batch, so others may have failed, too.
                for one in batch:
                    self._delete(one.name, one.generation)

        batches = [objects[at : at + BATCH] for at in range(0, len(objects), BATCH)]
        await asyncio.gather(*(self._calls.run(partial(delete, batch)) for batch in batches))

    def _delete(self, object_name: str, generation: int) -> None:
        try:
            self._bucket.blob(object_name).delete(if_generation_match=generation, timeout=TIMEOUT_SECONDS, retry=_RETRY)
        except (NotFound, PreconditionFailed):
            _log.info("object %s#%d is gone already", object_name, generation)

    async def _ask_session(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        """Return the answer of a session URL, which needs no credentials; none may be sent to it. Raises Unavailable."""
        parts = urlsplit(url)
        server = self._connections.server(url)
        try:
            answer = await server.call(
                method, f"{parts.path}?{parts.query}", headers=headers, body=b"", seconds=TIMEOUT_SECONDS
            )
        except NoAnswer as error:
            _log.warning("a session did not answer: %s", error)
            raise Unavailable("The storage cannot be reached at the moment. Try again.") from None
        if is_retryable_status(answer.status):
            raise Unavailable("The storage cannot be reached at the moment. Try again.", hint=f"It answered {answer.status}.")
        if answer.status not in _DONE and answer.status != 308 and answer.status not in _DEAD_SESSION:
            _log.warning("a session answered %d to %s", answer.status, method)
        return answer


def _stored(blob: Blob) -> StoredObject:
    return StoredObject(
        name=blob.name,
        generation=int(blob.generation),
        size=int(blob.size),
        content_type=blob.content_type or "",
        crc32c=blob.crc32c,
        content_encoding=blob.content_encoding,
        written_at=blob.time_created,
        settings=_settings(blob),
        custom_time=blob.custom_time,
    )


def _settings(blob: Blob) -> tuple[tuple[str, str], ...]:
    given = zip(SETTINGS, (blob.cache_control, blob.content_disposition, blob.content_language), strict=True)
    metadata = ((f"{METADATA}{key}", value) for key, value in (blob.metadata or {}).items())
    return tuple(sorted((*((name, value) for name, value in given if value), *metadata)))


def connect(
    project: str,
    bucket: str,
    *,
    storage_url: str,
    tokens: AccessTokens | None = None,
    connections: Connections | None = None,
    **client_options: Any,
) -> GcsMedia:
    """Return the bucket as google-cloud-storage finds it in this environment.

    Args:
        project: its id.
        bucket: the bucket's name.
        storage_url: scheme and host of Cloud Storage.
        tokens: access tokens of the account that this runs as; None for the emulator, which needs none.
        connections: those of the function instance; by default, connections of its own.
        client_options: for google-cloud-storage.
    """
    shared = connections or Connections()
    rest = GoogleRest(
        storage_url,
        token=tokens.current if tokens else None,
        forget_token=tokens.forget if tokens else lambda _: None,
        connections=shared,
    )
    return GcsMedia(Client(project=project, **client_options), bucket, shared, ObjectMetadata(rest, bucket))
