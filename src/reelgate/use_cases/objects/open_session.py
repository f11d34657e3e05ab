"""Open an upload's resumable session on the client's behalf, and cancel a session that must no longer be used."""

from __future__ import annotations

import logging
from dataclasses import replace

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.files import names
from reelgate.ports.storage import HasMedia

_log = logging.getLogger(__name__)


async def open_session(services: HasMedia, uid: str, upload: OpenUpload, origin: str | None) -> OpenUpload:
    """Return the upload with a new session, which accepts only the granted size, type and checksum. Raises Unavailable."""
    url = await services.media.open_session(
        names.object_name(uid, upload.upload_id, upload.filename),
        content_type=upload.content_type,
        size=upload.size,
        crc32c=upload.crc32c,
        upload_id=upload.upload_id,
        origin=origin,
    )
    return replace(upload, session_url=url)


async def forget_session(services: HasMedia, upload: OpenUpload) -> None:
    """Cancel an upload's session, if the server opened one. Never raises.

    A session that cannot be cancelled does no harm: what it writes belongs to no open upload and is removed.
    """
    if upload.session_url is None:
        return
    try:
        await services.media.cancel_session(upload.session_url)
    except Exception as error:
        _log.warning("the session of upload %s was not cancelled: %s", upload.upload_id, type(error).__name__)
