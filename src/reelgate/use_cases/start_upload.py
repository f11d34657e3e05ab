"""Grant an upload: promise name and bytes, and hand out a signed URL that opens a resumable session for exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reelgate.domain import errors, names
from reelgate.domain.account import Account, OpenUpload
from reelgate.domain.ledger import Change, Ledger
from reelgate.domain.policy import Policy
from reelgate.ports import Caller, Services, UrlToSign, View, Wanted
from reelgate.use_cases.deliver_outbox import deliver
from reelgate.use_cases.expire_uploads import expire_uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """What a client asks for, checked. Sizes in bytes; `opened_by_server` asks for a session instead of a signed POST.

    `origin` is the browser's, which the bucket remembers for a session that the server opens.
    """

    filename: str
    size: int
    content_type: str
    crc32c: str | None = None
    title: str | None = None
    opened_by_server: bool = False
    origin: str | None = None
    idempotency_key: str | None = None

    @property
    def fingerprint(self) -> str:
        """Stands for the request's content, to tell a repeated request from another one under the same key."""
        content = [self.filename, self.size, self.content_type, self.crc32c, self.title, self.opened_by_server]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedUpload:
    """An open upload and how to send its bytes: the exact request that opens the session.

    `account` is as it stands with this upload granted. `upload_url` and the upload's `session_url` are secrets.
    """

    upload: OpenUpload
    account: Account
    method: str
    upload_url: str = field(repr=False)
    headers: Mapping[str, str]
    url_expires_at: datetime


def check_request(request: UploadRequest, policy: Policy, caller: Caller) -> None:
    """Raise what this deployment has against an upload, whatever the account says.

    Raises:
        Forbidden: uploads are not for this role.
        TooLarge: one file may not be that large.
        UnsupportedType: this content type is not stored.
    """
    if caller.role not in policy.upload_roles:
        raise errors.Forbidden(f"Uploads are allowed for: {', '.join(sorted(policy.upload_roles))}.")
    check_size(request.size, policy)
    if not policy.takes(request.content_type):
        raise errors.UnsupportedType(f"'{request.content_type}' is not stored here; {', '.join(policy.content_types)} are.")


def check_size(size: int, policy: Policy) -> None:
    """Raise TooLarge when no file of this deployment may have that many bytes."""
    if size > policy.max_file_bytes:
        limit = policy.max_file_bytes
        raise errors.TooLarge(f"A file may have at most {limit} bytes.", limit=limit, requested=size)


async def start_upload(services: Services, caller: Caller, request: UploadRequest) -> GrantedUpload:
    """Grant an upload and return how to send it. Nothing is reserved when this raises.

    Asking again with the same idempotency key returns the same upload with a fresh URL.

    Raises:
        Forbidden, TooLarge, UnsupportedType: see `check_request`.
        NameTaken, TooManyOpenUploads, StorageLimitExceeded, BandwidthLimitExceeded: the books say no.
        IdempotencyMismatch: the key was used for another request.
        UploadFinished: the key's upload is not open any more.
        BooksBusy, Unavailable: try again.
    """
    check_request(request, services.policy, caller)
    upload = new_upload(services, caller, request)
    names.object_name(caller.uid, upload.upload_id, upload.filename)  # refuses names that are too long together
    upload, account = await reserve(services, caller, request, upload)
    return await grant(services, caller.uid, upload, account)


async def reserve(services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload) -> tuple[OpenUpload, Account]:
    """Write an upload into the books and return it with the account, or what stands there under the same id.

    Room that only expired uploads still hold is taken back first when it is needed. Raises as `start_upload`.
    """
    try:
        return await _reserve_once(services, caller, request, upload)
    except errors.LimitExceeded:
        if not await expire_uploads(services, caller.uid):
            raise
        return await _reserve_once(services, caller, request, upload)


