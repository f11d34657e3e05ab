"""The durable feed of what happened to objects, in commit order."""

import asyncio
import json
from datetime import datetime
from typing import Any

from localcloud.gcs.store.database import Database
from localcloud.gcs.store.metadata.records import StoredObject
from localcloud.gcs.store.metadata.resources import object_resource
from localcloud.gcs.store.metadata.times import rfc3339

FINALIZED = "google.cloud.storage.object.v1.finalized"
DELETED = "google.cloud.storage.object.v1.deleted"


class EventFeed:
    """Written inside the transaction that changes the object; read by the Eventarc bridge."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url
        self._arrival = asyncio.Event()

    def record(self, kind: str, stored: StoredObject, moment: datetime) -> None:
        """Add an event; call it inside the transaction of the change."""
        self._database.execute(
            "INSERT INTO events (type, time, bucket, name, generation, data) VALUES (?, ?, ?, ?, ?, ?)",
            (
                kind,
                rfc3339(moment),
                stored.bucket,
                stored.name,
                stored.generation,
                json.dumps(object_resource(stored, self._base_url)),
            ),
        )

    def announce(self) -> None:
        """Wake waiting readers; call it after the commit."""
        self._arrival.set()
        self._arrival = asyncio.Event()

    def last_id(self) -> int:
        """Id of the newest event, 0 when there never was one."""
        row = self._database.one("SELECT coalesce(max(id), 0) AS last FROM events")
        return int(row["last"]) if row is not None else 0

    async def read(self, after: int, limit: int, wait_seconds: float) -> list[dict[str, Any]]:
        """Return up to `limit` events with ids above `after`, waiting for the first one if there is none yet."""
        deadline = asyncio.get_running_loop().time() + wait_seconds
        while True:
            arrival = self._arrival
            events = self._read_now(after, limit)
            remaining = deadline - asyncio.get_running_loop().time()
            if events or remaining <= 0:
                return events
            try:
                await asyncio.wait_for(arrival.wait(), remaining)
            except TimeoutError:
                return []

    def _read_now(self, after: int, limit: int) -> list[dict[str, Any]]:
        rows = self._database.execute("SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [
            {
                "id": row["id"],
                "type": row["type"],
                "time": row["time"],
                "bucket": row["bucket"],
                "name": row["name"],
                "generation": str(row["generation"]),
                "data": json.loads(row["data"]),
            }
            for row in rows
        ]
