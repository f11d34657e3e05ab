"""Cancel an open upload: its bytes and its name are free at once, and the bucket refuses what is sent later."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.upload_states import ReleaseReason, UploadState
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import AuditEvent, CommitServices
from reelgate.use_cases.objects.close_name import close_name
from reelgate.use_cases.objects.expire_uploads import release_upload
from reelgate.use_cases.objects.list_parts import remove_parts
from reelgate.use_cases.objects.open_session import forget_session
from reelgate.use_cases.uploads.inspect_upload import state_of


class Services(CommitServices, HasFunctionName, Protocol):
    """What cancelling an upload needs."""


async def cancel_upload(
    services: Services, caller: Caller, upload_id: str, *, audit: AuditEvent | None = None
) -> OpenUpload | None:
    """Cancel an upload and return it as it was; None if it was already cancelled, rejected or expired.

    What has arrived of it is charged to the day. The books are written first, so that an object that arrives afterwards belongs
    to no open upload: its name is closed, or it is charged and replaced.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        UploadFinished: it has become a video; delete the video instead.
        BooksBusy, Unavailable.
    """
    upload = await release_upload(services, caller.uid, upload_id, reason=ReleaseReason.cancelled(), audit=audit)
    if upload is None:
        if (await state_of(services, caller.uid, upload_id)).state == UploadState.READY:
            raise errors.UploadFinished(
                "This upload is finished and has become a video. Delete the video instead.",
                hint=f"DELETE /v1/videos/{upload_id}",
            )
        return None
    await forget_session(services, upload)
    await close_name(services, caller.uid, upload)
    if upload.chunked:
        await remove_parts(services, caller.uid, upload_id)
    return upload
