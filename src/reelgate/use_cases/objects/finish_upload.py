"""Settle an object that has appeared in the bucket: its open upload becomes a video or is rejected, or the object is removed.

An event is only a hint; the content of the bucket decides. Duplicate, late or forged events therefore change nothing, and
the sweep does the same when an event was lost.
"""

from __future__ import annotations

import enum
import logging
from typing import Protocol

from reelgate.domain.audit import EventAction
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import EntryId, EntryKind
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.errors import AccountDeleted
from reelgate.domain.files import names
from reelgate.domain.files.names import ObjectName
from reelgate.domain.files.part_names import PartName, parse_part_name
from reelgate.domain.uploads import rejected_objects, reservations
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.audit.object_events import LATE, ObjectEvent, object_event
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.objects.late_objects import replace_object, settle_late_object, settle_late_part
from reelgate.use_cases.objects.restore_object import restore_object


class Services(CommitServices, HasFunctionName, Protocol):
    """What finishing an upload needs."""


_log = logging.getLogger(__name__)


class Verdict(enum.Enum):
    """What an object turned out to be.

    DUPLICATE: it was settled before. FOREIGN: Reelgate never grants such a name. ABSENT: there is no object. STALE: the
    event is about a generation that is not live. RESTORED: it is the object of a video again. PART: it is a part of a
    chunked upload. PLACEHOLDER: it keeps the name of a closed upload. READY, REJECTED, REMOVED: the upload became a video, was
    rejected, or there was none.
    """

    READY = "ready"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    REMOVED = "removed"
    FOREIGN = "foreign"
    ABSENT = "absent"
    STALE = "stale"
    RESTORED = "restored"
    PART = "part"
    PLACEHOLDER = "placeholder"


# What nothing commits: an object without any grant, and one of a video in the trash. The commit of all others records them.
_PUBLISHED = {Verdict.REMOVED: EventAction.OBJECT_REMOVED, Verdict.RESTORED: EventAction.OBJECT_RESTORED}


@value_type
class Finished:
    """The verdict on an object. `video` and `account` are set when it has just become a video.

    `released` says why its upload was rejected; `reason` says the same in words, or why an object without a grant was removed.
    """

    verdict: Verdict
    video: Video | None = None
    account: Account | None = None
    released: ReleaseReason | None = None
    reason: str | None = None


async def finish_upload(services: Services, object_name: str, *, generation: int | None = None) -> Finished:
    """Settle the books for an object.

    Args:
        generation: the one that an event is about; if it is not live, the event is stale. None settles the live
            generation.

    Raises:
        BooksBusy, Unavailable: the same call again is safe and finishes what is left.
    """
    part = parse_part_name(object_name)
    if part is not None:
        return await _finish_part(services, part, object_name, generation)
    parts = names.parse_object_name(object_name)
    if parts is None:  # only a principal with its own rights to the bucket can have written it
        _log.warning("object %s has a name that is never granted; it is left alone", object_name)
        return Finished(verdict=Verdict.FOREIGN)
    found = await services.media.find(object_name)
    if found is None:
        return Finished(verdict=Verdict.ABSENT)
    if generation is not None and generation != found.generation:
        return Finished(verdict=Verdict.STALE)
    if found.is_placeholder:
        return Finished(verdict=Verdict.PLACEHOLDER)
    found = await _as_granted(services, parts, found)
    if found is None:
        return Finished(verdict=Verdict.ABSENT)
    event = object_event(services, parts, found)
    try:
        finished = await _settle(services, parts, found, event)
    except AccountDeleted:  # also the objects of its videos are removed
        finished = await _replace(services, found, parts.file_id, "its owner was deleted")
    if finished.verdict in _PUBLISHED and not event.recorded:
        action = event.named(_PUBLISHED[finished.verdict], services.now(), reason=finished.reason)
        await publish_audit_event(services, action)
    return finished


