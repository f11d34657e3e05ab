"""What survives a restart: how far the feed was read, the events of the last day, and what is still to be delivered."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from localcloud.eventarc.events import StorageEvent

_SCHEMA = """
CREATE TABLE IF NOT EXISTS progress (cursor INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, name TEXT NOT NULL, generation TEXT NOT NULL, entry TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_name ON events (name, generation);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    trigger_name TEXT NOT NULL,
    event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    ce_id TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'expired')),
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    due_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state);
INSERT INTO progress SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM progress);
"""


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One event on its way to one trigger's target. Times are seconds since the epoch."""

    trigger_name: str
    event: StorageEvent
    ce_id: str
    created_at: float
    due_at: float
    attempts: int = 0
    id: int = 0


class DeliveryStore:
    """SQLite in one file; each method is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path)
        self._database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def cursor(self) -> int:
        """Return the id of the last feed entry that was stored."""
        return int(self._database.execute("SELECT cursor FROM progress").fetchone()[0])

    def take_in(self, events: Iterable[StorageEvent], deliveries: Iterable[Delivery], cursor: int) -> None:
        """Store events, their deliveries and the new cursor, all or nothing. Gives each delivery its id."""
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO events (id, name, generation, entry) VALUES (?, ?, ?, ?)",
                [(event.id, event.name, event.generation, json.dumps(asdict(event))) for event in events],
            )
            self._insert(deliveries)
            self._database.execute("UPDATE progress SET cursor = ?", (cursor,))

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Store further deliveries of known events. Gives each its id."""
        with self._database:
            self._insert(deliveries)

    def settle(self, delivery: Delivery, state: str) -> None:
        """Note that a delivery is `delivered` or `expired`."""
        with self._database:
            self._database.execute(
                "UPDATE deliveries SET state = ?, attempts = ? WHERE id = ?", (state, delivery.attempts, delivery.id)
            )

    def postpone(self, delivery: Delivery) -> None:
        """Note a failed attempt and when the next one is due."""
        with self._database:
            self._database.execute(
                "UPDATE deliveries SET attempts = ?, due_at = ? WHERE id = ?", (delivery.attempts, delivery.due_at, delivery.id)
            )

    def pending(self) -> list[Delivery]:
        """Return the pending deliveries in the order they came."""
        rows = self._database.execute(
            "SELECT d.id, trigger_name, ce_id, attempts, created_at, due_at, entry FROM deliveries d"
            " JOIN events e ON e.id = d.event_id WHERE state = 'pending' ORDER BY d.id"
        )
        return [
            Delivery(
                id=row[0],
                trigger_name=row[1],
                ce_id=row[2],
                attempts=row[3],
                created_at=row[4],
                due_at=row[5],
                event=StorageEvent(**json.loads(row[6])),
            )
            for row in rows
        ]

    def counts(self) -> dict[str, int]:
        """Return how many deliveries are pending, delivered and expired."""
        found = dict(self._database.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in ("pending", "delivered", "expired")}

    def find_event(self, name: str, generation: str | None) -> StorageEvent | None:
        """Return the newest event of an object, or the one of a generation, that a trigger took; None if there is none."""
        row = self._database.execute(
            "SELECT entry FROM events WHERE name = ? AND (? IS NULL OR generation = ?)"
            " AND id IN (SELECT event_id FROM deliveries) ORDER BY id DESC LIMIT 1",
            (name, generation, generation),
        ).fetchone()
        return StorageEvent(**json.loads(row[0])) if row else None

    def prune(self, older_than: float) -> None:
        """Delete events whose deliveries were all created before `older_than` and none is pending."""
        with self._database:
            self._database.execute(
                "DELETE FROM events WHERE id NOT IN"
                " (SELECT event_id FROM deliveries WHERE state = 'pending' OR created_at >= ?)",
                (older_than,),
            )

    def start_over(self) -> None:
        """Delete everything: the storage behind the feed was emptied and counts from 1 again."""
        with self._database:
            self._database.execute("DELETE FROM deliveries")
            self._database.execute("DELETE FROM events")
            self._database.execute("UPDATE progress SET cursor = 0")

    def _insert(self, deliveries: Iterable[Delivery]) -> None:
        for one in deliveries:
            inserted = self._database.execute(
                "INSERT INTO deliveries (trigger_name, event_id, ce_id, created_at, due_at) VALUES (?, ?, ?, ?, ?)",
                (one.trigger_name, one.event.id, one.ce_id, one.created_at, one.due_at),
            )
            one.id = inserted.lastrowid or 0
