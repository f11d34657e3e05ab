"""Return the state of an upload, from the books and the bucket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.entries import Entry, EntryId
from reelgate.domain.books.upload_states import UploadState
from reelgate.domain.books.video import Video
from reelgate.domain.files import names
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, Page, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.objects.list_parts import list_parts


class Services(HasBooks, HasMedia, Protocol):
    """What inspecting uploads needs."""


@value_type
class ChunksStatus:
    """The chunks of an open upload. `total` is set once its completion has begun; `received` are the indexes in the bucket,
    None if the bucket was not read.
    """

    main_service_file_id: int | str | None
    total: int | None
    received: Sequence[int] | None


@value_type
class UploadStatus:
    """The current state of an upload. `received_bytes` is None if the client opened the session, because the server does
    not know its URL.

    The size of a chunked upload is the sum of the chunks granted so far; `chunks` is set while it is open. `video` is set while
    the upload is a video that is not in the trash; `reason` says why it was released.
    """

    upload_id: str
    filename: str
    size: int
    state: UploadState
    created_at: datetime
    upload: OpenUpload | None = None
    received_bytes: int | None = None
    chunks: ChunksStatus | None = None
    video: Video | None = None
    reason: str | None = None


async def inspect_upload(services: Services, caller: Caller, upload_id: str) -> UploadStatus:
    """Return an upload's state and, while it is open, how many of its bytes the bucket has.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        Unavailable: the bucket could not be reached.
    """
    status = await state_of(services, caller.uid, upload_id)
    if status.upload is None:
        return status
    found = await services.media.find(names.object_name(caller.uid, upload_id, status.filename))
    if found is not None:  # the object has arrived, but its event has not
        return _open(status.upload, received_bytes=found.size)
    if status.upload.chunked:
        parts = await list_parts(services, caller.uid, upload_id)
        received = sum(part.size for part in parts.values())
        return _open(status.upload, received_bytes=received, received_chunks=sorted(parts))
    if status.upload.session_url is None:
        return status
    session = await services.media.session_status(status.upload.session_url, size=status.size)
    return _open(status.upload, received_bytes=session.received_bytes)


async def list_open_uploads(services: Services, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[UploadStatus]:
    """Return the caller's open uploads, oldest first, from the books alone.

    Raises InvalidRequest for a cursor of another list.
    """
    page = await services.books.uploads(caller.uid, limit=limit, cursor=cursor)
    return Page([_open(upload) for upload in page.items], page.next_cursor)


async def state_of(services: Services, uid: str, upload_id: str) -> UploadStatus:
    """Return an upload's state from the books alone. Raises UploadNotFound."""
    snapshot = await services.books.read(uid, ReadSet(upload_id=upload_id, entry_id=EntryId.reserve(upload_id)))
    if snapshot.upload is not None:
        return _open(snapshot.upload)
    if snapshot.entry is None:
        raise errors.UploadNotFound("No upload of yours has this id.")
    return await _settled(services, uid, snapshot.entry)


async def _settled(services: Services, uid: str, granted: Entry) -> UploadStatus:
    """Return the state of an upload that is no longer open: it was released or became a video, and neither is ever undone."""
    upload_id = granted.file_id or ""
    release, seal = EntryId.release(upload_id), EntryId.seal(upload_id)
    snapshot = await services.books.read(uid, ReadSet(entry_ids=(release, seal), filename=granted.filename))
    released, video = snapshot.entries.get(release), snapshot.video
    size = (released or snapshot.entries.get(seal) or granted).size  # a chunked upload is granted before its size is known
    return UploadStatus(
        upload_id=upload_id,
        filename=granted.filename or "",
        size=size,
        state=_state(released),
        created_at=granted.at,
        received_bytes=size if released is None else None,
        video=video if video is not None and video.file_id == granted.file_id else None,
        reason=released.reason if released else None,
    )


def _state(released: Entry | None) -> UploadState:
    reason = released.release_reason if released is not None else None
    return UploadState.READY if reason is None else reason.state


def _open(
    upload: OpenUpload, *, received_bytes: int | None = None, received_chunks: Sequence[int] | None = None
) -> UploadStatus:
    chunks = ChunksStatus(
        main_service_file_id=upload.main_service_file_id, total=upload.sealed_chunks, received=received_chunks
    )
    return UploadStatus(
        upload_id=upload.upload_id,
        filename=upload.filename,
        size=upload.size,
        state=UploadState.OPEN,
        created_at=upload.created_at,
        upload=upload,
        received_bytes=received_bytes,
        chunks=chunks if upload.chunked else None,
    )
