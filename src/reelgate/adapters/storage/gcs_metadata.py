"""An object's metadata, read over Cloud Storage's JSON API (REST reference, "Objects: get").

`finalize` reads it for every upload, and google-cloud-storage takes four times the CPU time for that.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.google.retries import CallFailed, RetryPolicy, is_retryable_status
from reelgate.domain.books.video import StoredObject
from reelgate.domain.errors import Unavailable

SETTINGS = ("cacheControl", "contentDisposition", "contentLanguage")
"""What the writer of an object can set without a signature, and metadata; storage class and custom time need signed headers."""
METADATA = "metadata."
FIELDS = f"name,generation,size,contentType,crc32c,contentEncoding,timeCreated,customTime,{','.join(SETTINGS)},metadata"
_READS = RetryPolicy(attempts=1000, deadline_seconds=20, attempt_seconds=10, first_pause_seconds=0.1, max_pause_seconds=2)

_log = logging.getLogger(__name__)


class _Refused(CallFailed):
    """Cloud Storage answered with an error."""

    def __init__(self, status: int) -> None:
        # After a 401 the same request goes out with a new token.
        super().__init__(f"HTTP {status}", retryable=status == 401 or is_retryable_status(status))


class ObjectMetadata:
    """The metadata of the objects in one bucket."""

    def __init__(self, rest: GoogleRest, bucket: str) -> None:
        """`rest` is the JSON API. Nothing is read yet."""
        self._rest = rest
        self._path = f"/storage/v1/b/{quote(bucket, safe='')}/o"

    async def find(self, object_name: str) -> StoredObject | None:
        """Return the live object of that name, or None. Raises Unavailable."""
        path = f"{self._path}/{quote(object_name, safe='')}?fields={FIELDS}"
        try:
            found: Mapping[str, Any] | None = await _READS.run(lambda seconds: self._get(path, seconds))
        except CallFailed as error:
            _log.warning("storage failed: %s", error)
            raise Unavailable("The storage cannot be reached at the moment. Try again.") from None
        return None if found is None else _stored(found)

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._rest.close()

    async def _get(self, path: str, seconds: float) -> Mapping[str, Any] | None:
        answer = await self._rest.call("GET", path, seconds=seconds)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _Refused(answer.status)
        content = answer.json()
        if not isinstance(content, dict):
            raise NoAnswer("an answer that is no object")
        return content


def _stored(found: Mapping[str, Any]) -> StoredObject:
    settings = ((name, found[name]) for name in SETTINGS if found.get(name))
    metadata = ((f"{METADATA}{key}", value) for key, value in (found.get("metadata") or {}).items())
    return StoredObject(
        name=found["name"],
        generation=int(found["generation"]),
        size=int(found["size"]),
        content_type=found.get("contentType") or "",
        crc32c=found["crc32c"],
        content_encoding=found.get("contentEncoding"),
        written_at=datetime.fromisoformat(found["timeCreated"]),
        settings=tuple(sorted((*settings, *metadata))),
        custom_time=datetime.fromisoformat(found["customTime"]) if "customTime" in found else None,
    )
