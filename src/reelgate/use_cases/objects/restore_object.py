"""Give a video its object back after an operator has restored a lost one.

An object that is restored after a soft delete, or copied back from a backup, is a new generation, and its event looks like any
other (Cloud Storage docs, "Soft delete"; "Pub/Sub notifications").
"""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.names import ObjectName
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit


async def restore_object(
    services: CommitServices, parts: ObjectName, found: StoredObject, *, audit: AuditEvent | None = None
) -> bool:
    """Return whether an object without an open upload has the name and the content of a video, ready or in the trash.

    The new generation is recorded with a ready video. For one in the trash nothing is written: its purge removes the
    generation that the books have, and the comparison of bucket and books finds the new one. Raises BooksBusy, Unavailable.
    """
    snapshot = (await commit(services, parts.uid, new_generation(parts, found), audit=audit)).snapshot
    return any(known is not None and known.same_content(found) for known in (snapshot.video, snapshot.trashed))


def new_generation(parts: ObjectName, found: StoredObject) -> Transaction:
    """Return the transaction that records an object's generation with its video, if there is one of the same content."""

    def decide(_: Ledger, snapshot: Snapshot) -> Change | None:
        video = snapshot.video
        if snapshot.account is None or video is None or not video.same_content(found) or video.generation == found.generation:
            return None
        return Change(account=snapshot.account, replace_video=replace(video, generation=found.generation))

    return Transaction(decide, ReadSet(file_id=parts.file_id, trashed_file_id=parts.file_id))
