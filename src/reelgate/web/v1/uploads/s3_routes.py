"""S3-shaped routes of the `upload` function, for Uppy (docs/adr/0045-s3-door.md): four of the five calls of a multipart upload.

The fifth is a part: it goes straight to the bucket, by the request of `POST /v1/uploads/{upload_id}/parts`.
"""

from __future__ import annotations

from typing import Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.chunks.list_upload_parts import list_upload_parts
from reelgate.use_cases.uploads.chunks.settle_upload import settle_upload
from reelgate.use_cases.uploads.chunks.start_chunked_upload import start_chunked_upload
from reelgate.web.http.answers.xml_answers import MEDIA_TYPE
from reelgate.web.http.bodies import bounded
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import v1
from reelgate.web.v1.uploads.s3_shapes import NewMultipartUpload, completed, initiated, listed
from reelgate.web.v1.uploads.upload_routes import LIMITS, NEW_UPLOAD_REFUSALS, upload_request
from reelgate.web.v1.uploads.upload_shapes import NewUpload

MAX_COMPLETION_BYTES = 2 * 1024 * 1024
"""The list of 10,000 parts with their ETags is half as long."""


class Services(CommitServices, HasFunctionName, HasIds, HasUserLookup, Protocol):
    """What these routes need."""


async def create_multipart_upload(call: Call[Services], wanted: NewMultipartUpload) -> Response:
    """Start an upload in parts, for clients that speak S3.

    S3's CreateMultipartUpload. Name and bytes are reserved as by `POST /v1/uploads` with `"start": "parts"`; with the same
    `Idempotency-Key` and the same file, both return the same upload. `UploadId` is the `upload_id`, and so is `Key`.
    """
    request = upload_request(
        call,
        NewUpload(
            filename=wanted.filename,
            size=wanted.size,
            content_type=wanted.content_type,
            title=wanted.title,
            start="parts",
            part_size=wanted.part_size,
        ),
    )
    call.note(filename=request.filename, size=request.size, content_type=request.content_type)
    upload = await start_chunked_upload(call.services, call.caller, request, audit=call.audit)
    call.note(file_id=upload.upload_id)
    return initiated(upload.upload_id)


async def list_multipart_parts(call: Call[Services]) -> Response:
    """List the parts that need not be sent again, for clients that speak S3.

    S3's ListParts, in one page. Part numbers are the indexes and 1. An upload that has become a video has all parts, so that
    who missed the answer to its completion can complete it again.
    """
    upload_id = _upload_id(call)
    return listed(upload_id, await list_upload_parts(call.services, call.caller, upload_id))


async def complete_multipart_upload(call: Call[Services]) -> Response:
    """Join the parts of an upload, for clients that speak S3.

    S3's CompleteMultipartUpload. The body is not read: the file consists of all its parts, which have the sizes that were
    agreed on at the start, and which nobody can replace. `Key` is the `video_id`. Repeating it returns the same.
    """
    upload_id = _upload_id(call)
    call.note(file_id=upload_id)
    await bounded(call.request, MAX_COMPLETION_BYTES).body()
    video = await settle_upload(call.services, call.caller, upload_id, audit=call.audit)
    call.note(filename=video.filename, size=video.size)
    return completed(video)


async def abort_multipart_upload(call: Call[Services]) -> None:
    """Cancel an upload, for clients that speak S3.

    S3's AbortMultipartUpload. Its name and bytes are free at once. Repeating it has no effect. An upload that has become a
    video is not cancelled: delete the video.
    """
    upload_id = _upload_id(call)
    upload = await cancel_upload(call.services, call.caller, upload_id, audit=call.audit)
    released = {"filename": upload.filename, "released": upload.size} if upload else {"released": 0}
    call.note(file_id=upload_id, **released)


def _upload_id(call: Call[Services]) -> str:
    return call.file_id("upload_id", errors.UploadNotFound)


_UPLOADS = "/v1/s3/uploads"
_ONE = f"{_UPLOADS}/{{upload_id}}"
_RESULT = {MEDIA_TYPE: "The result as S3 writes it."}

ROUTES = (
    v1(
        "POST",
        _UPLOADS,
        create_multipart_upload,
        takes=NewMultipartUpload,
        sends="",
        status=200,
        media_types=_RESULT,
        refused_in=MEDIA_TYPE,
        headers={"Idempotency-Key": ""},
        action="upload.granted",
        refuses=NEW_UPLOAD_REFUSALS,
    ),
    v1(
        "GET",
        _ONE,
        list_multipart_parts,
        status=200,
        media_types=_RESULT,
        refused_in=MEDIA_TYPE,
        refuses=(errors.UploadNotFound, errors.UploadFinished, errors.UploadNotDivided),
    ),
    v1(
        "POST",
        _ONE,
        complete_multipart_upload,
        sends="",
        status=200,
        media_types=_RESULT,
        refused_in=MEDIA_TYPE,
        action="upload.completed",
        refuses=(
            *LIMITS,
            errors.TooLarge,
            errors.UploadNotFound,
            errors.UploadIncomplete,
            errors.UploadFinished,
            errors.UploadNotDivided,
            errors.ChunksMissing,
            errors.ChunksLeftOver,
            errors.ChunkDiffers,
        ),
    ),
    v1(
        "DELETE",
        _ONE,
        abort_multipart_upload,
        refused_in=MEDIA_TYPE,
        action="upload.cancelled",
        named=("file_id", "filename", "released"),
        refuses=(errors.UploadNotFound, errors.UploadFinished),
    ),
)