async def _finish_part(services: Services, part: PartName, object_name: str, generation: int | None) -> Finished:
    """Settle a part that arrived too late; the completion of its upload settles all others.

    Whether it did costs one read, as long as its upload is open.
    """
    if part.index is None:  # composed by the bucket
        return Finished(verdict=Verdict.PART)
    upload = await services.books.open_upload(part.uid, part.upload_id)
    if upload is not None and not rejected_objects.takes_no_part(upload, part.index):
        return Finished(verdict=Verdict.PART)
    found = await services.media.find(object_name)
    if found is None:
        return Finished(verdict=Verdict.ABSENT)
    if generation is not None and generation != found.generation:
        return Finished(verdict=Verdict.STALE)
    if found.is_placeholder:
        return Finished(verdict=Verdict.PLACEHOLDER)
    try:
        late = await settle_late_part(services, part, found)
    except AccountDeleted:
        return await _replace(services, found, part.upload_id, "its owner was deleted")
    return Finished(verdict=Verdict.REMOVED, reason="it arrived too late") if late else Finished(verdict=Verdict.PART)


async def _as_granted(services: Services, parts: ObjectName, found: StoredObject) -> StoredObject | None:
    """Return the object without settings that were not granted; None if it no longer exists.

    They are removed before the books are written, so no URL is ever issued for an object that has them. After a crash in
    between, the next event or the sweep finds the object without them.
    """
    not_granted = found.settings_not_granted(parts.file_id)
    if not not_granted:
        return found
    _log.info(
        "object %s#%d: removing settings that were not granted: %s", found.name, found.generation, ", ".join(not_granted)[:200]
    )
    return await services.media.reset(found, upload_id=parts.file_id)


async def _settle(services: Services, parts: ObjectName, found: StoredObject, event: ObjectEvent) -> Finished:
    result = await commit(services, parts.uid, settlement(parts, found), audit=event)
    if result.existing_entry is not None and result.existing_entry.kind == EntryKind.COMMIT:
        return Finished(verdict=Verdict.DUPLICATE)
    if result.change is None:  # the upload is not open, or no longer open
        return await _without_grant(services, parts, found, event)
    if result.change.put_video is None:
        released = result.change.entry.release_reason if result.change.entry else None
        _log.warning("upload %s is %s", parts.file_id, released)
        return Finished(verdict=Verdict.REJECTED, released=released, reason=str(released))
    return Finished(verdict=Verdict.READY, video=result.change.put_video, account=result.change.account)


def settlement(parts: ObjectName, found: StoredObject) -> Transaction:
    """Return the transaction that makes an object a video, or rejects it. It writes nothing when no such upload is open."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        upload = snapshot.upload
        if snapshot.account is None or upload is None or upload.filename != parts.filename:
            return None
        return reservations.commit(ledger, snapshot.account, upload, found)

    return Transaction(decide, ReadSet(upload_id=parts.file_id))


async def _without_grant(services: Services, parts: ObjectName, found: StoredObject, event: ObjectEvent) -> Finished:
    """Settle an object without an open upload. A closed upload is never opened again, so no race is possible.

    An object that comes back for a video, also for one in the trash, is not late.
    """
    committed = ReadSet(entry_id=EntryId.commit(parts.file_id, found.generation))
    if (await services.books.read(parts.uid, committed)).entry is not None:
        return Finished(verdict=Verdict.DUPLICATE)
    if await restore_object(services, parts, found, audit=event):
        return Finished(verdict=Verdict.RESTORED)
    if await settle_late_object(services, parts, found, audit=event):
        _log.warning("object %s#%d arrived too late", found.name, found.generation)
    else:  # written with other rights to the bucket
        _log.warning("removing object %s#%d: no upload ever had a right to it", found.name, found.generation)
        await services.media.remove(found.name, found.generation)
    return Finished(verdict=Verdict.REMOVED, reason=LATE)


async def _replace(services: Services, found: StoredObject, upload_id: str, reason: str) -> Finished:
    _log.warning("replacing object %s#%d: %s", found.name, found.generation, reason)
    await replace_object(services, found, upload_id)
    return Finished(verdict=Verdict.REMOVED, reason=reason)
