"""Grant an upload: reserve its name and bytes, and sign the request that opens a resumable session for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import Account, OpenUpload
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.files import names
from reelgate.domain.uploads import reservations
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import HasPolicy, ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock, HasFunctionName, HasIds
from reelgate.ports.storage import HasBucket, HasSigner, UrlToSign
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit, current_ledger
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.objects.open_session import forget_session, open_session
from reelgate.use_cases.uploads.upload_request import UploadRequest, check_request, new_upload, require_uploader

MAX_EXPIRED_AT_ONCE = 10
"""How many expired uploads a request settles at most to free their bytes and names. The sweep settles all."""

# Refusals that may end when expired uploads are settled, because these still hold bytes, slots and names.
_IN_THE_WAY = (errors.LimitExceeded, errors.TooManyOpenUploads, errors.NameTaken)


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasUserLookup, Protocol):
    """What starting an upload needs."""


@value_type
class GrantedUpload:
    """An open upload, the account that includes it, and the request that opens its session, unless only the server may."""

    upload: OpenUpload
    account: Account
    signed: SignedUpload | None


async def start_upload(
    services: Services, caller: Caller, request: UploadRequest, *, audit: AuditEvent | None = None
) -> GrantedUpload:
    """Grant an upload and return how to send it. Where the deployment says so, the server opens the session in any case.

    The URL is signed before the bytes are reserved, so nothing is reserved after an error. The exception is Unavailable: then
    it is unknown whether the books were written. A repeated request with the same idempotency key returns the same upload
    with a new URL.

    Raises:
        Forbidden, TooLarge, UnsupportedType: see `check_request`.
        InvalidRequest: the name is too long.
        All errors of `reserve_upload`.
    """
    check_request(request, services.policy, caller)
    await require_uploader(services, caller)
    if not services.policy.client_sessions:
        request = replace(request, opened_by_server=True)
    upload = new_upload(services, caller, request)
    signed = await sign_upload(services, caller.uid, upload)
    upload, account = await reserve_upload(services, caller, request, upload, audit=audit)
    return GrantedUpload(upload=upload, account=account, signed=signed)


class SigningServices(HasBucket, HasClock, HasPolicy, HasSigner, Protocol):
    """What signing the URL of an upload needs."""


@value_type
class SignedUpload:
    """The request, to be sent exactly so. `url` is a secret until it expires."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    expires_at: datetime


async def sign_upload(services: SigningServices, uid: str, upload: OpenUpload) -> SignedUpload | None:
    """Return the signed request; None if clients open no sessions here.

    The signature covers name, type, length, create-only and the upload's id.

    Raises:
        InvalidRequest: the file's name is too long together with the owner's and the file's id.
        Unavailable: the signer cannot be reached.
    """
    now = services.now()
    object_name = names.object_name(uid, upload.upload_id, upload.filename)
    if not services.policy.client_sessions:
        return None
    headers = {
        "Content-Type": upload.content_type,
        "x-goog-resumable": "start",
        "x-goog-if-generation-match": "0",
        "x-goog-meta-upload-id": upload.upload_id,
        "X-Upload-Content-Length": str(upload.size),
    }
    to_sign = UrlToSign(
        method="POST",
        bucket=services.bucket,
        object_name=object_name,
        expires_seconds=services.policy.upload_url_seconds,
        headers=headers,
    )
    return SignedUpload(
        method=to_sign.method,
        url=await services.signer.signed_url(to_sign, now=now),
        headers=headers,
        expires_at=now + timedelta(seconds=to_sign.expires_seconds),
    )


class ReservingServices(CommitServices, HasFunctionName, Protocol):
    """What reserving an upload needs."""


async def reserve_upload(
    services: ReservingServices,
    caller: Caller,
    request: UploadRequest,
    upload: OpenUpload,
    *,
    audit: AuditEvent | None = None,
) -> tuple[OpenUpload, Account]:
    """Grant an upload and return it with the account. If its id was granted before, return that open upload.

    If it is refused because of expired uploads, these are settled and it is tried once more.

    Raises:
        NameTaken, TooManyOpenUploads, TooManyRejected, StorageLimitExceeded, BandwidthLimitExceeded, AccountDisabled: it is
            not granted.
        IdempotencyMismatch: the id was used for a different request.
        UploadFinished: the upload with this id is no longer open.
        BooksBusy, Unavailable: retryable.
    """
    try:
        return await _reserve_once(services, caller, request, upload, audit)
    except _IN_THE_WAY:
        if not await expire_uploads(services, caller.uid, at_most=MAX_EXPIRED_AT_ONCE):
            raise
        return await _reserve_once(services, caller, request, upload, audit)


async def _reserve_once(
    services: ReservingServices, caller: Caller, request: UploadRequest, upload: OpenUpload, audit: AuditEvent | None
) -> tuple[OpenUpload, Account]:
    if request.opened_by_server:
        upload = await _with_session(services, caller, request, upload)
    try:
        result = await commit(services, caller.uid, reservation(caller, request, upload), audit=audit)
    except errors.Unavailable:  # the upload may have been written, so its session must stay open
        raise
    except errors.ReelgateError:
        await forget_session(services, upload)
        raise
    if result.change is not None:
        return upload, result.change.account
    entry, account, granted = result.existing_entry, result.snapshot.account, result.snapshot.upload
    if granted is None or granted.session_url != upload.session_url:
        await forget_session(services, upload)
    if entry is not None and entry.fingerprint != request.fingerprint:
        raise errors.IdempotencyMismatch("This upload was already started, for another file.")
    if account is None or granted is None:
        raise errors.UploadFinished(
            "This upload is already finished.", hint=f"GET /v1/uploads/{upload.upload_id} shows its outcome."
        )
    if audit is not None and granted.chunked:  # nothing new is handed out
        audit.recorded = True
    return granted, account


def reservation(caller: Caller, request: UploadRequest, upload: OpenUpload) -> Transaction:
    """Return the transaction that grants an upload. With an idempotency key, a repeated request finds the earlier grant."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        then = replace(ledger, now=upload.created_at)  # so that entry and upload have the same instant, however often this runs
        account = then.account_for(snapshot.account, caller.uid, caller.email, email_verified=caller.email_verified)
        return reservations.reserve(
            then, account, upload, existing=snapshot.video or snapshot.claim, fingerprint=request.fingerprint
        )

    if not request.idempotency_key:  # the id is new
        return Transaction(decide, ReadSet(filename=upload.filename))
    entry_id = EntryId.reserve(upload.upload_id)
    return Transaction(decide, ReadSet(filename=upload.filename, upload_id=upload.upload_id, entry_id=entry_id))


async def _with_session(services: ReservingServices, caller: Caller, request: UploadRequest, upload: OpenUpload) -> OpenUpload:
    """Open the session before the books are written: no client knows its URL yet, so it does no harm.

    The decision is made once beforehand, so that no session is opened for a refused upload.
    """
    transaction = reservation(caller, request, upload)
    snapshot = await services.books.read(caller.uid, transaction.reads)
    if snapshot.entry is not None:
        return upload
    transaction.decide(current_ledger(services), snapshot)
    return await open_session(services, caller.uid, upload, request.origin)
