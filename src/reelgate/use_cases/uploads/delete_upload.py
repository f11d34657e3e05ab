"""Delete an upload in any state: cancel it if it is open, move its file to the trash if it is finished."""

from __future__ import annotations

import contextlib
from typing import Literal, Protocol

from reelgate.domain import errors
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import AuditEvent, CommitServices
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_id


class Services(CommitServices, HasFunctionName, Protocol):
    """What deleting an upload needs."""


async def delete_upload(
    services: Services, caller: Caller, upload_id: str, *, audit: AuditEvent | None = None
) -> Literal["cancelled", "deleted"]:
    """Cancel the upload or move its file to the trash. Nothing changes if it was cancelled, expired or deleted before.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        BooksBusy, Unavailable.
    """
    try:
        await cancel_upload(services, caller, upload_id, audit=audit)
    except errors.UploadFinished:
        with contextlib.suppress(errors.VideoNotFound):  # it was deleted before
            await delete_video(services, caller, by_id(upload_id), audit=audit)
        return "deleted"
    return "cancelled"
