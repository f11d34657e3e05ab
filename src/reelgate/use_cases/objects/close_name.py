"""Make the grant of a released upload useless."""

from __future__ import annotations

import logging
from typing import Protocol

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.files import names
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.objects.finish_upload import finish_upload


class Services(CommitServices, HasFunctionName, Protocol):
    """What closing a name needs."""


_log = logging.getLogger(__name__)


async def close_name(services: Services, uid: str, upload: OpenUpload) -> None:
    """Put a placeholder under the name of a released upload's object, so that create-only refuses all its sessions and URLs.

    What has just arrived under the name is settled. Never raises: if this fails, what arrives later is charged and replaced at
    its own event. An upload in parts has no grant for the whole.
    """
    if upload.chunked:
        return
    name = names.object_name(uid, upload.upload_id, upload.filename)
    try:
        if not await services.media.put_placeholder(name, generation=0, upload_id=upload.upload_id):
            await finish_upload(services, name)
    except Exception as error:  # the upload is settled: an error here would look as if it were not
        _log.warning("the name of upload %s was not closed: %s", upload.upload_id, type(error).__name__)
