"""Start an upload of unknown size: its name is reserved now, its bytes with each chunk."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.files import names
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.books.commit import AuditEvent, CommitServices
from reelgate.use_cases.uploads.start_upload import reserve_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest, check_request, new_upload, require_uploader


class Services(CommitServices, HasFunctionName, HasIds, HasUserLookup, Protocol):
    """What starting a chunked upload needs."""


async def start_chunked_upload(
    services: Services, caller: Caller, request: UploadRequest, *, audit: AuditEvent | None = None
) -> OpenUpload:
    """Return the open upload. A repeated request with the same idempotency key returns the same upload while it is open.

    Raises:
        Forbidden, UnsupportedType: see `check_request`.
        InvalidRequest: the name is too long.
        All errors of `reserve_upload`.
    """
    check_request(request, services.policy, caller)
    await require_uploader(services, caller)
    upload = new_upload(services, caller, request)
    names.object_name(caller.uid, upload.upload_id, upload.filename)
    upload, _ = await reserve_upload(services, caller, request, upload, audit=audit)
    return upload
