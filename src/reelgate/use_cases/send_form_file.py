"""Take a small file through the function itself (seed 000's form upload): reserve, store, settle, in one request."""

from __future__ import annotations

from typing import BinaryIO

from reelgate.domain import errors, names
from reelgate.domain.account import Account
from reelgate.ports import Caller, Services
from reelgate.use_cases.expire_uploads import release_upload
from reelgate.use_cases.finish_upload import Verdict, finish_upload
from reelgate.use_cases.start_upload import UploadRequest, check_request, new_upload, reserve


async def send_form_file(services: Services, caller: Caller, request: UploadRequest, data: BinaryIO) -> Account:
    """Store a file of exactly `request.size` bytes and return the account with it.

    The object is announced by an event like any other; whoever settles it first, the other finds it done. When this dies
    half-way, the event or the sweep settles it.

    Raises as `start_upload`; nothing stays reserved then.
    """
    check_request(request, services.policy, caller)
    upload = new_upload(services, caller, request)
    object_name = names.object_name(caller.uid, upload.upload_id, upload.filename)
    upload, account = await reserve(services, caller, request, upload)
    try:
        await services.media.put(
            object_name, data, content_type=upload.content_type, size=upload.size, upload_id=upload.upload_id
        )
        finished = await finish_upload(services, object_name)
    except errors.Unavailable:
        await release_upload(services, caller.uid, upload.upload_id, reason="cancelled")
        await finish_upload(services, object_name)
        raise
    if finished.verdict is Verdict.READY and finished.account is not None:
        return finished.account
    if finished.verdict is Verdict.DUPLICATE:
        return account
    raise errors.Unavailable(f"The file could not be stored ({finished.reason or finished.verdict.value}). Send it again.")
