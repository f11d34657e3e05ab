"""One atomic change of one user's documents: what was read, what is to be written, and the preconditions.

Several operations may share one unit. Each sees the staged writes of those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from reelgate.adapters.books.book_records import (
    Collection,
    Posted,
    Record,
    address_of,
    captions_id,
    decode,
    decode_claim,
    encode,
    grant_address,
)
from reelgate.adapters.documents.document_store import Address, Document, Follow, Write
from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
from reelgate.domain.books.captions import CaptionsKey
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video
from reelgate.domain.files.names import name_key
from reelgate.ports.books import ReadSet, Snapshot


class InconsistentBooksError(RuntimeError):
    """The documents contradict each other, or an operation removes a document that it did not read. A retry cannot help."""


_R = TypeVar("_R", Account, OpenUpload, NameClaim, Video, PlaybackGrant, Entry, Day)


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
        name = reads.filename or reads.name
        claim = None if name is None else self._find(name_address(uid, name), NameClaim)
        file_id = claim.upload_id if claim is not None and reads.filename is not None else reads.file_id
        video = None if file_id is None else video_address(uid, file_id)
        upload = None if reads.upload_id is None else upload_address(uid, reads.upload_id)
        trashed = None if reads.trashed_file_id is None else trash_address(uid, reads.trashed_file_id)
        entry = None if reads.entry_id is None else entry_address(uid, reads.entry_id)
        day = None if reads.day is None else day_address(uid, reads.day)
        return Snapshot(
            account=self._find(account_address(uid), Account),
            video=self._find(video, Video),
            claim=claim,
            upload=self._find(upload, OpenUpload),
            trashed=self._find(trashed, Video),
            grant=None if reads.grant_id is None else self._grant(reads.grant_id),
            entry=self._find(entry, Entry),
            day=self._find(day, Day),
            entries={one: found for one in reads.entry_ids if (found := self.entry(one)) is not None},
        )

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry that was read or staged."""
        return self._find(entry_address(self._uid, entry_id), Entry)

    def _grant(self, grant_id: str) -> PlaybackGrant | None:
        found = self._find(grant_address(grant_id), PlaybackGrant)
        return found if found is not None and found.uid == self._uid else None

    def stage(self, change: Change, *, at: datetime, audit: Sequence[Write] = ()) -> None:
        """Add everything a change writes, or nothing. `at` is when its outbox items count as written.

        `audit` are the documents of its actions in the audit log. An action's id determines its content, apart from the instant
        of the attempt, so they are written whether they exist or not: a repeated attempt replaces the document by its like.

        Raises:
            InconsistentBooksError: the change creates a document that exists, or removes or replaces one that was not read.
        """
        records, replaced, claims = dict(_records(change, at)), _replaced_addresses(change), _released_claim(change)
        for address, record in records.items():
            current = self._current(address)
            if address in claims:
                if current is not None and current != claims[address]:
                    raise InconsistentBooksError(f"{address} is not the claim of what is removed")
                continue
            if record is None and current is None and address.collection[-1] not in _UNCONDITIONAL:
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

    @property
    def opens_account(self) -> bool:
        """Whether the writes create the user's account."""
        address = account_address(self._uid)
        return address in self._staged and address not in self._versions

    def _write(self, address: Address, record: Record | None) -> Write | None:
        fields = None if record is None else encode(record)
        if address.collection[-1] in _UNCONDITIONAL:
            return Write(address, fields)
        version = self._versions.get(address)
        unread = version is None and address in self._unread_claims
        if version is None and record is None and not unread:  # staged and removed again within this unit
            return None
        if unread:
            return Write(address, fields)
        return Write(address, fields, version=version, absent=version is None)

    def _current(self, address: Address) -> Record | None:
        return self._staged[address] if address in self._staged else self._read.get(address)

    def _find(self, address: Address | None, kind: type[_R]) -> _R | None:
        record = None if address is None else self._current(address)
        return record if isinstance(record, kind) else None  # the collection decides which kind it is


# The id of an outbox item determines its content: writing it again changes nothing. For closed days and captions, the account
# vouches: they are written with it, on condition of its version.
_UNCONDITIONAL = frozenset({Collection.DAYS, Collection.OUTBOX, Collection.CAPTIONS})
_CREATED = frozenset(
    {Collection.UPLOADS, Collection.NAMES, Collection.VIDEOS, Collection.TRASH, Collection.ENTRIES, Collection.GRANTS}
)


def account_address(uid: str) -> Address:
    """Return the address of a user's account."""
    return address_of(uid, Collection.USERS, uid)


def entry_address(uid: str, entry_id: str) -> Address:
    """Return the address of a ledger entry."""
    return address_of(uid, Collection.ENTRIES, entry_id)


def day_address(uid: str, day: date) -> Address:
    """Return the address of a closed day."""
    return address_of(uid, Collection.DAYS, day.isoformat())


def upload_address(uid: str, upload_id: str) -> Address:
    """Return the address of an open upload."""
    return address_of(uid, Collection.UPLOADS, upload_id)


