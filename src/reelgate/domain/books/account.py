"""An account: its limits, the bytes stored, the bytes reserved by open uploads, and the current day.

Videos, open uploads and the claims of their names are records of their own. Every change of one of them also writes the
account, which therefore always has the sum of their sizes, and decides every race between requests of one user
(docs/adr/0003-accounting.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Self

from reelgate.domain.books.entries import Activity, Delta, SettledSums
from reelgate.domain.errors import AccountDeleted, AccountDisabled
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
    """Who has a file name: an upload from its grant on, and the video that it becomes, until that is deleted.

    `name_key` is derived from the name. The id of an upload and of its video are the same.
    """

    name_key: str
    upload_id: str

    @classmethod
    def of(cls, filename: str, upload_id: str) -> Self:
        """Return the claim of a (cleaned) file name."""
        return cls(name_key(filename), upload_id)


@value_type
class OpenUpload:
    """A granted upload whose object has not arrived yet. Its whole size is reserved.

    `session_url` is set if the server opened the session. It is a secret: it alone gives the right to write the object.

    A chunked upload has `part_size` if it was divided at its start: then its size is known, and every part but the last has
    that size. Otherwise it starts with size 0 and grows with every granted chunk until it is sealed. `sealed_chunks` is its
    number of chunks, set when it is sealed. `main_service_file_id` is the file's id in another service.
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
    part_size: int | None = None

    @property
    def part_count(self) -> int | None:
        """The number of parts of an upload that was divided at its start; None for all others."""
        return None if self.part_size is None else -(-self.size // self.part_size)

    @property
    def claim(self) -> NameClaim:
        """The claim of this upload's name."""
        return NameClaim.of(self.filename, self.upload_id)


@value_type
class Day(Activity):
    """One calendar day of one account, in bytes and counts.

    What an admin's reset took from the sums is `waived`: it no longer counts against the daily limit, but it is billed.

    `settled` has what usage logs say of its streams; see `SettledSums`.

    `byte_seconds` is what the stored bytes come to at the end of the day if nothing more changes: bytes times seconds. It is
    None for a day that began before this was recorded, until the day is rebuilt from the ledger. `stored` are the bytes
    stored when the day ended; None while it lasts.

    `raised` counts how often each alert (`storage:80`, `bandwidth:100`, ...) was raised on this day; `standing` has
    the alerts that cannot be raised again on this day, unless an admin resets it.
    """

    date: date
    waived: Delta = field(default_factory=Delta)
    settled: SettledSums = field(default_factory=SettledSums)
    byte_seconds: int | None = None
    stored: int | None = None
    raised: Mapping[str, int] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()

    @property
    def used(self) -> int:
        """Bytes of the daily limit that were uploaded, streamed or rejected, without reservations."""
        return self.uploaded + self.streamed + self.rejected


@value_type
class Account:
    """One user's account. `storage_limit`, `daily_limit` and `alert_percents` are None where the deployment's defaults apply.

    `reserved` are the bytes of all open uploads, which count against both limits on every day until they arrive;
    `open_uploads` is their number.

    `sequence` is the number of the last ledger entry; entries are numbered from 1 without gaps. `created_at` is None for
    accounts that are older than this field. `trash` are the bytes in the trash; None, likewise, until the account's days are
    rebuilt from the ledger. `username` was chosen at registration. A `disabled` account is granted nothing.
    `email_verified` is whether a token has said so of this address.
    `recent_charges` are the keys of the stream entries that paid for its last URLs, at most `MAX_RECENT_CHARGES`, newest last.
    `grant_series` grows when all playback grants of the user's videos end together. `grant_changes` grows whenever a grant is
    made or revoked, so that this changes the account, too, which decides races.
    An account that is `erasing` is deleted with everything that belongs to its user; the books take no more changes of it.
    """

    uid: str
    today: Day
    email: str | None = None
    email_verified: bool = False
    username: str | None = None
    created_at: datetime | None = None
    disabled: bool = False
    storage_limit: int | None = None
    daily_limit: int | None = None
    alert_percents: tuple[int, ...] | None = None
    stored: int = 0
    trash: int | None = None
    reserved: int = 0
    open_uploads: int = 0
    sequence: int = 0
    recent_charges: tuple[str, ...] = ()
    grant_series: int = 0
    grant_changes: int = 0
    erasing: bool = False

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
        """Raise AccountDisabled if an admin has disabled the account, AccountDeleted if it is being deleted.

        Call this before granting anything to it.
        """
        if self.erasing:
            raise AccountDeleted("This account was deleted.")
        if self.disabled:
            raise AccountDisabled("An administrator has disabled this account. Nothing was changed.")


def percent(part: int, whole: int) -> float:
    """Return `part` of `whole` in percent with one decimal; 100 if `whole` is 0."""
    return round(100 * part / whole, 1) if whole > 0 else 100.0
