"""Write an upload into the books, so that its name and its bytes are promised to it."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.account import Account, OpenUpload
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.ports import Caller, ReadSet, Services, Snapshot
from reelgate.use_cases.books.change_books import change_books
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.objects.open_session import forget_session, open_session
from reelgate.use_cases.uploads.upload_request import UploadRequest

MAX_EXPIRED_AT_ONCE = 10
"""How many expired uploads a request that needs room settles itself; the sweep settles any number."""

# What expired uploads can still be in the way of: bytes, slots and names.
_IN_THE_WAY = (errors.LimitExceeded, errors.TooManyOpenUploads, errors.NameTaken)


async def reserve_upload(
    services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload
) -> tuple[OpenUpload, Account]:
    """Reserve for an upload and return it with the account, or what stands there under the same id.

    Room that only expired uploads still hold is taken back first when it is needed.

    Raises:
        NameTaken, TooManyOpenUploads, StorageLimitExceeded, BandwidthLimitExceeded: the books say no.
        IdempotencyMismatch: the id stands for another request.
        UploadFinished: the id's upload is not open any more.
        BooksBusy, Unavailable: try again.
    """
    try:
        return await _reserve_once(services, caller, request, upload)
    except _IN_THE_WAY:
        if not await expire_uploads(services, caller.uid, at_most=MAX_EXPIRED_AT_ONCE):
            raise
        return await _reserve_once(services, caller, request, upload)


async def _reserve_once(
    services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload
) -> tuple[OpenUpload, Account]:
    wanted = ReadSet(filename=request.filename, entry_id=EntryId.reserve(upload.upload_id) if request.idempotency_key else None)
    if request.opened_by_server:
        upload = await _with_session(services, caller, request, upload, wanted)

    def decide(snapshot: Snapshot) -> Change:
        return _reservation(services, caller, request, upload, snapshot)

    try:
        outcome = await change_books(services, caller.uid, decide, wanted)
    except errors.Unavailable:  # nobody knows whether it was written: if so, its session must live
        raise
    except errors.ReelgateError:
        await forget_session(services, upload)
        raise
    if outcome.change is not None:
        return upload, outcome.change.account
    entry, account = outcome.existing_entry, outcome.snapshot.account
    granted = account.uploads.get(upload.upload_id) if account else None
    if granted is None or granted.session_url != upload.session_url:
        await forget_session(services, upload)
    if entry is not None and entry.fingerprint != request.fingerprint:
        raise errors.IdempotencyMismatch("Use a new Idempotency-Key for every new upload.")
    if account is None or granted is None:
        raise errors.UploadFinished(f"GET /uploads/{upload.upload_id} says what became of it.")
    return granted, account


def _reservation(services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload, snapshot: Snapshot) -> Change:
    ledger = Ledger(services.policy, upload.created_at)
    account = ledger.account_for(snapshot.account, caller.uid, caller.email)
    return ledger.reserve(account, upload, existing=snapshot.video, fingerprint=request.fingerprint)


async def _with_session(
    services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload, wanted: ReadSet
) -> OpenUpload:
    """Open the session before the books are written: a session that nobody was told of can do no harm.

    The books are asked first, so that a refused upload opens nothing.
    """
    snapshot = await services.books.read(caller.uid, wanted)
    if snapshot.entry is not None:
        return upload
    _reservation(services, caller, request, upload, snapshot)
    return await open_session(services, caller.uid, upload, request.origin)
