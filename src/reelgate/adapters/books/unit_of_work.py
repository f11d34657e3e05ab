"""One atomic change of one user's documents: what was read, what is to be written, and the preconditions.

Several operations may share one unit. Each sees the staged writes of those before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from reelgate.adapters.books.book_records import Collection, Posted, Record, address_of, decode, encode
from reelgate.adapters.documents.document_store import Address, Document, Write
from reelgate.domain.books.account import Account, NameClaim, OpenUpload
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video
from reelgate.domain.files.names import name_key
from reelgate.ports.books import ReadSet, Snapshot


class InconsistentBooksError(RuntimeError):
    """The documents contradict each other, or an operation removes a document that it did not read. A retry cannot help."""


_R = TypeVar("_R", Account, OpenUpload, NameClaim, Video, Entry)


class UnitOfWork:
    """The documents that were read, with the staged writes applied."""

    def __init__(self, uid: str, read: Mapping[Address, Document]) -> None:
        """`read` maps the addresses of the documents that exist to their content, all read at one instant."""
        self._uid = uid
        self._versions = {address: document.version for address, document in read.items()}
        self._read = {address: decode(address, document.fields) for address, document in read.items()}
        self._staged: dict[Address, Record | None] = {}
        self._unread_claims: set[Address] = set()
        self._audit: dict[Address, Write] = {}

    def snapshot(self, reads: ReadSet) -> Snapshot:
        """Return the documents of a read set, with all staged writes applied."""
        uid = self._uid
        name = None if reads.filename is None else video_address(uid, reads.filename)
        upload = None if reads.upload_id is None else upload_address(uid, reads.upload_id)
        trashed = None if reads.trashed_file_id is None else trash_address(uid, reads.trashed_file_id)
        entry = None if reads.entry_id is None else entry_address(uid, reads.entry_id)
        return Snapshot(
            account=self._find(account_address(uid), Account),
            video=self._find(name, Video),
            claim=self._find(name, NameClaim),
            upload=self._find(upload, OpenUpload),
            trashed=self._find(trashed, Video),
            entry=self._find(entry, Entry),
            entries={one: found for one in reads.entry_ids if (found := self.entry(one)) is not None},
        )

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry that was read or staged."""
        return self._find(entry_address(self._uid, entry_id), Entry)

    def stage(self, change: Change, *, at: datetime, audit: Sequence[Write] = ()) -> None:
        """Add everything a change writes, or nothing. `at` is when its outbox items count as written.

        `audit` are the documents of its actions in the audit log. An action's id determines its content, apart from the instant
        of the attempt, so they are written whether they exist or not: a repeated attempt replaces the document by its like.

        Raises:
            InconsistentBooksError: the change creates a document that exists, or removes or replaces one that was not read.
        """
        records, replaced, claims = dict(_records(change, at)), _replaced_addresses(change), _released_claims(change)
        for address, record in records.items():
            current = self._current(address)
            if address in claims:
                if current is not None and current != claims[address]:
                    raise InconsistentBooksError(f"{address} is not the claim of the upload that is removed")
                continue
            if record is None and current is None:
                raise InconsistentBooksError(f"{address} is to be removed, but was not read or does not exist")
            if address in replaced and current is None:
                raise InconsistentBooksError(f"{address} is to be replaced, but was not read or does not exist")
            if record is not None and current is not None and _is_created(address) and address not in replaced:
                raise InconsistentBooksError(f"{address} is to be created, but exists already")
        self._unread_claims |= {address for address in claims if self._current(address) is None}
        self._staged.update(records)
        self._audit.update((write.address, write) for write in audit)

    def writes(self) -> list[Write]:
        """Return the writes to commit: each document's last staged state, if it still has the version that was read."""
        books = [write for address, record in self._staged.items() if (write := self._write(address, record)) is not None]
        return [*books, *self._audit.values()]

    def _write(self, address: Address, record: Record | None) -> Write | None:
        version = self._versions.get(address)
        unread = version is None and address in self._unread_claims
        if version is None and record is None and not unread:  # staged and removed again within this unit
            return None
        fields = None if record is None else encode(record)
        if unread or address.collection[-1] in _UNCONDITIONAL:
            return Write(address, fields)
        return Write(address, fields, version=version, absent=version is None)

    def _current(self, address: Address) -> Record | None:
        return self._staged[address] if address in self._staged else self._read.get(address)

    def _find(self, address: Address | None, kind: type[_R]) -> _R | None:
        record = None if address is None else self._current(address)
        return record if isinstance(record, kind) else None  # a name is a video's or a claim's; else the collection decides


