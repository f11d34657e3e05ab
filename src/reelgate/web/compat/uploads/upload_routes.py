"""Routes of the `upload` function: signed uploads, whose bytes go straight to the bucket."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.files import names
from reelgate.domain.media.media_types import media_type_for
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.ports.storage import HasBucket, HasSigner, HasStorageUrl
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.start_upload import GrantedUpload, start_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest
from reelgate.web.compat.json_fields import check_fields
from reelgate.web.compat.uploads import chunk_routes
from reelgate.web.compat.uploads.form_upload import post_form
from reelgate.web.compat.uploads.upload_answers import granted_json
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.calls import Call, Route


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasStorageUrl, HasUserLookup, Protocol):
    """What the routes of `upload` need."""


_FIELDS = {"filename", "size", "content_type", "crc32c", "title", "start"}


async def post_upload(call: Call[Services]) -> Response:
    """Grant a signed upload (JSON), or store a small file that comes with the request (form)."""
    if call.request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await post_form(call)
    request = _upload_request(call, await call.json(missing="No file part"))
    call.note(filename=request.filename, size=request.size, content_type=request.content_type)
    granted = await start_upload(call.services, call.caller, request, audit=call.audit)
    return _granted(call, granted)


def _upload_request(call: Call[Services], body: dict[str, Any]) -> UploadRequest:
    check_fields(body, _FIELDS)
    start = body.get("start", "client")
    if start not in ("client", "server"):  # not a set: JSON values may not be hashable
        raise errors.InvalidRequest(
            "An upload is started by the client or the server.", field="start", hint="Send client or server."
        )
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


def _granted(call: Call[Services], granted: GrantedUpload) -> Response:
    call.note(file_id=granted.upload.upload_id, filename=granted.upload.filename, size=granted.upload.size)
    limits = granted.account.limits(call.services.policy.default_limits)
    location = {"Location": f"/v1/uploads/{granted.upload.upload_id}"}
    return as_json(granted_json(granted, call.caller.uid, limits), 201, location)


async def delete_upload(call: Call[Services]) -> Response:
    """Cancel an upload. Repeating it has no effect."""
    upload_id = call.file_id("upload_id", errors.UploadNotFound)
    upload = await cancel_upload(call.services, call.caller, upload_id, audit=call.audit)
    released = upload.size if upload else 0
    call.note(file_id=upload_id, released=released, **({"filename": upload.filename} if upload else {}))
    return as_json({"message": "Upload cancelled", "upload_id": upload_id, "released": released})


ROUTES = (
    Route("POST", "/upload", post_upload, action="upload.granted"),
    Route(
        "DELETE", "/uploads/{upload_id}", delete_upload, action="upload.cancelled", named=("file_id", "filename", "released")
    ),
    *chunk_routes.ROUTES,
)
