"""Routes of the chunked upload service, whose answers have `status`, `message` and `data`. Errors are problems as everywhere.

Routes that the older service has ignore unknown fields, as it does.
"""

from __future__ import annotations

import base64
from typing import Any, Protocol
from urllib.parse import quote

import google_crc32c
from starlette.responses import Response

from reelgate.domain.books.video import Video
from reelgate.domain.files import names
from reelgate.domain.media.media_types import media_type_for
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.ports.storage import HasBucket, HasSigner, HasStorageUrl
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.chunks.complete_upload import Completion, complete_upload
from reelgate.use_cases.uploads.chunks.send_chunk import send_chunk
from reelgate.use_cases.uploads.chunks.sign_chunks import SignedChunk, sign_chunks
from reelgate.use_cases.uploads.chunks.start_chunked_upload import start_chunked_upload
from reelgate.use_cases.uploads.delete_upload import delete_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest, check_role
from reelgate.use_cases.videos.list_videos import list_many_videos
from reelgate.web.compat.json_fields import check_fields
from reelgate.web.compat.uploads import chunk_fields as fields
from reelgate.web.compat.uploads.forms import FileForm, with_file_form
from reelgate.web.http.answers.json_answers import as_json, instant
from reelgate.web.http.calls import LIST, Call, Route


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasStorageUrl, HasUserLookup, Protocol):
    """What these routes need."""


MAX_LISTED = 10_000
"""How many files an answer has if the request gives no `limit`."""

_DELETED = {"cancelled": "Upload cancelled.", "deleted": "File deleted."}


async def post_init(call: Call[Services]) -> Response:
    """Start a chunked upload."""
    body = await call.json()
    name = names.clean_filename(body.get("original_file_name"), field="original_file_name")
    upload_request = UploadRequest(
        filename=name,
        size=0,
        content_type=media_type_for(name, body.get("content_type")),
        title=names.clean_title(body.get("title")),
        idempotency_key=call.idempotency_key(),
        chunked=True,
        main_service_file_id=fields.main_service_file_id(body.get("main_service_file_id")),
    )
    call.note(filename=name, content_type=upload_request.content_type)
    upload = await start_chunked_upload(call.services, call.caller, upload_request, audit=call.audit)
    call.note(file_id=upload.upload_id, filename=upload.filename, content_type=upload.content_type)
    return _success("Upload session initialized.", {"upload_session_id": upload.upload_id})


async def post_chunk(call: Call[Services]) -> Response:
    """Store one chunk that comes with the request."""
    check_role(call.caller, call.services.policy)  # before the body is read

    async def store(form: FileForm) -> Response:
        upload_id = fields.session_id(form.fields.get("upload_session_id"))
        index = fields.chunk_index(fields.number_in(form.fields.get("chunk_index")), field="chunk_index")
        chunk = Chunk(index=index, size=form.size, crc32c=await _crc32c(form))
        call.note(file_id=upload_id, chunk_index=index)
        await send_chunk(call.services, call.caller, upload_id, chunk, form.file.file)
        return _success("Chunk uploaded successfully.")

    return await with_file_form(call, "chunk", store, instead="ask POST /upload/chunk-urls for a signed URL")


async def post_chunk_urls(call: Call[Services]) -> Response:
    """Return signed URLs with which chunks go straight to the bucket."""
    body = await call.json()
    check_fields(body, {"upload_session_id", "chunks"})
    upload_id = fields.session_id(body.get("upload_session_id"))
    call.note(file_id=upload_id)
    chunks = fields.chunks(body.get("chunks"))
    signed = await sign_chunks(call.services, call.caller, upload_id, chunks, audit=call.audit)
    data = {"reserved_until": instant(signed.upload.expires_at), "chunks": [_signed_json(chunk) for chunk in signed.chunks]}
    return _success("Chunk uploads permitted.", data)


async def post_complete(call: Call[Services]) -> Response:
    """Join the chunks into one file."""
    body = await call.json()
    completion = Completion(
        upload_id=fields.session_id(body.get("upload_session_id")),
        total_chunks=fields.total_chunks(fields.number_in(body.get("total_chunks"))),
        main_service_file_id=fields.main_service_file_id(body.get("main_service_file_id")),
        crc32c=names.clean_crc32c(body.get("crc32c")),
    )
    call.note(file_id=completion.upload_id)
    video = await complete_upload(call.services, call.caller, completion, audit=call.audit)
    call.note(filename=video.filename, size=video.size)
    message = "File upload completed and main service notified."
    return _success(message, {"file_path_on_upload_service": _file_url(call, video)})


async def delete_file(call: Call[Services]) -> Response:
    """Cancel an upload, or move its finished file to the trash."""
    upload_id = fields.session_id((await call.json()).get("upload_session_id"))
    call.note(file_id=upload_id)
    deleted = await delete_upload(call.services, call.caller, upload_id, audit=call.audit)
    return _success(_DELETED[deleted])


async def get_files(call: Call[Services]) -> Response:
    """List the URLs of the caller's files, newest first: all of them, or a page if `limit` is given."""
    paged = "limit" in call.request.query_params
    limit = call.limit() if paged else MAX_LISTED
    page = await list_many_videos(call.services, call.caller, limit=limit, cursor=call.cursor())
    urls = [_file_url(call, video) for video in page.items]
    return as_json({"status": "success", "files": urls, "next_cursor": call.next_cursor(page.next_cursor)})


def _success(message: str, data: dict[str, Any] | None = None) -> Response:
    body: dict[str, Any] = {"status": "success", "message": message}
    return as_json(body if data is None else {**body, "data": data})


def _file_url(call: Call[Services], video: Video) -> str:
    """Return the URL of a file in the bucket, unsigned: reading needs a URL from GET /stream/direct."""
    return f"{call.services.storage_url}/{call.services.bucket}/{quote(video.object_name, safe='/~')}"


def _signed_json(chunk: SignedChunk) -> dict[str, Any]:
    return {
        "index": chunk.index,
        "method": chunk.method,
        "url": chunk.url,
        "headers": dict(chunk.headers),
        "expires_at": instant(chunk.expires_at),
    }


async def _crc32c(form: FileForm) -> str:
    checksum = 0

    def take(piece: bytes) -> None:
        nonlocal checksum
        checksum = google_crc32c.extend(checksum, piece)

    await form.consume(take)
    return base64.b64encode(checksum.to_bytes(4, "big")).decode()


ROUTES = (
    Route("POST", "/upload/init", post_init, action="upload.granted"),
    Route("POST", "/upload/chunk", post_chunk, action="upload.chunk", audits_itself=True),  # the log has no single chunks
    Route("POST", "/upload/chunk-urls", post_chunk_urls, action="upload.chunks_granted", named=()),
    Route("POST", "/upload/complete", post_complete, action="upload.completed"),
    Route("DELETE", "/upload/file", delete_file, action="upload.deleted", named=()),
    Route("GET", "/upload/files", get_files, query=LIST),
)
