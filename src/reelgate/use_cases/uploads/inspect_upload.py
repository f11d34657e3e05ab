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
    """The chunks of an open upload. `total` is set once its completion has begun, and for an upload that was divided at its
    start: its parts have `part_size`. `received` are the indexes in the bucket,
    None if the bucket was not read.
    """

    total: int | None
    part_size: int | None
    received: Sequence[int] | None


@value_type
class UploadStatus:
    """The current state of an upload. `received_bytes` is None if the client opened the session, because the server does
    not know its URL.

    The size of a chunked upload is the sum of the chunks granted so far; `chunks` is set while it is open. `video` is set while
    the upload is a video that is not in the trash; `reason` says why it was released, and `problem` what is wrong with the
    object, if that was rejected.
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
    problem: str | None = None


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
        return open_status(status.upload, received_bytes=found.size)
    if status.upload.chunked:
        parts = await list_parts(services, caller.uid, upload_id)
        received = sum(part.size for part in parts.values())
        return open_status(status.upload, received_bytes=received, received_chunks=sorted(parts))
    if status.upload.session_url is None:
        return status
    session = await services.media.session_status(status.upload.session_url, size=status.size)
    return open_status(status.upload, received_bytes=session.received_bytes)


async def list_open_uploads(services: Services, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[UploadStatus]:
    """Return the caller's open uploads, oldest first, from the books alone.

    Raises InvalidRequest for a cursor of another list.
    """
    page = await services.books.uploads(caller.uid, limit=limit, cursor=cursor)
    return Page([open_status(upload) for upload in page.items], page.next_cursor)


async def state_of(services: HasBooks, uid: str, upload_id: str) -> UploadStatus:
    """Return an upload's state from the books alone. Raises UploadNotFound."""
    snapshot = await services.books.read(uid, ReadSet(upload_id=upload_id, entry_id=EntryId.reserve(upload_id)))
    if snapshot.upload is not None:
        return open_status(snapshot.upload)
    if snapshot.entry is None:
        raise errors.UploadNotFound("There is no such upload.")
    return await _settled(services, uid, snapshot.entry)


async def finished_video(services: HasBooks, uid: str, upload_id: str) -> Video:
    """Return the video that an upload has become, from the books alone.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        UploadFinished: it was cancelled, rejected or deleted, or has expired.
        Unavailable: it is still open.
    """
    status = await state_of(services, uid, upload_id)
    if status.video is not None:
        return status.video
    if status.state == UploadState.OPEN:
        raise errors.Unavailable("The file could not be stored. Try again.")
    became = "ready, and has been deleted since" if status.state == UploadState.READY else status.state
    why = f" ({status.problem})" if status.state == UploadState.REJECTED else ""
    raise errors.UploadFinished(f"This upload is {became}{why}. Start a new one if needed.")


async def _settled(services: HasBooks, uid: str, granted: Entry) -> UploadStatus:
    """Return the state of an upload that is no longer open: it was released or became a video, and neither is ever undone."""
    upload_id = granted.file_id or ""
    release, seal = EntryId.release(upload_id), EntryId.seal(upload_id)
    snapshot = await services.books.read(uid, ReadSet(entry_ids=(release, seal), file_id=upload_id))
    released = snapshot.entries.get(release)
    why = released.release_reason if released is not None else None
    size = (released or snapshot.entries.get(seal) or granted).size  # a chunked upload is granted before its size is known
    return UploadStatus(
        upload_id=upload_id,
        filename=granted.filename or "",
        size=size,
        state=UploadState.READY if why is None else why.state,
        created_at=granted.at,
        received_bytes=size if released is None else None,
        video=snapshot.video,
        reason=released.reason if released else None,
        problem=why.problem if why else None,
    )


def open_status(
    upload: OpenUpload, *, received_bytes: int | None = None, received_chunks: Sequence[int] | None = None
) -> UploadStatus:
    """Return the state of an open upload, with what the bucket has of it, if it was asked."""
    chunks = ChunksStatus(
        total=upload.sealed_chunks or upload.part_count,
        part_size=upload.part_size,
        received=received_chunks,
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