async def grant(services: Services, uid: str, upload: OpenUpload, account: Account) -> GrantedUpload:
    """Return the signed request that opens the session of an open upload. The signature binds all it may write.

    Raises Unavailable when the signer cannot be reached.
    """
    policy, now = services.policy, services.now()
    seconds = policy.upload_url_seconds
    headers = {
        "Content-Type": upload.content_type,
        "x-goog-resumable": "start",
        "x-goog-if-generation-match": "0",
        "x-goog-meta-upload-id": upload.upload_id,
    }
    wanted = UrlToSign(
        method="POST",
        bucket=services.bucket,
        object_name=names.object_name(uid, upload.upload_id, upload.filename),
        expires_seconds=seconds,
        headers=headers,
    )
    return GrantedUpload(
        upload=upload,
        account=account,
        method="POST",
        upload_url=await services.signer.signed_url(wanted, now=now),
        headers=headers,
        url_expires_at=now + timedelta(seconds=seconds),
    )


async def _reserve_once(
    services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload
) -> tuple[OpenUpload, Account]:
    wanted = Wanted(filename=request.filename, entry_id=f"reserve:{upload.upload_id}" if request.idempotency_key else None)
    if request.opened_by_server and upload.session_url is None:
        upload = await _with_session(services, caller, request, upload, wanted)

    def decide(view: View) -> Change:
        ledger = Ledger(services.policy, upload.created_at)
        account = view.account or ledger.open_account(caller.uid, caller.email)
        return ledger.reserve(account, upload, existing=view.video, fingerprint=request.fingerprint)

    try:
        outcome = await services.books.change(caller.uid, decide, wanted)
    except errors.ReelgateError:
        await _forget_session(services, upload)
        raise
    if outcome.change is not None:
        await deliver(services, outcome.change)
        return upload, outcome.change.account
    entry, account = outcome.already, outcome.view.account
    granted = account.uploads.get(upload.upload_id) if account else None
    if granted is None or granted.session_url != upload.session_url:
        await _forget_session(services, upload)
    if entry is not None and entry.fingerprint != request.fingerprint:
        raise errors.IdempotencyMismatch("Use a new Idempotency-Key for every new upload.")
    if account is None or granted is None:
        raise errors.UploadFinished(f"GET /uploads/{upload.upload_id} says what became of it.")
    return granted, account


async def _with_session(
    services: Services, caller: Caller, request: UploadRequest, upload: OpenUpload, wanted: Wanted
) -> OpenUpload:
    """Open the session before the books are written: a session that nobody was told of can do no harm.

    The books are asked first, so that a refused upload opens nothing.
    """
    view = await services.books.view(caller.uid, wanted)
    if view.entry is not None:
        return upload
    ledger = Ledger(services.policy, services.now())
    account = view.account or ledger.open_account(caller.uid, caller.email)
    ledger.reserve(account, upload, existing=view.video, fingerprint=request.fingerprint)
    return await open_session(services, caller.uid, upload, request.origin)


async def open_session(services: Services, uid: str, upload: OpenUpload, origin: str | None) -> OpenUpload:
    """Return the upload with a new session of its own, pinned to what was granted. Raises Unavailable."""
    url = await services.media.open_session(
        names.object_name(uid, upload.upload_id, upload.filename),
        content_type=upload.content_type,
        size=upload.size,
        crc32c=upload.crc32c,
        upload_id=upload.upload_id,
        origin=origin,
    )
    return replace(upload, session_url=url)


async def _forget_session(services: Services, upload: OpenUpload) -> None:
    if upload.session_url is not None:
        await services.media.cancel_session(upload.session_url)


def new_upload(services: Services, caller: Caller, request: UploadRequest) -> OpenUpload:
    """Return the upload to be granted. With an idempotency key its id follows from caller and key."""
    now = services.now()
    if request.idempotency_key:
        upload_id = hashlib.sha256(f"{caller.uid}\0{request.idempotency_key}".encode()).hexdigest()[:32]
    else:
        upload_id = services.new_id()
    return OpenUpload(
        upload_id=upload_id,
        filename=request.filename,
        size=request.size,
        content_type=request.content_type,
        crc32c=request.crc32c,
        title=request.title,
        created_at=now,
        expires_at=now + timedelta(seconds=services.policy.upload_expiry_seconds),
    )
