"""Removes a user's objects from both buckets, through google-cloud-storage in threads."""

from __future__ import annotations

import logging
from functools import partial
from itertools import islice
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud.storage import Blob, Bucket, Client
from google.cloud.storage.retry import DEFAULT_RETRY

from reelgate.adapters.storage.gcs_calls import GcsCalls
from reelgate.domain.files.part_names import FOLDER

PAGE = 100
"""Calls in one batch at most (Cloud Storage docs, "Sending batch requests")."""
TIMEOUT_SECONDS = 10
_RETRY = DEFAULT_RETRY.with_timeout(20)

_log = logging.getLogger(__name__)


class GcsPersonalObjects:
    """Implements `PersonalObjects` over two buckets of Cloud Storage, or of the local emulator."""

    def __init__(self, client: Client, *, media_bucket: str, derived_bucket: str) -> None:
        """Use an existing client. No request is sent yet."""
        self._media: Bucket = client.bucket(media_bucket)
        self._derived: Bucket = client.bucket(derived_bucket)
        self._calls = GcsCalls(1, name="personal")

    async def remove(self, uid: str) -> bool:
        """See `PersonalObjects.remove`."""
        for bucket, prefix in ((self._media, f"{uid}/"), (self._media, f"{FOLDER}{uid}/"), (self._derived, f"{uid}/")):
            if await self._calls.run(partial(_remove_page, bucket, prefix)):
                return False
        return True


def _remove_page(bucket: Bucket, prefix: str) -> int:
    """Remove a page of objects, also replaced generations of a bucket with versioning. Return how many there were."""
    listed = bucket.client.list_blobs(bucket, prefix=prefix, versions=True, timeout=TIMEOUT_SECONDS, retry=_RETRY)
    found = list(islice((blob for blob in listed if not _is_placeholder(blob)), PAGE))
    if not found:
        return 0
    try:
        with bucket.client.batch():
            for blob in found:
                _generation(bucket, blob).delete(timeout=TIMEOUT_SECONDS, retry=None)
    except NotFound:  # the client raises only one failure per batch, so others may have failed, too
        for blob in found:
            _remove(bucket, blob)
    return len(found)


def _is_placeholder(blob: Blob) -> bool:
    return not blob.size and blob.custom_time is not None


def _remove(bucket: Bucket, blob: Blob) -> None:
    try:
        _generation(bucket, blob).delete(timeout=TIMEOUT_SECONDS, retry=_RETRY)
    except NotFound:
        _log.info("an object of a deleted user is gone already")


def _generation(bucket: Bucket, blob: Blob) -> Blob:
    return bucket.blob(blob.name, generation=blob.generation)


def connect(project: str, *, media_bucket: str, derived_bucket: str, **client_options: Any) -> GcsPersonalObjects:
    """Return the buckets as google-cloud-storage finds them in this environment."""
    client = Client(project=project, **client_options)
    return GcsPersonalObjects(client, media_bucket=media_bucket, derived_bucket=derived_bucket)