def name_address(uid: str, filename: str) -> Address:
    """Return the address of the claim of a (cleaned) name."""
    return address_of(uid, Collection.NAMES, name_key(filename))


def video_address(uid: str, file_id: str) -> Address:
    """Return the address of a video."""
    return address_of(uid, Collection.VIDEOS, file_id)


def trash_address(uid: str, file_id: str) -> Address:
    """Return the address of a trashed video."""
    return address_of(uid, Collection.TRASH, file_id)


def captions_address(uid: str, key: CaptionsKey) -> Address:
    """Return the address of the text of captions."""
    return address_of(uid, Collection.CAPTIONS, captions_id(key))


def addresses_to_read(uid: str, reads: ReadSet) -> frozenset[Address]:
    """Return the documents to read for an operation; the account is always one of them."""
    addresses = {account_address(uid)}
    if reads.file_id is not None:
        addresses.add(video_address(uid, reads.file_id))
    for name in (reads.filename, reads.name):
        if name is not None:
            addresses.add(name_address(uid, name))
    if reads.upload_id is not None:
        addresses.add(upload_address(uid, reads.upload_id))
    if reads.trashed_file_id is not None:
        addresses.add(trash_address(uid, reads.trashed_file_id))
    if reads.grant_id is not None:
        addresses.add(grant_address(reads.grant_id))
    if reads.entry_id is not None:
        addresses.add(entry_address(uid, reads.entry_id))
    if reads.day is not None:
        addresses.add(day_address(uid, reads.day))
    return frozenset(addresses | {entry_address(uid, one) for one in reads.entry_ids})


def follow_names(uid: str, reads: Iterable[ReadSet]) -> Follow | None:
    """Return how the names of read sets lead to the documents of their videos; None if no name is read."""
    named = [name_address(uid, one.filename) for one in reads if one.filename is not None]
    if not named:
        return None

    def follow(found: Mapping[Address, Document]) -> set[Address]:
        claims = [decode_claim(address, found[address].fields) for address in named if address in found]
        return {video_address(uid, claim.upload_id) for claim in claims}

    return follow


def created_addresses(change: Change) -> frozenset[Address]:
    """Return the documents of a change that must not exist before it. Afterwards they show whether the change was applied."""
    return frozenset(address for address, record in _documents(change) if record is not None and _is_created(address))


def _is_created(address: Address) -> bool:
    return address.collection[-1] in _CREATED


def _replaced_addresses(change: Change) -> frozenset[Address]:
    uid, addresses = change.account.uid, set[Address]()
    if change.replace_video is not None:
        addresses.add(video_address(uid, change.replace_video.file_id))
    if change.replace_upload is not None:
        addresses.add(upload_address(uid, change.replace_upload.upload_id))
    if change.replace_grant is not None:
        addresses.add(grant_address(change.replace_grant.grant_id))
    return frozenset(addresses)


def _released_claim(change: Change) -> Mapping[Address, NameClaim]:
    """Return the claim that a change releases, by its address.

    It need not be read, because it exists as long as the upload or video that is removed with it, and no change of either
    leaves the account's version as it was. It is therefore written without a precondition of its own.
    """
    claim = change.remove_name
    return {} if claim is None else {_claim_address(change.account.uid, claim): claim}


def _claim_address(uid: str, claim: NameClaim) -> Address:
    return address_of(uid, Collection.NAMES, claim.name_key)


def _documents(change: Change) -> Iterator[tuple[Address, OpenUpload | NameClaim | Video | PlaybackGrant | Entry | None]]:
    uid = change.account.uid
    if change.remove_name is not None:
        yield _claim_address(uid, change.remove_name), None
    if change.put_name is not None:
        yield _claim_address(uid, change.put_name), change.put_name
    if change.remove_upload is not None:
        yield upload_address(uid, change.remove_upload.upload_id), None
    if change.put_upload is not None:
        yield upload_address(uid, change.put_upload.upload_id), change.put_upload
    if change.remove_video is not None:
        yield video_address(uid, change.remove_video.file_id), None
    if change.put_video is not None:
        yield video_address(uid, change.put_video.file_id), change.put_video
    if change.remove_trash is not None:
        yield trash_address(uid, change.remove_trash.file_id), None
    if change.put_trash is not None:
        yield trash_address(uid, change.put_trash.file_id), change.put_trash
    if change.put_grant is not None:
        yield grant_address(change.put_grant.grant_id), change.put_grant
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
        yield video_address(uid, change.replace_video.file_id), change.replace_video
    if change.replace_grant is not None:
        yield grant_address(change.replace_grant.grant_id), change.replace_grant
    yield from _documents(change)
    for key in change.remove_captions:
        yield captions_address(uid, key), None
    if change.put_captions is not None:
        yield captions_address(uid, change.put_captions.key), change.put_captions
    for day in (*change.rebuilt_days, *((change.closed_day,) if change.closed_day is not None else ())):
        yield day_address(uid, day.date), day
    for item in change.outbox:
        yield address_of(uid, Collection.OUTBOX, item.event_id), Posted(item, at)
