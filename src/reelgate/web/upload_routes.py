"""Routes of the `upload` function."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from reelgate.domain import errors, names
from reelgate.domain.media_types import media_type_for
from reelgate.use_cases.cancel_upload import cancel_upload
from reelgate.use_cases.check_uploads import SizeVerdict, check_uploads
from reelgate.use_cases.inspect_upload import inspect_upload, list_open_uploads
from reelgate.use_cases.resume_upload import resume_upload
from reelgate.use_cases.send_form_file import send_form_file
from reelgate.use_cases.start_upload import GrantedUpload, start_upload
from reelgate.use_cases.upload_request import UploadRequest, check_role
from reelgate.web.answers import alert_fields, as_json, granted_json, upload_json
from reelgate.web.bodies import bounded
from reelgate.web.calls import Call, Route
from reelgate.web.problems import status_of

MIB = 1024 * 1024
FORM_OVERHEAD_BYTES = 64 * 1024
FORMS_AT_ONCE = 4
FORM_SECONDS = 120
MAX_CHECKED = 1000
# A form is spooled to /tmp, which is memory on Cloud Run; the others wait for their turn with their bytes unread.
_FORMS = asyncio.Semaphore(FORMS_AT_ONCE)
_FIELDS = {"filename", "size", "content_type", "crc32c", "title", "start"}


async def post_upload(call: Call) -> Response:
    """Issue a signed upload (JSON), or take a small file at once (form, seed 000)."""
    if call.request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await _form_upload(call)
    request = _upload_request(call, await call.json(missing="No file part"))
    granted = await start_upload(call.services, call.caller, request)
    return _granted(call, granted, 201)


async def _form_upload(call: Call) -> Response:
    check_role(call.caller, call.services.policy)  # before a single byte is taken in
    try:
        async with _FORMS, asyncio.timeout(FORM_SECONDS):
            return await _take_form(call)
    except TimeoutError:
        raise errors.Unavailable("The form did not arrive in time. Send it again, or ask for a signed URL with JSON.") from None


async def _take_form(call: Call) -> Response:
    limit = call.services.policy.form_upload_max_bytes
    request = bounded(call.request, limit + FORM_OVERHEAD_BYTES)
    try:
        async with request.form(max_files=1, max_fields=10, max_part_size=FORM_OVERHEAD_BYTES) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise errors.InvalidRequest("Send the video as the form's part 'file'.", field="file", message="No file part")
            size = file.size or 0
            if size > limit:
                raise errors.TooLarge(
                    f"A form may carry at most {limit} bytes. Ask POST /upload with JSON for a signed URL instead.",
                    limit=limit,
                    requested=size,
                )
            if size == 0:
                raise errors.InvalidRequest("The file is empty.", field="file")
            name = names.clean_filename(file.filename, field="file")
            key = call.idempotency_key()
            wanted = UploadRequest(
                filename=name,
                size=size,
                content_type=names.clean_content_type(media_type_for(name, file.content_type), field="file"),
                title=names.clean_title(form.get("title")),
                idempotency_key=key,
                digest=await _digest(file) if key else None,
            )
            account = await send_form_file(call.services, call.caller, wanted, file.file)
    except (MultiPartException, HTTPException) as problem:
        detail = problem.message if isinstance(problem, MultiPartException) else problem.detail
        raise errors.InvalidRequest(f"The form cannot be read: {detail}", field="file", message="No file part") from None
    limits = account.limits(call.services.policy.default_limits)
    return as_json({**alert_fields(account, limits), "message": "File uploaded successfully", "filename": name, "size": size})


async def _digest(file: UploadFile) -> str:
    """Return the SHA-256 of a file's bytes; afterwards it is read from the start again."""
    digest = hashlib.sha256()
    while chunk := await file.read(MIB):
        digest.update(chunk)
    await file.seek(0)
    return digest.hexdigest()


