"""An object has appeared in the bucket: turn the grant into a video, or the object into nothing.

The event is only a hint; what counts is what the bucket has. So duplicates, late and forged events change nothing, and the
sweep can ask the same question when an event was lost.
"""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import EntryId, EntryKind
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files import names
from reelgate.domain.files.names import ObjectName
from reelgate.domain.files.part_names import parse_part_name
from reelgate.ports import HasFunctionName, ReadSet, Snapshot
from reelgate.use_cases.audit.publish_upload_events import publish_object_event
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.objects.restore_object import restore_object


class Services(CommitServices, HasFunctionName, Protocol):
    """What finishing an upload needs."""


_log = logging.getLogger(__name__)


class Verdict(enum.Enum):
    """What an object turned out to be."""

    READY = "ready"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    REMOVED = "removed"
    FOREIGN = "foreign"
    ABSENT = "absent"
    STALE = "stale"
    RESTORED = "restored"
    PART = "part"


# A duplicate is told again: the first time may have died before it was. It is the same action in the audit log.
_TOLD = {
    Verdict.READY: "upload.finished",
    Verdict.DUPLICATE: "upload.finished",
    Verdict.REJECTED: "upload.rejected",
    Verdict.REMOVED: "object.removed",
    Verdict.RESTORED: "object.restored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
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
        generation: the one an event speaks of; an event about another than the live one is stale, the live one has (had)
            its own. None asks about whatever is there.

    Raises:
        BooksBusy, Unavailable: nothing is half-done; the same call again is safe and will finish it.
    """
    if parse_part_name(object_name) is not None:  # of a chunked upload, whose completion asks for the whole
        return Finished(verdict=Verdict.PART)
    parts = names.parse_object_name(object_name)
    if parts is None:  # no name that this store grants: only somebody with rights of their own to the bucket can have put it
        _log.warning("object %s is none of this store's and is left alone", object_name)
        return Finished(verdict=Verdict.FOREIGN)
    found = await services.media.find(object_name)
    if found is None:
        return Finished(verdict=Verdict.ABSENT)
    if generation is not None and generation != found.generation:
        return Finished(verdict=Verdict.STALE)
    found = await _as_granted(services, parts, found)
    if found is None:
        return Finished(verdict=Verdict.ABSENT)
    finished = await _settle(services, parts, found)
    # The name of the action says already that an upload was rejected.
    reason = finished.released.problem if finished.released else finished.reason
    await publish_object_event(services, _TOLD[finished.verdict], parts, found, reason=reason)
    return finished


async def _as_granted(services: Services, parts: ObjectName, found: StoredObject) -> StoredObject | None:
    """Return the object without settings that were never granted; None when it is gone meanwhile.

    They go before the books hear of the object, so nobody ever gets a URL to it with them. A crash in between leaves an
    object that the next event, or the sweep, finds as it should be.
    """
    unasked = found.unasked_settings(parts.file_id)
    if not unasked:
        return found
    _log.info("object %s#%d: taking away what nobody granted: %s", found.name, found.generation, ", ".join(unasked)[:200])
    return await services.media.reset(found, upload_id=parts.file_id)


async def _settle(services: Services, parts: ObjectName, found: StoredObject) -> Finished:
    result = await commit(services, parts.uid, settlement(parts, found))
    if result.existing_entry is not None and result.existing_entry.kind == EntryKind.COMMIT:
        return Finished(verdict=Verdict.DUPLICATE)
    if result.change is None:  # no grant, or one that somebody else has just taken back
        return await _without_grant(services, parts, found)
    if result.change.put_video is None:
        released = result.change.entry.release_reason if result.change.entry else None
        _log.warning("upload %s is %s", parts.file_id, released)
        return Finished(verdict=Verdict.REJECTED, released=released, reason=str(released))
    return Finished(verdict=Verdict.READY, video=result.change.put_video, account=result.change.account)


def settlement(parts: ObjectName, found: StoredObject) -> Transaction:
    """Return the transaction that makes an object a video, or rejects it. It writes nothing when no such upload is open."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        upload = snapshot.account.uploads.get(parts.file_id) if snapshot.account else None
        if snapshot.account is None or upload is None or upload.filename != parts.filename:
            return None
        return ledger.commit(snapshot.account, upload, found)

    return Transaction(decide)


async def _without_grant(services: Services, parts: ObjectName, found: StoredObject) -> Finished:
    """Tell a duplicate event from an object without a right to exist. A grant once gone never comes back, so no race."""
    committed = ReadSet(entry_id=EntryId.commit(parts.file_id, found.generation))
    if (await services.books.read(parts.uid, committed)).entry is not None:
        return Finished(verdict=Verdict.DUPLICATE)
    if await restore_object(services, parts, found):
        return Finished(verdict=Verdict.RESTORED)
    return await _remove(services, found, "no open upload has a right to it")


async def _remove(services: Services, found: StoredObject, reason: str) -> Finished:
    _log.warning("removing object %s#%d: %s", found.name, found.generation, reason)
    await services.media.remove(found.name, found.generation)
    return Finished(verdict=Verdict.REMOVED, reason=reason)
