"""Keeps jobs in SQLite, as the JSON of the API."""

import sqlite3
from pathlib import Path

from google.cloud.scheduler_v1.types import Job


class JobStore:
    """All jobs in one file; each method is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path)
        self._database.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, job TEXT NOT NULL)"
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def save(self, job: Job) -> None:
        """Keep a job, in place of the one of its name."""
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO jobs (name, job) VALUES (?, ?)", (job.name, Job.to_json(job)))

    def delete(self, name: str) -> None:
        """Forget a job."""
        with self._database:
            self._database.execute("DELETE FROM jobs WHERE name = ?", (name,))

    def all(self) -> list[Job]:
        """Return all jobs by name."""
        return [Job.from_json(row[0]) for row in self._database.execute("SELECT job FROM jobs ORDER BY name")]
