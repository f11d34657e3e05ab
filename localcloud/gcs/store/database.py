"""The one SQLite file with all metadata."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, metageneration INTEGER NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
    fields TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    blob TEXT NOT NULL, size INTEGER NOT NULL, crc32c TEXT NOT NULL, md5 TEXT, component_count INTEGER,
    created TEXT NOT NULL, updated TEXT NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, time TEXT NOT NULL, bucket TEXT NOT NULL,
    name TEXT NOT NULL, generation INTEGER NOT NULL, data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, opened_at REAL NOT NULL, state TEXT NOT NULL, total INTEGER, outcome TEXT, terms TEXT NOT NULL,
    blob TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hmac_keys (
    access_id TEXT PRIMARY KEY, secret TEXT NOT NULL, service_account TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rsa_keys (
    service_account TEXT NOT NULL, public_key_pem TEXT NOT NULL, PRIMARY KEY (service_account, public_key_pem)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS usage_rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, at REAL NOT NULL, row TEXT NOT NULL,
    written INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS withdrawn_accounts (service_account TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signing_accounts (
    service_account TEXT PRIMARY KEY, private_key_pem TEXT NOT NULL
) WITHOUT ROWID;
"""


class Database:
    """A connection that only the event loop's thread uses, so that a transaction is never interleaved.

    A killed process loses nothing that was committed (write-ahead log); after a power cut the newest commits may be
    missing, but none is stored in part.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise RuntimeError(f"{folder} is in use by another storage emulator") from error
        self._connection = sqlite3.connect(folder / "metadata.sqlite3", isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    def execute(self, statement: str, parameters: tuple[object, ...] = ()) -> sqlite3.Cursor:
        """Run one statement, which is a transaction of its own unless inside one."""
        return self._connection.execute(statement, parameters)

    def one(self, statement: str, parameters: tuple[object, ...] = ()) -> sqlite3.Row | None:
        """Return the first row or None."""
        row: sqlite3.Row | None = self._connection.execute(statement, parameters).fetchone()
        return row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside, or none if an exception leaves the block."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Release the file and the folder's lock."""
        self._connection.close()
        os.close(self._lock)
