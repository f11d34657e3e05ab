"""Buckets and their settings."""

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.store.database import Database
from localcloud.gcs.store.metadata.patches import merged
from localcloud.gcs.store.metadata.times import rfc3339

BUCKET_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$")
FIXED_FIELDS = frozenset({"kind", "id", "name", "selfLink", "metageneration", "timeCreated", "updated", "etag"})


class Buckets:
    """Stores and returns every setting a client sends; only `cors` and `logging` have an effect here."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def create(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the new bucket's resource. Raises StorageError: 400 for a bad name, 409 if it exists."""
        if not BUCKET_NAME.match(name):
            raise StorageError(Refusal.INVALID_BUCKET_NAME, f"Invalid bucket name: '{name}'")
        if self.find(name) is not None:
            raise StorageError(Refusal.BUCKET_EXISTS)
        now = rfc3339(self._now())
        kept = _changed({}, fields)
        self._database.execute("INSERT INTO buckets VALUES (?, 1, ?, ?, ?)", (name, now, now, json.dumps(kept)))
        return self.get(name)

    def find(self, name: str) -> dict[str, Any] | None:
        """Return a bucket's resource without links, or None."""
        row = self._database.one("SELECT * FROM buckets WHERE name = ?", (name,))
        return None if row is None else _resource(row)

    def get(self, name: str) -> dict[str, Any]:
        """Return a bucket's resource. Raises StorageError (404)."""
        found = self.find(name)
        if found is None:
            raise StorageError(Refusal.NO_SUCH_BUCKET)
        return found

    def all(self) -> list[dict[str, Any]]:
        """Every bucket's resource, by name."""
        return [_resource(row) for row in self._database.execute("SELECT * FROM buckets ORDER BY name")]

    def change(self, name: str, fields: dict[str, Any], *, replace: bool = False) -> dict[str, Any]:
        """Merge fields into the stored ones (null removes one); `replace` sets all of them. Raises StorageError (404)."""
        self.get(name)
        row = self._database.one("SELECT fields FROM buckets WHERE name = ?", (name,))
        before = {} if replace or row is None else json.loads(row["fields"])
        kept = _changed(before, fields)
        self._database.execute(
            "UPDATE buckets SET fields = ?, updated = ?, metageneration = metageneration + 1 WHERE name = ?",
            (json.dumps(kept), rfc3339(self._now()), name),
        )
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove an empty bucket. Raises StorageError: 404, or 409 if it holds objects."""
        self.get(name)
        if self._database.one("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)):
            raise StorageError(Refusal.BUCKET_NOT_EMPTY)
        self._database.execute("DELETE FROM buckets WHERE name = ?", (name,))


def _changed(before: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    kept = merged(before, {key: value for key, value in fields.items() if key not in FIXED_FIELDS})
    return {key: value for key, value in kept.items() if (key, value) != ("labels", {})}


def _resource(row: sqlite3.Row) -> dict[str, Any]:
    defaults = {"location": "US", "locationType": "multi-region", "storageClass": "STANDARD"}
    return {
        "kind": "storage#bucket",
        "id": row["name"],
        "name": row["name"],
        "projectNumber": "0",
        "metageneration": str(row["metageneration"]),
        "timeCreated": row["created"],
        "updated": row["updated"],
        "etag": f"CA{row['metageneration']}=",
        **defaults,
        **json.loads(row["fields"]),
    }