def _upload_request(call: Call, body: dict[str, Any]) -> UploadRequest:
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        raise errors.InvalidRequest(f"Unknown field '{unknown[0]}'; known are {', '.join(sorted(_FIELDS))}.", field=unknown[0])
    start = body.get("start", "client")
    if start not in ("client", "server"):  # not a set: what JSON gives may not be hashable
        raise errors.InvalidRequest("'start' must be 'client' or 'server'.", field="start")
    return UploadRequest(
        filename=names.clean_filename(body.get("filename")),
        size=names.clean_size(body.get("size")),
        content_type=names.clean_content_type(body.get("content_type")),
        crc32c=names.clean_crc32c(body.get("crc32c")),
        title=names.clean_title(body.get("title")),
        opened_by_server=start == "server",
        origin=call.request.headers.get("origin"),
        idempotency_key=call.idempotency_key(),
    )


def _granted(call: Call, granted: GrantedUpload, status: int) -> Response:
    limits = granted.account.limits(call.services.policy.default_limits)
    location = {"Location": f"/uploads/{granted.upload.upload_id}"} if status == 201 else {}
    return as_json(granted_json(granted, call.caller.uid, limits), status, location)


async def post_check(call: Call) -> Response:
    """Say which of many sizes would be granted, one after the other."""
    body = await call.json()
    sizes = body.get("sizes")
    if not isinstance(sizes, list) or not 1 <= len(sizes) <= MAX_CHECKED:
        raise errors.InvalidRequest(f"'sizes' must be a list of 1 to {MAX_CHECKED} sizes in bytes.", field="sizes")
    room = await check_uploads(call.services, call.caller, [names.clean_size(size, field="sizes") for size in sizes])
    return as_json(
        {
            "allowed": all(verdict.allowed for verdict in room.verdicts),
            "storage_available": room.storage_available,
            "bandwidth_available": room.bandwidth_available,
            "files": [_verdict_json(verdict) for verdict in room.verdicts],
        }
    )


def _verdict_json(verdict: SizeVerdict) -> dict[str, Any]:
    if verdict.problem is None:
        return {"size": verdict.size, "allowed": True, "message": "Upload permitted"}
    return {
        "size": verdict.size,
        "allowed": False,
        "message": verdict.problem.message,
        "code": verdict.problem.code,
        "status": status_of(type(verdict.problem)),
    }


async def get_uploads(call: Call) -> Response:
    """List the caller's open uploads."""
    state = call.request.query_params.get("state", "open")
    if state != "open":
        raise errors.InvalidRequest("'state' can only be 'open'; finished uploads are in GET /files.", field="state")
    page = await list_open_uploads(call.services, call.caller, limit=call.limit(), cursor=call.cursor())
    return as_json({"uploads": [upload_json(status) for status in page.items], "next_cursor": page.next_cursor})


async def get_upload(call: Call) -> Response:
    """Say what became of an upload, as the bucket sees it."""
    status = await inspect_upload(call.services, call.caller, call.file_id("upload_id", errors.UploadNotFound))
    return as_json(upload_json(status))


async def post_resume(call: Call) -> Response:
    """Hand out a fresh way into an open upload."""
    upload_id = call.file_id("upload_id", errors.UploadNotFound)
    origin = call.request.headers.get("origin")
    return _granted(call, await resume_upload(call.services, call.caller, upload_id, origin=origin), 200)


async def delete_upload(call: Call) -> Response:
    """Cancel an upload; cancelling it again is fine."""
    upload_id = call.file_id("upload_id", errors.UploadNotFound)
    upload = await cancel_upload(call.services, call.caller, upload_id)
    released = upload.size if upload else 0
    return as_json({"message": "Upload cancelled", "upload_id": upload_id, "released": released})


ROUTES = (
    Route("POST", "/upload", post_upload),
    Route("POST", "/upload/check", post_check),
    Route("GET", "/uploads", get_uploads),
    Route("GET", "/uploads/{upload_id}", get_upload),
    Route("DELETE", "/uploads/{upload_id}", delete_upload),
    Route("POST", "/uploads/{upload_id}/resume", post_resume),
)
