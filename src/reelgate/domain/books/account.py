"""An account: its limits, the bytes stored, the bytes reserved by open uploads, and the current day.

Open uploads and the names they claim are records of their own. Every change of one of them also writes the account, which
therefore always has the sum of their sizes, and decides every race between requests of one user (docs/adr/0003-accounting.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime

from reelgate.domain.errors import AccountDisabled
from reelgate.domain.files.names import name_key
from reelgate.domain.value_types import positional_value_type, value_type

MAX_RECENT_CHARGES = 16
"""How many of the last streaming and download URLs an account remembers, to recognise those that were paid for already."""


@value_type
class Limits:
    """Limits in bytes, and the percentages of them at which an alert is raised."""

    storage_bytes: int
    daily_bytes: int
    alert_percents: tuple[int, ...]


@positional_value_type
class NameClaim:
    """Who has a file name while no video has it: the open upload of that name. `name_key` is derived from the name."""

    name_key: str
    upload_id: str


@value_type
class OpenUpload:
    """A granted upload whose object has not arrived yet. Its whole size is reserved.

    `session_url` is set if the server opened the session. It is a secret: it alone gives the right to write the object.

    A chunked upload starts with size 0 and grows with every granted chunk until it is sealed. `sealed_chunks` is its number of
    chunks, set when it is sealed. `main_service_file_id` is the file's id in another service.
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
    def claim(self) -> NameClaim:
        """The claim of this upload's name, which exists as long as the upload is open."""
        return NameClaim(name_key(self.filename), self.upload_id)


@value_type
class Day:
    """One calendar day of one account, in bytes and counts.

    `raised` counts how often each alert (`storage:80`, `bandwidth:100`, ...) was raised on this day; `standing` has
    the alerts that must be re-armed before they can be raised again.
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
        """Bytes of the daily limit that were uploaded or streamed, without reservations."""
        return self.uploaded + self.streamed


@value_type
class Account:
    """One user's account. `storage_limit`, `daily_limit` and `alert_percents` are None where the deployment's defaults apply.

    `reserved` are the bytes of all open uploads, which count against both limits on every day until they arrive;
    `open_uploads` is their number.

    `sequence` is the number of the last ledger entry; entries are numbered from 1 without gaps. `created_at` is None for
    accounts that are older than this field. `username` was chosen at registration. A `disabled` account is granted nothing.
    `recent_charges` are the keys of the stream entries that paid for its last URLs, at most `MAX_RECENT_CHARGES`, newest last.
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
    reserved: int = 0
    open_uploads: int = 0
    sequence: int = 0
    recent_charges: tuple[str, ...] = ()

    @property
    def occupied(self) -> int:
        """Bytes stored or reserved: what is compared with the storage limit."""
        return self.stored + self.reserved

    @property
    def day_total(self) -> int:
        """Bytes used today or reserved: what is compared with the daily limit."""
        return self.today.used + self.reserved

    def limits(self, defaults: Limits) -> Limits:
        """Return the limits that apply to this account: its own, and the defaults where it has none."""
        return Limits(
            storage_bytes=defaults.storage_bytes if self.storage_limit is None else self.storage_limit,
            daily_bytes=defaults.daily_bytes if self.daily_limit is None else self.daily_limit,
            alert_percents=defaults.alert_percents if self.alert_percents is None else self.alert_percents,
        )

    def require_enabled(self) -> None:
        """Raise AccountDisabled if an admin has disabled the account. Call this before granting anything to it."""
        if self.disabled:
            raise AccountDisabled("An admin has disabled this account. Nothing was changed.")


def percent(part: int, whole: int) -> float:
    """Return `part` of `whole` in percent with one decimal; 100 if `whole` is 0."""
    return round(100 * part / whole, 1) if whole > 0 else 100.0
