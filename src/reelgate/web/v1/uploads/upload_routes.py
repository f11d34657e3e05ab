"""Routes of version 1 in the `upload` function."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from reelgate.domain import errors
from reelgate.domain.errors import InvalidRequest, collect
from reelgate.domain.media.media_types import media_type_for
from reelgate.domain.uploads.divided_uploads import bytes_of_part, part_size_for
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.ports.storage import HasBucket, HasSigner
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.check_uploads import check_uploads
from reelgate.use_cases.uploads.chunks.settle_upload import settle_upload
from reelgate.use_cases.uploads.chunks.sign_parts import sign_parts
from reelgate.use_cases.uploads.chunks.start_chunked_upload import start_chunked_upload
from reelgate.use_cases.uploads.inspect_upload import inspect_upload, list_open_uploads, open_status
from reelgate.use_cases.uploads.resume_upload import resume_upload as resume
from reelgate.use_cases.uploads.start_upload import GrantedUpload, start_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, ListQuery, v1
from reelgate.web.v1.uploads.upload_shapes import (
    CheckedSizes,
    NewUpload,
    SignedParts,
    SizesToCheck,
    Upload,
    UploadCompletion,
    UploadList,
    WantedParts,
    checked_sizes,
    finished_upload,
    granted_upload,
    signed_parts,
    upload_of,
)


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasUserLookup, Protocol):
    """What these routes need."""


async def create_upload(call: Call[Services], wanted: NewUpload) -> Answer[Upload]:
    """Start an upload.

    Its name and bytes are reserved until `reserved_until`. Send the bytes straight to the bucket: open the session with
    `request` and send them to the URL in its `Location`; or send them to `session_url` (with `"start": "server"`); or ask for
    the requests of parts at `/v1/uploads/{upload_id}/parts` (with `"start": "parts"`).

    Always send an `Idempotency-Key`: with the same key and body, a repeated request returns the same upload with a new URL.
    """
    request = upload_request(call, wanted)
    call.note(filename=request.filename, size=request.size, content_type=request.content_type)
    if request.chunked:
        upload = await start_chunked_upload(call.services, call.caller, request, audit=call.audit)
        call.note(file_id=upload.upload_id)
        shown = upload_of(open_status(upload))
    else:
        shown = _granted(call, await start_upload(call.services, call.caller, request, audit=call.audit))
    return Answer(shown, headers={"Location": f"/v1/uploads/{shown.upload_id}"})


def upload_request(call: Call[Any], wanted: NewUpload) -> UploadRequest:
    """Return the request for an upload. Raises InvalidRequest with all fields that do not fit together."""
    in_parts = wanted.start == "parts"
    with collect() as fields:
        content_type = fields.check(media_type_for, wanted.filename, wanted.content_type)
        part_size = fields.check(part_size_for, wanted.size, wanted.part_size) if in_parts else None
        if wanted.part_size is not None and not in_parts:
            fields.add(InvalidRequest("This upload is not sent in parts.", field="part_size", hint="Send start: parts."))
        key = fields.check(call.idempotency_key)
    return UploadRequest(
        filename=wanted.filename,
        size=wanted.size,
        content_type=content_type,
        crc32c=wanted.crc32c,
        title=wanted.title,
        opened_by_server=wanted.start == "server",
        origin=call.request.headers.get("origin"),
        idempotency_key=key,
        chunked=in_parts,
        part_size=part_size,
    )


def _granted(call: Call[Services], granted: GrantedUpload) -> Upload:
    upload = granted.upload
    call.note(file_id=upload.upload_id, filename=upload.filename, size=upload.size)
    return granted_upload(open_status(upload), granted)


async def check_upload_sizes(call: Call[Services], wanted: SizesToCheck) -> CheckedSizes:
    """Check whether files could be uploaded.

    Each is judged after the allowed ones before it. Nothing is reserved, so a later upload may be refused all the same.
    """
    return checked_sizes(await check_uploads(call.services, call.caller, wanted.sizes))


async def list_uploads(call: Call[Services], page: ListQuery) -> UploadList:
    """List your open uploads, oldest first.

    Each holds its name and its bytes until it becomes a video, is cancelled, or expires.
    """
    found = await list_open_uploads(call.services, call.caller, limit=page.limit, cursor=call.cursor())
    return UploadList(items=[upload_of(status) for status in found.items], next_cursor=call.next_cursor(found.next_cursor))


async def get_upload(call: Call[Services]) -> Upload:
    """Show an upload.

    While it is open, the bucket is asked how much has arrived. Afterwards, `state` is its outcome.
    """
    return upload_of(await inspect_upload(call.services, call.caller, _upload_id(call)))


async def delete_upload(call: Call[Services]) -> None:
    """Cancel an upload.

    Its name and bytes are free at once. Repeating it has no effect. An upload that has become a video is not cancelled: delete
    the video.
    """
    upload_id = _upload_id(call)
    upload = await cancel_upload(call.services, call.caller, upload_id, audit=call.audit)
    released = {"filename": upload.filename, "released": upload.size} if upload else {"released": 0}
    call.note(file_id=upload_id, **released)


async def resume_upload(call: Call[Services]) -> Upload:
    """Continue an upload with a new URL.

    The answer has a new `request`, or the `session_url`: a new one if the session has ended. An upload in parts has neither:
    send the missing parts.
    """
    origin = call.request.headers.get("origin")
    return _granted(call, await resume(call.services, call.caller, _upload_id(call), origin=origin, audit=call.audit))


async def sign_upload_parts(call: Call[Services], wanted: WantedParts) -> SignedParts:
    """Get the requests that send parts.

    Each part is sent straight to the bucket, which takes it once: 412 means that it has it already. `parts.received` of the
    upload says which parts have arrived.
    """
    upload_id = _upload_id(call)
    twice = [index for index, count in Counter(part.index for part in wanted.parts).items() if count > 1]
    if twice:
        raise InvalidRequest("A part is named twice.", field="parts", hint=f"The index {twice[0]} is there twice.")
    call.note(file_id=upload_id)
    checksums = {part.index: part.crc32c for part in wanted.parts}
    signed = await sign_parts(call.services, call.caller, upload_id, checksums, audit=call.audit)
    return signed_parts(signed, {index: bytes_of_part(signed.upload, index) for index in checksums})


async def complete_upload(call: Call[Services], completion: UploadCompletion) -> Upload:
    """End an upload whose bytes have all been sent.

    Parts become one file now. Other uploads end by themselves when the bucket has reported the file; this route does not wait
    for that. Repeating it returns the same.
    """
    upload_id = _upload_id(call)
    call.note(file_id=upload_id)
    video = await settle_upload(call.services, call.caller, upload_id, crc32c=completion.crc32c, audit=call.audit)
    call.note(filename=video.filename, size=video.size)
    return finished_upload(video)


def _upload_id(call: Call[Services]) -> str:
    return call.file_id("upload_id", errors.UploadNotFound)


LIMITS = (errors.StorageLimitExceeded, errors.BandwidthLimitExceeded)
_UPLOADER = (errors.Forbidden, errors.AccountDisabled)
NEW_UPLOAD_REFUSALS = (
    *_UPLOADER,
    *LIMITS,
    errors.NameTaken,
    errors.UploadFinished,
    errors.IdempotencyMismatch,
    errors.TooLarge,
    errors.UnsupportedType,
    errors.TooManyOpenUploads,
    errors.TooManyRejected,
)

ROUTES = (
    v1(
        "POST",
        "/v1/uploads",
        create_upload,
        takes=NewUpload,
        gives=Upload,
        status=201,
        headers={"Idempotency-Key": ""},
        action="upload.granted",
        refuses=NEW_UPLOAD_REFUSALS,
    ),
    v1("GET", "/v1/uploads", list_uploads, takes=ListQuery, gives=UploadList),
    v1("POST", "/v1/uploads/check", check_upload_sizes, takes=SizesToCheck, gives=CheckedSizes),
    v1("GET", "/v1/uploads/{upload_id}", get_upload, gives=Upload, refuses=(errors.UploadNotFound,)),
    v1(
        "DELETE",
        "/v1/uploads/{upload_id}",
        delete_upload,
        action="upload.cancelled",
        named=("file_id", "filename", "released"),
        refuses=(errors.UploadNotFound, errors.UploadFinished),
    ),
    v1(
        "POST",
        "/v1/uploads/{upload_id}/resume",
        resume_upload,
        gives=Upload,
        action="upload.resumed",
        refuses=(*_UPLOADER, errors.UploadNotFound, errors.UploadFinished, errors.UploadIsChunked),
    ),
    v1(
        "POST",
        "/v1/uploads/{upload_id}/parts",
        sign_upload_parts,
        takes=WantedParts,
        gives=SignedParts,
        action="upload.chunks_granted",
        named=(),
        refuses=(*_UPLOADER, errors.UploadNotFound, errors.UploadFinished, errors.UploadNotDivided, errors.UploadSealed),
    ),
    v1(
        "POST",
        "/v1/uploads/{upload_id}/complete",
        complete_upload,
        takes=UploadCompletion,
        gives=Upload,
        action="upload.completed",
        refuses=(
            *LIMITS,
            errors.UploadNotFound,
            errors.UploadIncomplete,
            errors.UploadFinished,
            errors.UploadNotDivided,
            errors.ChunksMissing,
            errors.ChunksLeftOver,
            errors.ChunkDiffers,
        ),
    ),
)
