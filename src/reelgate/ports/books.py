"""The accounts, their videos, trash and ledgers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import NEWEST_FIRST
from reelgate.domain.value_types import positional_value_type, value_type

if TYPE_CHECKING:
    from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
    from reelgate.domain.books.captions import CaptionsKey, CaptionsText
    from reelgate.domain.books.entries import Entry, EntryId, EntryKind
    from reelgate.domain.books.grant import PlaybackGrant
    from reelgate.domain.books.messages import OutboxItem
    from reelgate.domain.books.policy import Policy
    from reelgate.domain.books.video import Video, VideoOrder


@value_type
class ReadSet:
    """Which documents an operation reads besides the account: a video, an open upload, a trashed file, a
    playback grant, ledger entries.

    The video is that of `file_id`, which is read together with the account, or the one that has `filename`: then the name leads
    to it, which is a second round trip if the name is taken. Of `name` only the claim is read.

    `entry_id` is the entry that the operation itself writes: if it exists, the operation was applied before. `entry_ids` are
    further entries that the decision looks at. `day` is the date of a closed day.
    """

    file_id: str | None = None
    filename: str | None = None
    name: str | None = None
    upload_id: str | None = None
    trashed_file_id: str | None = None
    grant_id: str | None = None
    entry_id: EntryId | None = None
    entry_ids: tuple[EntryId, ...] = ()
    day: date | None = None


@value_type
class Snapshot:
    """What was read, as of one instant.

    `account` is None for a user without books. `claim` says who has the file name of the read set; None if the name is free.
    Looked up as `filename`, that is `video` or, if this is None, an open upload. `grant` is None also for a grant of
    another user. `entries` has those of the read set's `entry_ids` that exist. `day` is None if that day is not closed.
    """

    account: Account | None
    video: Video | None = None
    claim: NameClaim | None = None
    upload: OpenUpload | None = None
    trashed: Video | None = None
    grant: PlaybackGrant | None = None
    entry: Entry | None = None
    entries: Mapping[EntryId, Entry] = field(default_factory=dict)
    day: Day | None = None


@value_type
class CommitResult:
    """The result of a commit.

    `snapshot` is the one that the last decision got. `change` is what was written; None if nothing was. `existing_entry`
    is the entry of an earlier commit, when the operation turned out to have been applied before.
    """

    snapshot: Snapshot
    change: Change | None = None
    existing_entry: Entry | None = None


@positional_value_type
class ExpiredUpload:
    """An open upload that has expired, and its owner."""

    uid: str
    upload: OpenUpload


Decide = Callable[[Snapshot], Change | None]
"""A pure decision: returns what to write, or None for nothing. It may run several times, each time on a newer snapshot. A
domain error that it raises ends the operation."""

Prepare = Callable[[Snapshot], Awaitable[None]]
"""Work with other services that a decision needs, such as a signature: it runs before each decision, on what was read for it.

The decision still has to check that what was prepared fits its own snapshot, because operations that share a commit are decided
one after the other. If it does not fit, the decision raises `NotPrepared`. An error that this work raises ends the operation,
and nothing is written."""


class NotPrepared(Exception):
    """Raised by a decision whose snapshot is not the one that it was prepared for: it is to be prepared and decided again."""


@positional_value_type
class Page[T]:
    """Part of a list. `next_cursor` continues it; None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None


