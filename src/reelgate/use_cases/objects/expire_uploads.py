"""Settle expired uploads: as videos if the bucket has their objects, otherwise by giving back what they had reserved."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files import names
from reelgate.domain.uploads import reservations
from reelgate.ports.books import NotPrepared, ReadSet, Snapshot
from reelgate.ports.runtime import HasFunctionName
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.audit.object_events import upload_expired
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.objects.close_name import close_name
from reelgate.use_cases.objects.compose_upload import compose_upload
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.objects.list_parts import list_parts, remove_parts
from reelgate.use_cases.objects.open_session import forget_session


class Services(CommitServices, HasFunctionName, Protocol):
    """What settling expired uploads needs."""


PAGE = 100
"""How many expired uploads are read at once."""


async def expire_uploads(services: Services, uid: str, *, at_most: int | None = None) -> int:
    """Settle a user's expired uploads, the oldest first. Returns how many are no longer open.

    An object whose event was lost is settled as if the event had arrived. What arrives after the upload was released is refused
    by the bucket, or charged and replaced at its event. A sealed chunked upload is completed.

    Args:
        at_most: how many to settle; None for all.

    Raises:
        BooksBusy, Unavailable: the uploads not settled yet stay open for the next attempt.
    """
    limit = PAGE if at_most is None else at_most
    now, settled = services.now(), 0
    while True:
        expired = await services.books.expired_uploads_of(uid, now, limit=limit)
        done = sum([await settle_expired(services, uid, upload) for upload in expired])
        settled += done
        if at_most is not None or len(expired) < limit or not done:
            return settled


async def settle_expired(services: Services, uid: str, upload: OpenUpload) -> bool:
    """Settle an expired upload as `expire_uploads` does. Returns whether it is no longer open.

    Raises BooksBusy, Unavailable.
    """
    if upload.sealed_chunks is not None:
        await compose_upload(services, uid, upload)
    finished = await finish_upload(services, names.object_name(uid, upload.upload_id, upload.filename))
    settled = finished.verdict not in {Verdict.ABSENT, Verdict.PLACEHOLDER}
    if not settled:
        released = await release_upload(
            services,
            uid,
            upload.upload_id,
            reason=ReleaseReason.expired(),
            due_by=services.now(),
            audit=upload_expired(services, uid, upload.upload_id),
        )
        settled = released is not None
        await forget_session(services, upload)
        if released is not None:
            await close_name(services, uid, released)
    if settled and upload.chunked:
        await remove_parts(services, uid, upload.upload_id)
    return settled


async def release_upload(
    services: Services,
    uid: str,
    upload_id: str,
    *,
    reason: ReleaseReason,
    due_by: datetime | None = None,
    audit: AuditEvent | None = None,
) -> OpenUpload | None:
    """Give back an open upload's bytes and name. Returns it, or None when it was not open. Raises BooksBusy.

    Args:
        due_by: release it only if it expires by then; a chunk may have extended it since it was read.
    """
    transaction = release(services, uid, upload_id, reason=reason, due_by=due_by)
    change = (await commit(services, uid, transaction, audit=audit)).change
    return None if change is None else change.remove_upload


def release(
    services: HasMedia, uid: str, upload_id: str, *, reason: ReleaseReason, due_by: datetime | None = None
) -> Transaction:
    """Return the transaction that gives back an open upload's bytes and name; arguments as of `release_upload`.

    The parts that have arrived of a chunked upload are charged in the same commit.
    """
    arrived: list[StoredObject] | None = None

    async def prepare(snapshot: Snapshot) -> None:
        nonlocal arrived
        if snapshot.upload is not None and snapshot.upload.chunked:
            arrived = list((await list_parts(services, uid, upload_id)).values())

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        upload = snapshot.upload
        if snapshot.account is None or upload is None or (due_by is not None and upload.expires_at > due_by):
            return None
        if upload.chunked and arrived is None:
            raise NotPrepared
        return reservations.release(ledger, snapshot.account, upload, reason=reason, arrived=arrived or ())

    return Transaction(decide, ReadSet(upload_id=upload_id), prepare)
