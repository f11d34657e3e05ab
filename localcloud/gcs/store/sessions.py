"""Resumable upload sessions: their terms, fixed at opening, and their outcome."""

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.call import Body
from localcloud.gcs.store.content.blob_writer import BlobWriter
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.content.checksums import DeclaredChecksums
from localcloud.gcs.store.database import Database
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import Content, StoredObject

LIFE_SECONDS = 7 * 24 * 3600


class State(StrEnum):
    """The state of a session; only an open one accepts bytes."""

    OPEN = "open"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True)
class Terms:
    """What the opening request determined.

    Args:
        dialect: "json" or "xml": how the session answers.
        declared_size: X-Upload-Content-Length in bytes, None if not given.
        origin: the browser's Origin at opening, which later requests must have for CORS.
    """

    dialect: str
    bucket: str
    name: str
    fields: dict[str, Any]
    conditions: Preconditions
    checksums: DeclaredChecksums
    declared_size: int | None
    origin: str | None


@dataclass
class Session:
    """One session, the same object for all requests that concern it."""

    id: str
    opened_at: float
    terms: Terms
    blob: str
    state: State = State.OPEN
    total: int | None = None
    outcome: StoredObject | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    writer: BlobWriter | None = None
    active: Body | None = None
    complaint: str | None = None

    @property
    def short_id(self) -> str:
        """Enough to distinguish sessions in logs and listings; the whole id is a secret."""
        return f"{self.id[:6]}..."

    def check_alive(self) -> None:
        """Raises StorageError: 410 if the session is dead; 400 on every request if a bad chunk ended it."""
        if self.state not in {State.CANCELLED, State.FAILED}:
            return
        if self.complaint is not None:
            raise StorageError(Refusal.INVALID_ARGUMENT, self.complaint, plain=True)
        raise StorageError(Refusal.UPLOAD_GONE)


class Sessions:
    """All sessions of the last week, by id."""

    def __init__(self, database: Database, blobs: BlobFiles, now: Callable[[], datetime]) -> None:
        self._database = database
        self._blobs = blobs
        self._now = now
        self._sessions = {row["id"]: _from_row(row) for row in database.execute("SELECT * FROM sessions")}

    def open(self, terms: Terms) -> Session:
        """Start a session for one object."""
        session = Session(secrets.token_urlsafe(64), self._now().timestamp(), terms, self._blobs.new_id())
        self._database.execute(
            "INSERT INTO sessions (id, opened_at, state, terms, blob) VALUES (?, ?, ?, ?, ?)",
            (session.id, session.opened_at, session.state, json.dumps(asdict(terms)), session.blob),
        )
        self._sessions[session.id] = session
        return session

    def get(self, session_id: str) -> Session:
        """Return an open or finished session. Raises StorageError: 410 or 400 if it is dead, 404 if unknown or too old."""
        session = self.find(session_id)
        if session is None:
            raise StorageError(Refusal.NO_SUCH_UPLOAD)
        session.check_alive()
        return session

    def find(self, session_id: str) -> Session | None:
        """Return the session in any state, None if unknown or opened more than a week ago."""
        session = self._sessions.get(session_id)
        return None if session is None or self._is_over(session) else session

    def save(self, session: Session) -> None:
        """Write state, total and outcome; may be part of a transaction."""
        outcome: dict[str, Any] | None = {"complaint": session.complaint} if session.complaint is not None else None
        if session.outcome is not None:
            outcome = asdict(session.outcome)
        self._database.execute(
            "UPDATE sessions SET state = ?, total = ?, outcome = ? WHERE id = ?",
            (session.state, session.total, None if outcome is None else json.dumps(outcome), session.id),
        )

    def all_open(self) -> list[Session]:
        """Sessions that still accept bytes."""
        sessions = self._sessions.values()
        return [session for session in sessions if session.state is State.OPEN and not self._is_over(session)]

    def forget_old(self) -> None:
        """Remove sessions older than a week; the sweep of blobs then removes their bytes."""
        for session in [session for session in self._sessions.values() if self._is_over(session)]:
            if session.lock.locked():
                continue
            self._database.execute("DELETE FROM sessions WHERE id = ?", (session.id,))
            del self._sessions[session.id]

    def _is_over(self, session: Session) -> bool:
        return self._now().timestamp() > session.opened_at + LIFE_SECONDS


def _from_row(row: sqlite3.Row) -> Session:
    terms = json.loads(row["terms"])
    terms["conditions"] = Preconditions(**terms["conditions"])
    terms["checksums"] = DeclaredChecksums(**terms["checksums"])
    session = Session(row["id"], row["opened_at"], Terms(**terms), row["blob"], State(row["state"]), row["total"])
    outcome = json.loads(row["outcome"]) if row["outcome"] else {}
    if "complaint" in outcome:
        session.complaint = outcome["complaint"]
    elif outcome:
        session.outcome = StoredObject(**{**outcome, "content": Content(**outcome["content"])})
    return session
