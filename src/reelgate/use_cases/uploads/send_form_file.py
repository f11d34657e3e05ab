"""Receive a small file through the function (the form upload of video storage): reserve, store and settle in one request."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import Account, OpenUpload
from reelgate.domain.books.upload_states import ReleaseReason, UploadState
from reelgate.domain.files import names
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.books.commit import AuditEvent, CommitServices
from reelgate.use_cases.objects.expire_uploads import release_upload
from reelgate.use_cases.objects.finish_upload import Finished, Verdict, finish_upload
from reelgate.use_cases.uploads.inspect_upload import state_of
from reelgate.use_cases.uploads.start_upload import reserve_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest, check_request, new_upload, require_uploader


class Services(CommitServices, HasFunctionName, HasIds, HasUserLookup, Protocol):
    """What storing a form's file needs."""


@value_type
class StoredForm:
    """The id of the stored file, and its owner's account."""

    file_id: str
    account: Account


async def send_form_file(
    services: Services, caller: Caller, request: UploadRequest, data: BinaryIO, *, audit: AuditEvent | None = None
) -> StoredForm:
    """Store a file of exactly `request.size` bytes and return its id and the account.

    Both this request and the finalize event settle the object; the second one finds it settled. If this request dies, the event
    or the sweep settles it. Sending the same file again with the same idempotency key succeeds.

    Raises as `start_upload`; after an error, nothing stays reserved.
    """
    check_request(request, services.policy, caller)
    await require_uploader(services, caller)
    upload = new_upload(services, caller, request)
    object_name = names.object_name(caller.uid, upload.upload_id, upload.filename)
    try:
        upload, account = await reserve_upload(services, caller, request, upload, audit=audit)
    except errors.UploadFinished:  # the same request was sent before with this key
        return await _stored_before(services, caller, upload)
    try:
        await services.media.put(
            object_name, data, content_type=upload.content_type, size=upload.size, upload_id=upload.upload_id
        )
        finished = await finish_upload(services, object_name)
    except Exception:
        await release_upload(services, caller.uid, upload.upload_id, reason=ReleaseReason.cancelled())
        finished = await finish_upload(services, object_name)
        if not _is_stored(finished):  # unless the event has settled it first
            raise
    if not _is_stored(finished):
        why = finished.reason or finished.verdict.value
        raise errors.Unavailable(f"The file could not be stored ({why}). Send it again.")
    return StoredForm(file_id=upload.upload_id, account=finished.account or account)


def _is_stored(finished: Finished) -> bool:
    return finished.verdict in {Verdict.READY, Verdict.DUPLICATE}


async def _stored_before(services: Services, caller: Caller, upload: OpenUpload) -> StoredForm:
    """Return the file that an earlier request with the same key has stored. Raises UploadFinished if there is none."""
    status = await state_of(services, caller.uid, upload.upload_id)
    account = (await services.books.read(caller.uid, ReadSet())).account
    if status.state != UploadState.READY or account is None:
        raise errors.UploadFinished(
            f"This upload is {status.state}. Start a new one if needed.", hint="Send it with a new Idempotency-Key."
        )
    return StoredForm(file_id=upload.upload_id, account=account)
