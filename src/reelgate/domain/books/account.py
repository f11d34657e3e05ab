"""An account: limits, what is stored, what is reserved by open uploads, and the day so far.

Open uploads live inside the account, so that the reserved bytes cannot differ from their sum, and one document decides every
race of one user (docs/adr/0003-accounting.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from reelgate.domain.errors import AccountDisabled

MAX_UPLOADS_BYTES = 900_000
"""What the open uploads of one account may weigh together: they live in one document, which may have 1,048,576 bytes
(Firestore docs, "Quotas and limits"). The rest is for the account itself, and for sessions that are renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Budgets in bytes, and the percentages at which an alert is raised."""

    storage_bytes: int
    daily_bytes: int
    alert_percents: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUpload:
    """A granted upload whose object has not been seen yet. Its size is reserved in full.

    `session_url` is a bearer secret (whoever has it can write the object) and is set only when the server opened it.

    A chunked upload begins with a size of 0 and grows with every chunk that is granted, until it is sealed with the number of
    chunks that make it up (`sealed_chunks`). `main_service_file_id` is what another service calls the file.
    """

    upload_id: str
    filename: str
    size: int
    content_type: str
    created_at: datetime
    expires_at: datetime
    crc32c: str | None = None
    title: str | None = None
    session_url: str | None = field(default=None, repr=False)
    chunked: bool = False
    main_service_file_id: int | str | None = None
    sealed_chunks: int | None = None

    @property
    def weight(self) -> int:
        """Bytes that it takes in the account's document, rounded up: its texts, and 230 for field names and numbers."""
        named = None if self.main_service_file_id is None else str(self.main_service_file_id)
        texts = (self.upload_id, self.filename, self.content_type, self.title, self.session_url, named)
        return 230 + sum(len(text.encode()) for text in texts if text is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One calendar day of one account, in bytes and counts.

    `raised` counts how often each alert (`storage:80`, `bandwidth:100`, ...) was raised on this day; `standing` are those
    that will not be raised again before they are re-armed.
    """

    date: date
    uploaded: int = 0
    streamed: int = 0
    upload_count: int = 0
    deleted_bytes: int = 0
    deletion_count: int = 0
    raised: Mapping[str, int] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()

    @property
    def used(self) -> int:
        """Bytes of the daily budget that are really used; reservations come on top."""
        return self.uploaded + self.streamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One user's books. `storage_limit`, `daily_limit` and `alert_percents` are None where the deployment's defaults hold.

    `sequence` numbers the ledger's entries from 1 without gaps. `created_at` is when the books were opened (None: before that
    was written down). `username` is the name that its registration won. A `disabled` account is granted nothing more.
    """

    uid: str
    today: Day
    email: str | None = None
    username: str | None = None
    created_at: datetime | None = None
    disabled: bool = False
    storage_limit: int | None = None
    daily_limit: int | None = None
    alert_percents: tuple[int, ...] | None = None
    stored: int = 0
    uploads: Mapping[str, OpenUpload] = field(default_factory=dict)
    sequence: int = 0

    @property
    def reserved(self) -> int:
        """Bytes promised to open uploads. They count against storage and against the day, whichever day they finish on."""
        return sum(upload.size for upload in self.uploads.values())

    @property
    def occupied(self) -> int:
        """Bytes stored or promised: what the storage limit is held against."""
        return self.stored + self.reserved

    @property
    def day_total(self) -> int:
        """Bytes of the day used or promised: what the daily limit is held against."""
        return self.today.used + self.reserved

    @property
    def next_expiry(self) -> datetime | None:
        """When the first open upload expires; None without open uploads."""
        return min((upload.expires_at for upload in self.uploads.values()), default=None)

    def limits(self, defaults: Limits) -> Limits:
        """Return this account's own limits, completed by the deployment's."""
        return Limits(
            storage_bytes=defaults.storage_bytes if self.storage_limit is None else self.storage_limit,
            daily_bytes=defaults.daily_bytes if self.daily_limit is None else self.daily_limit,
            alert_percents=defaults.alert_percents if self.alert_percents is None else self.alert_percents,
        )

    def require_enabled(self) -> None:
        """Raise AccountDisabled if an admin has disabled the account: before anything is granted to it."""
        if self.disabled:
            raise AccountDisabled("An admin has disabled this account. Nothing was changed.")

    def upload_named(self, filename: str) -> OpenUpload | None:
        """Return the open upload that claims a (cleaned) name."""
        return next((u for u in self.uploads.values() if u.filename == filename), None)


def percent(part: int, whole: int) -> float:
    """Return `part` of `whole` in percent with one decimal; a budget of nothing is always full."""
    return round(100 * part / whole, 1) if whole > 0 else 100.0
