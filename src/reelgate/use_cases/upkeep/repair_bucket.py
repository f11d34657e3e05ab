"""Repair a difference between bucket and books, as the lost event or sweep would have done."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.errors import VideoNotFound
from reelgate.domain.files.names import parse_object_name
from reelgate.domain.videos import trash
from reelgate.domain.videos.bucket_differences import Difference, Kind
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.objects.restore_object import restore_object
from reelgate.use_cases.videos.delete_video import purge_video


class Services(CommitServices, HasFunctionName, Protocol):
    """What repairing the bucket needs."""


async def repair(services: Services, difference: Difference, *, give_up_missing: bool = False) -> str | None:
    """Repair one difference and return what was done, in words; None if an operator must decide.

    Args:
        give_up_missing: also delete and purge videos whose object is gone, as if their owner had deleted them. Use it only if
            the object cannot be restored.

    Raises:
        BooksBusy, Unavailable: nothing is left half-done; a repeated call is safe.
    """
    match difference.kind:
        case Kind.UNSETTLED:
            finished = await finish_upload(services, difference.name)
            return f"settled: {finished.verdict.value}"
        case Kind.ORPHAN:
            return await _remove_orphan(services, difference)
        case Kind.LEFT_PART | Kind.LEFT_PLACEHOLDER:
            await services.media.remove(difference.name, difference.generation)
            return "removed"
        case Kind.EXPIRED:
            await expire_uploads(services, difference.uid)
            return "released"
        case Kind.REPLACED if not difference.trashed:
            return await _accept_generation(services, difference)
        case Kind.MISSING if give_up_missing:
            return await _give_up(services, difference)
        case _:
            return None


async def _remove_orphan(services: Services, difference: Difference) -> str | None:
    finished = await finish_upload(services, difference.name, generation=difference.generation)
    if finished.verdict is not Verdict.DUPLICATE:
        return str(finished.verdict.value)
    # It was a video once. Only a purge removes a video; without a purge entry, the books have lost it.
    purged = ReadSet(entry_id=EntryId.purge(difference.file_id))
    if (await services.books.read(difference.uid, purged)).entry is None:
        return None
    await services.media.remove(difference.name, difference.generation)
    return "removed: it was purged"


async def _accept_generation(services: Services, difference: Difference) -> str | None:
    """Record the new generation if the content is the same. Different content was written by a person, who must decide."""
    parts, found = parse_object_name(difference.name), await services.media.find(difference.name)
    if parts is None or found is None or not await restore_object(services, parts, found):
        return None
    return "accepted as the video again"


async def _give_up(services: Services, difference: Difference) -> str | None:
    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.video is None:
            return None
        return trash.delete(ledger, snapshot.account, snapshot.video)

    if not difference.trashed:
        await commit(services, difference.uid, Transaction(decide, ReadSet(file_id=difference.file_id)))
    try:
        await purge_video(services, difference.uid, difference.file_id)
    except VideoNotFound:
        return None  # its owner has changed it meanwhile
    return "given up: deleted and purged"