# The id of a day or an outbox item determines its content: writing it again changes nothing.
_UNCONDITIONAL = frozenset({Collection.DAYS, Collection.OUTBOX})
_CREATED = frozenset({Collection.UPLOADS, Collection.VIDEOS, Collection.TRASH, Collection.ENTRIES})


def account_address(uid: str) -> Address:
    """Return the address of a user's account."""
    return address_of(uid, Collection.USERS, uid)


def entry_address(uid: str, entry_id: str) -> Address:
    """Return the address of a ledger entry."""
    return address_of(uid, Collection.ENTRIES, entry_id)


def upload_address(uid: str, upload_id: str) -> Address:
    """Return the address of an open upload."""
    return address_of(uid, Collection.UPLOADS, upload_id)


def video_address(uid: str, filename: str) -> Address:
    """Return the address of what has a (cleaned) name: a video, or the claim of an open upload."""
    return address_of(uid, Collection.VIDEOS, name_key(filename))


def trash_address(uid: str, file_id: str) -> Address:
    """Return the address of a trashed video."""
    return address_of(uid, Collection.TRASH, file_id)


def addresses_to_read(uid: str, reads: ReadSet) -> frozenset[Address]:
    """Return the documents to read for an operation; the account is always one of them."""
    addresses = {account_address(uid)}
    if reads.filename is not None:
        addresses.add(video_address(uid, reads.filename))
    if reads.upload_id is not None:
        addresses.add(upload_address(uid, reads.upload_id))
    if reads.trashed_file_id is not None:
        addresses.add(trash_address(uid, reads.trashed_file_id))
    if reads.entry_id is not None:
        addresses.add(entry_address(uid, reads.entry_id))
    return frozenset(addresses | {entry_address(uid, one) for one in reads.entry_ids})


def created_addresses(change: Change) -> frozenset[Address]:
    """Return the documents of a change that must not exist before it. Afterwards they show whether the change was applied."""
    return frozenset(address for address, record in _documents(change) if record is not None and _is_created(address))


def _is_created(address: Address) -> bool:
    return address.collection[-1] in _CREATED


def _replaced_addresses(change: Change) -> frozenset[Address]:
    uid, addresses = change.account.uid, set[Address]()
    if change.replace_video is not None:
        addresses.add(video_address(uid, change.replace_video.filename))
    if change.replace_upload is not None:
        addresses.add(upload_address(uid, change.replace_upload.upload_id))
    return frozenset(addresses)


def _released_claims(change: Change) -> Mapping[Address, NameClaim]:
    """Return the claim of the name of the upload that a change removes, by its address.

    It need not be read, because it exists as long as its upload does, and no change of either leaves the account's version as
    it was. It is therefore written without a precondition of its own.
    """
    upload = change.remove_upload
    return {} if upload is None else {video_address(change.account.uid, upload.filename): upload.claim}


def _documents(change: Change) -> Iterator[tuple[Address, OpenUpload | NameClaim | Video | Entry | None]]:
    uid = change.account.uid
    if change.remove_upload is not None:
        yield upload_address(uid, change.remove_upload.upload_id), None
        yield video_address(uid, change.remove_upload.filename), None
    if change.put_upload is not None:
        yield upload_address(uid, change.put_upload.upload_id), change.put_upload
        yield video_address(uid, change.put_upload.filename), change.put_upload.claim
    if change.remove_video is not None:
        yield video_address(uid, change.remove_video.filename), None
    if change.put_video is not None:
        yield video_address(uid, change.put_video.filename), change.put_video
    if change.remove_trash is not None:
        yield trash_address(uid, change.remove_trash.file_id), None
    if change.put_trash is not None:
        yield trash_address(uid, change.put_trash.file_id), change.put_trash
    if change.entry is not None:
        yield entry_address(uid, change.entry.entry_id), change.entry
    for entry in change.more_entries:
        yield entry_address(uid, entry.entry_id), entry


def _records(change: Change, at: datetime) -> Iterator[tuple[Address, Record | None]]:
    uid = change.account.uid
    yield account_address(uid), change.account
    if change.replace_upload is not None:
        yield upload_address(uid, change.replace_upload.upload_id), change.replace_upload
    if change.replace_video is not None:
        yield video_address(uid, change.replace_video.filename), change.replace_video
    yield from _documents(change)
    if change.closed_day is not None:
        yield address_of(uid, Collection.DAYS, change.closed_day.date.isoformat()), change.closed_day
    for item in change.outbox:
        yield address_of(uid, Collection.OUTBOX, item.event_id), Posted(item, at)
