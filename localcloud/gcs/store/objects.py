"""Live objects. Each change and the events it causes are one transaction."""

import json
from collections.abc import Callable
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.store.buckets import Buckets
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.database import Database
from localcloud.gcs.store.events import DELETED, FINALIZED, EventFeed
from localcloud.gcs.store.generations import GenerationClock
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import Content, StoredObject
from localcloud.gcs.store.metadata.times import rfc3339

NAME_LIMIT_BYTES = 1024
NO_CONDITIONS = Preconditions()


class Objects:
    """The objects of all buckets."""

    def __init__(
        self, database: Database, buckets: Buckets, blobs: BlobFiles, events: EventFeed, clock: GenerationClock
    ) -> None:
        self._database = database
        self._buckets = buckets
        self._blobs = blobs
        self._events = events
        self._clock = clock

    def find(self, bucket: str, name: str) -> StoredObject | None:
        """Return the live object or None. Raises StorageError (404) if there is no such bucket."""
        self._buckets.get(bucket)
        row = self._database.one("SELECT * FROM objects WHERE bucket = ? AND name = ?", (bucket, name))
        return None if row is None else StoredObject.from_row(row)

    def get(self, bucket: str, name: str, generation: int | None = None) -> StoredObject:
        """Return the live object. Raises StorageError (404), also if it has another generation than requested."""
        found = self.find(bucket, name)
        if found is None or generation not in {None, found.generation}:
            raise StorageError(Refusal.NO_SUCH_KEY, f"No such object: {bucket}/{name}")
        return found

    def commit(
        self,
        bucket: str,
        name: str,
        content: Content,
        fields: dict[str, Any],
        conditions: Preconditions = NO_CONDITIONS,
        also: Callable[[StoredObject], None] | None = None,
    ) -> StoredObject:
        """Make `content` the live object of that name, together with its finalize event.

        Args:
            also: further statements for the same transaction, given the new object.

        Raises:
            StorageError: 404 without such a bucket, 412 for an unmet precondition, 400 for an impossible name;
                the caller must then discard the blob.
        """
        check_name(name)
        with self._database.transaction():
            before = self.find(bucket, name)
            conditions.check_write(before)
            _check_holds(before)
            generation, moment = self._clock.next()
            now = rfc3339(moment)
            stored = StoredObject(bucket, name, generation, 1, content, now, now, fields)
            if before is not None:
                self._events.record(DELETED, before, moment)
            self._database.execute(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    bucket,
                    name,
                    generation,
                    content.blob,
                    content.size,
                    content.crc32c,
                    content.md5,
                    content.component_count,
                    now,
                    now,
                    json.dumps(fields),
                ),
            )
            self._events.record(FINALIZED, stored, moment)
            if also is not None:
                also(stored)
        self._events.announce()
        if before is not None:
            self._blobs.discard(before.content.blob)
        return stored

    def change_fields(self, before: StoredObject, fields: dict[str, Any]) -> StoredObject:
        """Replace the fields that clients may set and return the object with its next metageneration."""
        _, moment = self._clock.next()
        self._database.execute(
            "UPDATE objects SET fields = ?, updated = ?, metageneration = metageneration + 1 "
            "WHERE bucket = ? AND name = ? AND generation = ?",
            (json.dumps(fields), rfc3339(moment), before.bucket, before.name, before.generation),
        )
        return self.get(before.bucket, before.name, before.generation)

    def delete(self, bucket: str, name: str, conditions: Preconditions = NO_CONDITIONS, generation: int | None = None) -> None:
        """Remove the live object. Raises StorageError: 404, or 412 for an unmet precondition."""
        with self._database.transaction():
            before = self.get(bucket, name, generation)
            conditions.check_write(before)
            self._remove(before)
        self._events.announce()
        self._blobs.discard(before.content.blob)

    def move(self, before: StoredObject, name: str, conditions: Preconditions = NO_CONDITIONS) -> StoredObject:
        """Give an object another name in its bucket, in one step; both events are in the feed.

        Raises:
            StorageError: 412 for an unmet precondition on the new name, 400 for an impossible one.
        """
        if name == before.name:
            raise StorageError(Refusal.INVALID_ARGUMENT, "Source and destination object names must be different.")
        old = before.content
        content = Content(self._blobs.link(old.blob), old.size, old.crc32c, old.md5, old.component_count)
        try:
            moved = self.commit(before.bucket, name, content, before.fields, conditions, lambda _: self._remove(before))
        except StorageError:
            self._blobs.discard(content.blob)
            raise
        self._blobs.discard(old.blob)
        return moved

    def _remove(self, before: StoredObject) -> None:
        _check_holds(before)
        _, moment = self._clock.next()
        self._database.execute("DELETE FROM objects WHERE bucket = ? AND name = ?", (before.bucket, before.name))
        self._events.record(DELETED, before, moment)

    def blobs_in_use(self) -> list[str]:
        """The blobs that objects are made of."""
        return [row["blob"] for row in self._database.execute("SELECT blob FROM objects")]


def _check_holds(before: StoredObject | None) -> None:
    """Raises StorageError (403) if the object may be neither replaced nor deleted now."""
    if before is not None and (before.fields.get("temporaryHold") is True or before.fields.get("eventBasedHold") is True):
        raise StorageError(Refusal.OBJECT_HELD)


def check_name(name: str) -> None:
    """Raises StorageError (400) for a name that Cloud Storage does not allow."""
    forbidden = any(char in "\r\n" or "\ud800" <= char <= "\udfff" for char in name) or name in {".", ".."}
    too_long = len(name.encode(errors="surrogatepass")) > NAME_LIMIT_BYTES
    if not name or forbidden or too_long or name.startswith(".well-known/acme-challenge/"):
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Disallowed object name: {name!r}")
