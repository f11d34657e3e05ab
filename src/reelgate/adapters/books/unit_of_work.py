"""One atomic change of one user's documents: what was read, what is to be written, and on which conditions.

Several operations may follow each other on one unit; each sees what the ones before it have staged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import Video
from reelgate.domain.files.names import name_key
from reelgate.ports import ReadSet, Snapshot


class Collection(StrEnum):
    """Where documents are kept. `outbox` is one for all users; all but `users` and `outbox` lie below the user's document."""

    USERS = "users"
    VIDEOS = "videos"
    TRASH = "trash"
    ENTRIES = "entries"
    DAYS = "days"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True)
class Key:
    """Names one document; below a user's document when the collection is one of the user's."""

    collection: Collection
    id: str


@dataclass(frozen=True, slots=True)
class Posted:
    """An outbox item and when it was written."""

    item: OutboxItem
    written_at: datetime


Record = Account | Video | Entry | Day | Posted


@dataclass(frozen=True, slots=True)
class Held:
    """A document as it was read. `version` changes with every write of it; what it is, only the adapter knows."""

    record: Record
    version: Any


Read = Mapping[Key, Held | None]
"""What was looked for, at one instant; None for a document that did not exist."""


@dataclass(frozen=True, slots=True)
class Write:
    """One document to write (`record` None: to remove).

    `version` is the one it must still have; None means that it must not exist, unless `unconditional`.
    """

    key: Key
    record: Record | None
    version: Any = None
    unconditional: bool = False


class InconsistentBooksError(RuntimeError):
    """The documents contradict each other, or an operation removes what it never read. Trying again cannot help."""


_R = TypeVar("_R", Account, Video, Entry)


class UnitOfWork:
    """Documents as read, overlaid by what has been staged since."""

    def __init__(self, uid: str, read: Read) -> None:
        self._uid = uid
        self._read = read
        self._staged: dict[Key, Record | None] = {}

    def view(self, wanted: ReadSet) -> Snapshot:
        """Return what an operation wants to see, with everything that was staged before it."""
        video = None if wanted.filename is None else video_key(wanted.filename)
        trashed = None if wanted.trashed_file_id is None else Key(Collection.TRASH, wanted.trashed_file_id)
        entry = None if wanted.entry_id is None else entry_key(wanted.entry_id)
        return Snapshot(
            account=self._find(account_key(self._uid), Account),
            video=self._find(video, Video),
            trashed=self._find(trashed, Video),
            entry=self._find(entry, Entry),
            entries={one: found for one in wanted.entry_ids if (found := self.entry(one)) is not None},
        )

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry that was read or staged."""
        return self._find(entry_key(entry_id), Entry)

    def stage(self, change: Change, *, at: datetime) -> None:
        """Add everything a change writes, or nothing. `at` is when its outbox items count as written.

        Raises:
            InconsistentBooksError: it would put a document where one is, or remove or replace one that was not read.
        """
        records, replaced = dict(_records(change, at)), _replaced_keys(change)
        for key, record in records.items():
            standing = self._current(key)
            if record is None and standing is None:
                raise InconsistentBooksError(f"{key} is to be removed, but was not read or is not there")
            if key in replaced and standing is None:
                raise InconsistentBooksError(f"{key} is to be replaced, but was not read or is not there")
            if record is not None and standing is not None and key.collection in _CREATED and key not in replaced:
                raise InconsistentBooksError(f"{key} is to be created, but is there already")
        self._staged.update(records)

    def writes(self) -> list[Write]:
        """Return what has to be committed: per document the last state, on condition of what was read."""
        return [write for key, record in self._staged.items() if (write := self._write(key, record)) is not None]

    def _write(self, key: Key, record: Record | None) -> Write | None:
        if key.collection in _UNCONDITIONAL:
            return Write(key, record, unconditional=True)
        held = self._read.get(key)
        if held is None and record is None:  # staged and removed again within this unit
            return None
        return Write(key, record, version=None if held is None else held.version)

    def _current(self, key: Key) -> Record | None:
        if key in self._staged:
            return self._staged[key]
        held = self._read.get(key)
        return None if held is None else held.record

    def _find(self, key: Key | None, kind: type[_R]) -> _R | None:
        record = None if key is None else self._current(key)
        if record is not None and not isinstance(record, kind):
            raise InconsistentBooksError(f"{key} is not of kind {kind.__name__}")
        return record


# Ids of days and outbox items say what is in them: writing one again writes the same.
_UNCONDITIONAL = frozenset({Collection.DAYS, Collection.OUTBOX})
_CREATED = frozenset({Collection.VIDEOS, Collection.TRASH, Collection.ENTRIES})


def account_key(uid: str) -> Key:
    """Return the key of a user's account."""
    return Key(Collection.USERS, uid)


def entry_key(entry_id: str) -> Key:
    """Return the key of a ledger entry."""
    return Key(Collection.ENTRIES, entry_id)


def video_key(filename: str) -> Key:
    """Return the key of the video of a (cleaned) name."""
    return Key(Collection.VIDEOS, name_key(filename))


def wanted_keys(uid: str, wanted: ReadSet) -> frozenset[Key]:
    """Return the documents to read for an operation; the account is always one of them."""
    keys = {account_key(uid)}
    if wanted.filename is not None:
        keys.add(video_key(wanted.filename))
    if wanted.trashed_file_id is not None:
        keys.add(Key(Collection.TRASH, wanted.trashed_file_id))
    if wanted.entry_id is not None:
        keys.add(entry_key(wanted.entry_id))
    return frozenset(keys | {entry_key(one) for one in wanted.entry_ids})


def created_keys(change: Change) -> frozenset[Key]:
    """Return the documents of a change that must not exist before: they tell, afterwards, whether it was applied."""
    return frozenset(key for key, record in _documents(change) if record is not None and key.collection in _CREATED)


def _replaced_keys(change: Change) -> frozenset[Key]:
    return frozenset() if change.replace_video is None else frozenset({video_key(change.replace_video.filename)})


def _documents(change: Change) -> Iterator[tuple[Key, Video | Entry | None]]:
    if change.remove_video is not None:
        yield video_key(change.remove_video.filename), None
    if change.put_video is not None:
        yield video_key(change.put_video.filename), change.put_video
    if change.remove_trash is not None:
        yield Key(Collection.TRASH, change.remove_trash.file_id), None
    if change.put_trash is not None:
        yield Key(Collection.TRASH, change.put_trash.file_id), change.put_trash
    if change.entry is not None:
        yield entry_key(change.entry.entry_id), change.entry
    for entry in change.more_entries:
        yield entry_key(entry.entry_id), entry


def _records(change: Change, at: datetime) -> Iterator[tuple[Key, Record | None]]:
    yield account_key(change.account.uid), change.account
    if change.replace_video is not None:
        yield video_key(change.replace_video.filename), change.replace_video
    yield from _documents(change)
    if change.closed_day is not None:
        yield Key(Collection.DAYS, change.closed_day.date.isoformat()), change.closed_day
    for item in change.outbox:
        yield Key(Collection.OUTBOX, item.event_id), Posted(item, at)
