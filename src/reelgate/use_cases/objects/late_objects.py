"""Settle what arrives too late: an object or a part whose upload is no longer open.

It is charged to the day of its owner, once for each generation, and replaced by a placeholder: an empty object that keeps the
name, so that create-only refuses whatever else is sent with the same grant.
"""

from __future__ import annotations

import logging

from reelgate.domain.books.entries import Entry, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.names import ObjectName
from reelgate.domain.files.part_names import PartName, parse_part_name
from reelgate.domain.uploads import rejected_objects
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit

_log = logging.getLogger(__name__)


async def settle_late_object(
    services: CommitServices, parts: ObjectName, found: StoredObject, *, audit: AuditEvent | None = None
) -> bool:
    """Charge the object of an upload that is no longer open, and put a placeholder in its place.

    Returns False, and does nothing, if no client can have written it. A repetition after a crash charges nothing more. If there
    is no account, the owner was probably deleted: only the placeholder is put. The caller has made sure that it is no video's
    object.

    Raises AccountDeleted, BooksBusy, Unavailable.
    """
    result = await commit(services, parts.uid, late_object(parts, found), audit=audit)
    known = result.existing_entry is not None or result.snapshot.account is None
    if result.change is None and not known and not _from_client(result.snapshot, parts):
        return False
    if result.change is None:  # it was charged before; the outbox of that commit has the same order
        await replace_object(services, found, parts.file_id)
    return True


def late_object(parts: ObjectName, found: StoredObject) -> Transaction:
    """Return the transaction that charges an object that arrived too late, unless an entry counts it already."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or not _from_client(snapshot, parts):
            return None
        if rejected_objects.is_counted(found, snapshot.entries.get(EntryId.release(parts.file_id))):
            return None
        return rejected_objects.charge_late(ledger, snapshot.account, found, upload_id=parts.file_id, filename=parts.filename)

    reads = ReadSet(
        file_id=parts.file_id,
        trashed_file_id=parts.file_id,
        entry_id=EntryId.reject(parts.file_id, found.generation),
        entry_ids=(EntryId.reserve(parts.file_id), EntryId.seal(parts.file_id), EntryId.release(parts.file_id)),
    )
    return Transaction(decide, reads)


def _from_client(snapshot: Snapshot, parts: ObjectName) -> bool:
    """Return whether a client can have written an object: with the grant of an upload that has no video.

    If it is sent in parts, only the bucket joins them. Nothing but an operator takes the place of a video's object.
    """
    reserved = snapshot.entries.get(EntryId.reserve(parts.file_id))
    granted = reserved is not None and reserved.filename == parts.filename
    in_parts = EntryId.seal(parts.file_id) in snapshot.entries
    return granted and not in_parts and snapshot.video is None and snapshot.trashed is None


async def settle_late_part(services: CommitServices, name: PartName, found: StoredObject) -> bool:
    """Charge a part that arrived too late, and put a placeholder in its place. Returns False, and does nothing, if it did not.

    Without an account, only the placeholder is put, as for objects.

    Raises AccountDeleted, BooksBusy, Unavailable.
    """
    if name.index is None:  # composed by the bucket
        return False
    result = await commit(services, name.uid, late_part(name, name.index, found))
    if result.change is None and result.existing_entry is None and result.snapshot.account is not None:
        return False
    if result.change is None:
        await replace_object(services, found, name.upload_id)
    _log.warning("part %s#%d arrived too late", found.name, found.generation)
    return True


async def settle_part_if_late(services: CommitServices, found: StoredObject, ended: Entry | None) -> bool:
    """Settle a part of an upload that is no longer open, if it arrived too late. Returns whether it did.

    Args:
        ended: the entry that says which parts were counted (`ended_by`).

    Raises AccountDeleted, BooksBusy, Unavailable.
    """
    name = parse_part_name(found.name)
    if name is None or name.index is None or found.is_placeholder:
        return False
    if not rejected_objects.is_late_part(name.index, found, upload=None, ended=ended):
        return False
    return await settle_late_part(services, name, found)


def late_part(name: PartName, index: int, found: StoredObject) -> Transaction:
    """Return the transaction that charges a part, if it arrived too late and no entry counts it."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        upload, ended = snapshot.upload, ended_by(snapshot, name.upload_id)
        if snapshot.account is None or not rejected_objects.is_late_part(index, found, upload=upload, ended=ended):
            return None
        filename = upload.filename if upload is not None else ended.filename if ended is not None else None
        return rejected_objects.charge_late(
            ledger, snapshot.account, found, upload_id=name.upload_id, filename=filename, part=index
        )

    reads = ReadSet(
        upload_id=name.upload_id,
        entry_id=EntryId.reject(name.upload_id, found.generation, part=index),
        entry_ids=end_entries(name.upload_id),
    )
    return Transaction(decide, reads)


def end_entries(upload_id: str) -> tuple[EntryId, EntryId]:
    """Return the ids of the entries that say which parts of an upload were counted."""
    return EntryId.release(upload_id), EntryId.seal(upload_id)


def ended_by(snapshot: Snapshot, upload_id: str) -> Entry | None:
    """Return the entry that released an upload; if there is none, the one that began its completion; or None."""
    release, seal = (snapshot.entries.get(entry_id) for entry_id in end_entries(upload_id))
    return release or seal


async def replace_object(services: HasMedia, found: StoredObject, upload_id: str) -> None:
    """Put a placeholder in the place of an object or a part, if it still has that generation. Raises Unavailable."""
    await services.media.put_placeholder(found.name, generation=found.generation, upload_id=upload_id)