class Books(Protocol):
    """The accounts, their videos, trash and ledgers. All sizes are bytes, all instants aware."""

    async def commit(self, uid: str, decide: Decide, reads: ReadSet, *, prepare: Prepare | None = None) -> CommitResult:
        """Read, prepare, decide, and write everything in one atomic commit, or nothing.

        If a document that was read changes before the write, reading and deciding start again, a limited number of times. If
        the operation's entry already exists, the operation was applied before, and nothing is written.

        Args:
            prepare: runs at most a few seconds; other operations of the user may have to wait for it.

        Raises:
            BooksBusy: other operations kept changing the account. Nothing was written.
            BooksSlow: the store did not answer in time; the commit may have happened. Repeating it is safe: an entry is
                applied once.
            Unavailable: the store could not be read, or `prepare` took too long. Nothing was written.
            Any error that `prepare` or `decide` raises.
        """

    async def read(self, uid: str, reads: ReadSet) -> Snapshot:
        """Return the account and the documents of the read set as they are now."""

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None, order: VideoOrder = NEWEST_FIRST) -> Page[Video]:
        """Return finished videos in an order. The cursor after any of them is `list_cursors.video_cursor`.

        Raises InvalidRequest for a cursor of another list, or of another order.
        """

    async def open_upload(self, uid: str, upload_id: str) -> OpenUpload | None:
        """Return an open upload, without the account: one read."""

    async def grant(self, grant_id: str) -> PlaybackGrant | None:
        """Return a playback grant of any user: one read."""

    async def grants(self, uid: str, file_id: str, *, limit: int, cursor: str | None = None) -> Page[PlaybackGrant]:
        """Return the playback grants of a user's video, newest first. Raises InvalidRequest for a cursor of another list."""

    async def all_grants(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[PlaybackGrant]:
        """Return the playback grants of all videos of a user, newest first. Raises InvalidRequest likewise."""

    async def count_grants(self, uid: str, now: datetime, *, limit: int, video: Video | None = None) -> int:
        """Return how many playback grants of a user are neither expired nor revoked, at most `limit`.

        Args:
            video: only those of this video, without those that ended together.
        """

    async def uploads(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[OpenUpload]:
        """Return open uploads, oldest first. Raises InvalidRequest for a cursor of another list."""

    async def names(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[NameClaim]:
        """Return who has the user's file names, by the names' keys. Raises InvalidRequest for a cursor of another list."""

    async def captions(self, uid: str, key: CaptionsKey) -> CaptionsText | None:
        """Return the text of captions as it is now, or None. It may belong to a video in the trash."""

    async def caption_keys(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[CaptionsKey]:
        """Return which captions have a text, without reading it. Raises InvalidRequest for a cursor of another list."""

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """Return trashed videos, last deleted first. Raises InvalidRequest for a cursor of another list."""

    async def oldest_trash(self, uid: str, *, limit: int) -> Sequence[Video]:
        """Return trashed videos of a user, first due first."""

    async def entries(
        self, uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        """Return ledger entries, newest first, only those of `day` or of `file_id` if these are set.

        Raises InvalidRequest for a cursor of another list.
        """

    async def entries_of_kinds(self, uid: str, day: date, kinds: Sequence[EntryKind], *, limit: int) -> Sequence[Entry]:
        """Return the newest ledger entries of some kinds on a day, newest first."""

    async def has_entry_about(self, uid: str, day: date, kind: EntryKind, *, filename: str, size: int) -> bool:
        """Return whether the ledger has an entry of this kind on a day about a file with this name and size."""

    async def accounts(self, *, limit: int, cursor: str | None = None) -> Page[Account]:
        """Return the accounts of all users, by uid. Raises InvalidRequest for a cursor of another list."""

    async def more_accounts_than(self, count: int) -> bool:
        """Return whether there are more accounts than `count`. Costs up to one read for each."""

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """Return the totals of a closed day, or None."""

    async def closed_days(self, uid: str, first: date, last: date) -> Sequence[Day]:
        """Return the closed days from `first` to `last`, both included, in their order."""

    async def last_day_before(self, uid: str, before: date) -> Day | None:
        """Return the last closed day before `before`, or None."""

    async def accounts_to_close(self, before: date, *, limit: int) -> Sequence[str]:
        """Return the uids of accounts whose current day is before `before`, oldest days first."""

    async def expired_uploads_of(self, uid: str, now: datetime, *, limit: int) -> Sequence[OpenUpload]:
        """Return a user's open uploads that have expired, first expired first."""

    async def expired_uploads(self, now: datetime, *, limit: int) -> Sequence[ExpiredUpload]:
        """Return open uploads of all users that have expired, first expired first."""

    async def trash_to_purge(self, now: datetime, *, limit: int) -> Sequence[Video]:
        """Return trashed videos of all users that are due for removal."""

    async def outbox(self, written_before: datetime, *, limit: int) -> Sequence[OutboxItem]:
        """Return outbox items written before `written_before`, oldest first."""

    async def outbox_since(self) -> datetime | None:
        """Return when the oldest outbox item was written, including items that cannot be parsed; None if there is none."""

    async def outbox_done(self, event_id: str) -> None:
        """Delete an outbox item that was carried out, if it exists."""


class HasPolicy(Protocol):
    """Offers the limits and periods of this deployment."""

    @property
    def policy(self) -> Policy: ...


class HasBooks(Protocol):
    """Offers the books."""

    @property
    def books(self) -> Books: ...
