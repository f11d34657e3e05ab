"""Grant an upload: reserve its name and bytes, and sign the request that opens a resumable session for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reelgate.domain.books.account import Account, OpenUpload
from reelgate.ports import Caller, HasBucket, HasFunctionName, HasIds, HasSigner, HasUserLookup
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.reserve_upload import reserve_upload
from reelgate.use_cases.uploads.sign_upload import SignedUpload, sign_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest, check_request, new_upload, require_uploader


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasUserLookup, Protocol):
    """What starting an upload needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedUpload:
    """An open upload, the account that includes it, and the request that opens its session."""

    upload: OpenUpload
    account: Account
    signed: SignedUpload


async def start_upload(services: Services, caller: Caller, request: UploadRequest) -> GrantedUpload:
    """Grant an upload and return how to send it.

    It is signed before it is reserved, so that nothing is reserved when this raises, except perhaps after Unavailable, when it
    is unknown whether the books were written. The same request with the same idempotency key returns the same upload with a new
    URL.

    Raises:
        Forbidden, TooLarge, UnsupportedType: see `check_request`.
        InvalidRequest: the name is too long.
        Whatever `reserve_upload` raises.
    """
    check_request(request, services.policy, caller)
    await require_uploader(services, caller)
    upload = new_upload(services, caller, request)
    signed = await sign_upload(services, caller.uid, upload)
    upload, account = await reserve_upload(services, caller, request, upload)
    return GrantedUpload(upload=upload, account=account, signed=signed)
