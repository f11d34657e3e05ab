"""Let a client continue an open upload: with a new signed URL, or with the session that the server opened."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.uploads import reservations
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasIds
from reelgate.ports.storage import HasBucket, HasSigner
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.objects.open_session import forget_session, open_session
from reelgate.use_cases.uploads.inspect_upload import state_of
from reelgate.use_cases.uploads.start_upload import GrantedUpload, sign_upload
from reelgate.use_cases.uploads.upload_request import require_uploader


class Services(CommitServices, HasBucket, HasIds, HasSigner, HasUserLookup, Protocol):
    """What resuming an upload needs."""


async def resume_upload(
    services: Services,
    caller: Caller,
    upload_id: str,
    *,
    origin: str | None = None,
    audit: PendingEvent | None = None,
) -> GrantedUpload:
    """Return how to continue an open upload. If the server opened its session and the session has ended, it gets a new one.

    Raises:
        Forbidden, AccountDisabled: the caller's role or account no longer gets grants.
        UploadNotFound: the caller never had an upload with this id.
        UploadFinished: it is no longer open.
        UploadIsChunked: it has no session.
        BooksBusy, Unavailable.
    """
    snapshot = await services.books.read(caller.uid, ReadSet(upload_id=upload_id))
    account, upload = snapshot.account, snapshot.upload
    if account is None or upload is None:
        status = await state_of(services, caller.uid, upload_id)
        raise errors.UploadFinished(f"This upload is {status.state}. Start a new one if needed.")
    if upload.chunked:
        raise errors.UploadIsChunked(
            "This upload sends the file in parts. Send those that are missing.",
            hint=f"GET /v1/uploads/{upload_id} says which parts have arrived; POST /v1/uploads/{upload_id}/parts signs others.",
        )
    await require_uploader(services, caller)
    account.require_enabled()
    signed = await sign_upload(services, caller.uid, upload)
    if upload.session_url is None and signed is None:  # it was granted when clients could still open sessions
        upload = await _renew_session(services, caller, upload, origin, audit)
    elif upload.session_url is not None:
        session = await services.media.session_status(upload.session_url, size=upload.size)
        if not session.alive:
            upload = await _renew_session(services, caller, upload, origin, audit)
    return GrantedUpload(upload=upload, account=account, signed=signed)


async def _renew_session(
    services: Services, caller: Caller, upload: OpenUpload, origin: str | None, audit: PendingEvent | None
) -> OpenUpload:
    renewed = await open_session(services, caller.uid, upload, origin)
    if audit is not None:
        audit.note(file_id=upload.upload_id, filename=upload.filename, size=upload.size)
    try:
        await commit(services, caller.uid, session_renewal(renewed), audit=audit)
    except errors.UploadFinished:
        await forget_session(services, renewed)
        raise
    return renewed


def session_renewal(renewed: OpenUpload) -> Transaction:
    """Return the transaction that gives an open upload a new session. Raises UploadFinished."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        if snapshot.account is None or snapshot.upload is None:
            raise errors.UploadFinished("This upload has been finished meanwhile.")
        return reservations.renew_session(ledger, snapshot.account, renewed)

    return Transaction(decide, ReadSet(upload_id=renewed.upload_id))
