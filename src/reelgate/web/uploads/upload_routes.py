"""Routes of the `upload` function: signed uploads, whose bytes go straight to the bucket."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.files import names
from reelgate.domain.media.media_types import media_type_for
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.ports.signing import HasSigner
from reelgate.ports.storage import HasBucket, HasStorageUrl
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.check_uploads import SizeVerdict, check_uploads
from reelgate.use_cases.uploads.inspect_upload import inspect_upload, list_open_uploads
from reelgate.use_cases.uploads.resume_upload import resume_upload
from reelgate.use_cases.uploads.start_upload import GrantedUpload, start_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest
from reelgate.web.http.answers import as_json
from reelgate.web.http.calls import LIST, Call, Route, Routes, check_fields
from reelgate.web.http.problems import message_of, status_of
from reelgate.web.uploads import chunk_routes
from reelgate.web.uploads.form_upload import post_form
from reelgate.web.uploads.upload_answers import granted_json, upload_json


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasStorageUrl, HasUserLookup, Protocol):
    """What the routes of `upload` need."""


MAX_CHECKED = 1000
_FIELDS = {"filename", "size", "content_type", "crc32c", "title", "start"}


async def post_upload(call: Call[Services]) -> Response:
    """Grant a signed upload (JSON), or store a small file that comes with the request (form)."""
    if call.request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await post_form(call)
    request = _upload_request(call, await call.json(missing="No file part"))
    call.note(filename=request.filename, size=request.size, content_type=request.content_type)
    granted = await start_upload(call.services, call.caller, request, audit=call.audit)
    return _granted(call, granted, 201)


def _upload_request(call: Call[Services], body: dict[str, Any]) -> UploadRequest:
    check_fields(body, _FIELDS)
    start = body.get("start", "client")
    if start not in ("client", "server"):  # not a set: JSON values may not be hashable
        raise errors.InvalidRequest("'start' must be 'client' or 'server'.", field="start")
    name = names.clean_filename(body.get("filename"))
    return UploadRequest(
        filename=name,
        size=names.clean_size(body.get("size")),
        content_type=media_type_for(name, body.get("content_type")),
        crc32c=names.clean_crc32c(body.get("crc32c")),
        title=names.clean_title(body.get("title")),
        opened_by_server=start == "server",
        origin=call.request.headers.get("origin"),
        idempotency_key=call.idempotency_key(),
    )


def _granted(call: Call[Services], granted: GrantedUpload, status: int) -> Response:
    call.note(file_id=granted.upload.upload_id, filename=granted.upload.filename, size=granted.upload.size)
    limits = granted.account.limits(call.services.policy.default_limits)
    location = {"Location": f"/uploads/{granted.upload.upload_id}"} if status == 201 else {}
    return as_json(granted_json(granted, call.caller.uid, limits), status, location)


async def post_check(call: Call[Services]) -> Response:
    """Say which of several sizes would be granted, each after those before it."""
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
    if verdict.error is None:
        return {"size": verdict.size, "allowed": True, "message": "Upload permitted"}
    return {
        "size": verdict.size,
        "allowed": False,
        "message": message_of(verdict.error),
        "code": verdict.error.code,
        "status": status_of(type(verdict.error)),
    }


async def get_uploads(call: Call[Services]) -> Response:
    """List the caller's open uploads."""
    state = call.request.query_params.get("state", "open")
    if state != "open":
        raise errors.InvalidRequest("'state' can only be 'open'; finished uploads are in GET /files.", field="state")
    page = await list_open_uploads(call.services, call.caller, limit=call.limit(), cursor=call.cursor())
    return as_json(
        {"uploads": [upload_json(status) for status in page.items], "next_cursor": call.next_cursor(page.next_cursor)}
    )


async def get_upload(call: Call[Services]) -> Response:
    """Show the state of an upload, as the books and the bucket have it."""
    status = await inspect_upload(call.services, call.caller, call.file_id("upload_id", errors.UploadNotFound))
    return as_json(upload_json(status))


async def post_resume(call: Call[Services]) -> Response:
    """Return a new signed request for an open upload, or its session."""
    upload_id = call.file_id("upload_id", errors.UploadNotFound)
    origin = call.request.headers.get("origin")
    granted = await resume_upload(call.services, call.caller, upload_id, origin=origin, audit=call.audit)
    return _granted(call, granted, 200)


async def delete_upload(call: Call[Services]) -> Response:
    """Cancel an upload. Repeating it has no effect."""
    upload_id = call.file_id("upload_id", errors.UploadNotFound)
    upload = await cancel_upload(call.services, call.caller, upload_id, audit=call.audit)
    released = upload.size if upload else 0
    call.note(file_id=upload_id, released=released, **({"filename": upload.filename} if upload else {}))
    return as_json({"message": "Upload cancelled", "upload_id": upload_id, "released": released})


ROUTES: Routes[Services] = (
    Route("POST", "/upload", post_upload, action="upload.granted"),
    Route("POST", "/upload/check", post_check),
    Route("GET", "/uploads", get_uploads, query=("state", *LIST)),
    Route("GET", "/uploads/{upload_id}", get_upload),
    Route(
        "DELETE", "/uploads/{upload_id}", delete_upload, action="upload.cancelled", named=("file_id", "filename", "released")
    ),
    Route("POST", "/uploads/{upload_id}/resume", post_resume, action="upload.resumed"),
    *chunk_routes.ROUTES,
)
