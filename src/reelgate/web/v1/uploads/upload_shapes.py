"""Uploads as version 1 of the API shows them. Sizes are bytes, times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from reelgate.domain.books.video import Video
from reelgate.domain.files.names import MAX_SIZE_BYTES, MAX_TITLE_CHARACTERS, clean_crc32c, clean_filename, clean_title
from reelgate.domain.files.part_names import MAX_CHUNKS
from reelgate.domain.uploads.divided_uploads import DEFAULT_PART_BYTES
from reelgate.use_cases.uploads.check_uploads import Room, SizeVerdict
from reelgate.use_cases.uploads.chunks.sign_chunks import SignedChunk, SignedChunks
from reelgate.use_cases.uploads.inspect_upload import UploadStatus
from reelgate.use_cases.uploads.start_upload import GrantedUpload, SignedUpload
from reelgate.web.http.shapes import Instant, checked_by

State = Literal["open", "ready", "rejected", "cancelled", "expired"]
Start = Literal["client", "server", "parts"]

MAX_CHECKED = 1000
MAX_PARTS_AT_ONCE = 100

Size = Annotated[int, Meta(ge=1, le=MAX_SIZE_BYTES, description="Bytes.", examples=[18500000])]
Crc32c = Annotated[
    str | None,
    Meta(
        description="The base64 of the big-endian CRC32C of its bytes, if it is known: then other bytes are refused.",
        examples=["yZRlqg=="],
    ),
    checked_by(clean_crc32c),
]


class NewUpload(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file that is to be uploaded."""

    filename: Annotated[
        str,
        Meta(description="A plain name, without a path. It is taken until the upload ends.", examples=["holiday.mp4"]),
        checked_by(clean_filename),
    ]
    size: Size
    content_type: Annotated[
        str | None, Meta(description="By default, the one that the name's ending stands for.", examples=["video/mp4"])
    ] = None
    crc32c: Crc32c = None
    title: Annotated[
        str | None,
        Meta(description=f"One line of 1 to {MAX_TITLE_CHARACTERS} characters.", examples=["Our holiday"]),
        checked_by(clean_title),
    ] = None
    start: Annotated[
        Start,
        Meta(
            description="Who opens the session that the bytes are sent to. `client`: you, by sending `request`. `server`: the "
            "answer has its `session_url`; browsers need that, and a deployment may do it in any case. `parts`: there is no "
            "session. The file is divided into parts of `part_size`, which are sent in parallel and in any order."
        ),
    ] = "client"
    part_size: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_SIZE_BYTES)] | None,
        Meta(
            description=f"Only with `parts`: bytes of every part but the last, at most {MAX_CHUNKS} parts. By default "
            f"{DEFAULT_PART_BYTES}, or more for very large files.",
        ),
    ] = None


class SignedRequest(Struct, kw_only=True):
    """A request to the bucket that is to be sent exactly so, without a token. Its URL is a secret until it expires."""

    method: Annotated[str, Meta(examples=["POST"])]
    url: str
    headers: dict[str, str]
    expires_at: Instant


class UploadParts(Struct, kw_only=True):
    """The parts of an upload that is sent in parts."""

    size: Annotated[int | None, Meta(description="Bytes of every part but the last. Null if every part may have another size.")]
    count: Annotated[int | None, Meta(description="Their number. Null while it is not known.")]
    received: Annotated[
        list[int] | None, Meta(description="The indexes, from 0, of those in the bucket. Null where the bucket was not asked.")
    ]


class Upload(Struct, kw_only=True):
    """An upload: open, or as it ended."""

    upload_id: Annotated[str, Meta(description="Also the `video_id` of the video that it becomes.")]
    state: Annotated[
        State,
        Meta(
            description="`open` until the bucket has the file. Then `ready`, or `rejected` if it is not as announced; "
            "`cancelled` by you; `expired` when nothing came."
        ),
    ]
    filename: str
    title: str | None
    size: Annotated[int, Meta(ge=0)]
    content_type: Annotated[str | None, Meta(description="Null if it is not known any more.", examples=["video/mp4"])]
    received_bytes: Annotated[
        int | None, Meta(description="Bytes that have arrived. Null while only you know the session, and in lists.")
    ]
    created_at: Instant
    reserved_until: Annotated[
        Instant | None, Meta(description="Until when name and bytes are reserved. Null when it is no longer open.")
    ]
    reason: Annotated[
        str | None,
        Meta(
            description="Only if it was rejected: what is not as announced, in words for developers.",
            examples=["size is 401 bytes, granted were 400"],
        ),
    ]
    video_id: Annotated[str | None, Meta(description="The video that it has become. Null if there is none, or in the trash.")]
    request: Annotated[
        SignedRequest | None,
        Meta(description="Opens a session: its URL comes back in `Location`. Only in answers to starting and resuming."),
    ]
    session_url: Annotated[
        str | None,
        Meta(description="The open session to send the bytes to; a secret. Only in answers to starting and resuming."),
    ]
    parts: Annotated[UploadParts | None, Meta(description="Null if it is not sent in parts, or no longer open.")]


class UploadList(Struct, kw_only=True):
    """A page of open uploads, oldest first."""

    items: list[Upload]
    next_cursor: str | None


class SizesToCheck(Struct, kw_only=True, forbid_unknown_fields=True):
    """Files that somebody wants to upload."""

    sizes: Annotated[list[Size], Meta(min_length=1, max_length=MAX_CHECKED)]


class CheckedSize(Struct, kw_only=True):
    """Whether a file of this size could be uploaded now, after the allowed ones before it."""

    size: int
    allowed: bool
    code: Annotated[str | None, Meta(description="The error that it would get.", examples=["storage_limit_exceeded"])]
    detail: Annotated[
        str | None,
        Meta(
            description="Why not, as a sentence for the end user.",
            examples=["This video is 18.5 MB; 12.2 MB are left in your storage."],
        ),
    ]


class CheckedSizes(Struct, kw_only=True):
    """What could be uploaded now. Nothing is reserved."""

    allowed: Annotated[bool, Meta(description="Whether all of them could.")]
    storage_available: Annotated[int, Meta(ge=0, description="Bytes that are left in the storage.")]
    bandwidth_available: Annotated[int, Meta(ge=0, description="Bytes that are left of the day's bandwidth.")]
    items: Annotated[list[CheckedSize], Meta(description="The files in the order of the request.")]


class WantedPart(Struct, kw_only=True, forbid_unknown_fields=True):
    """A part that is to be sent."""

    index: Annotated[int, Meta(ge=0, le=MAX_CHUNKS - 1, description="From 0.")]
    crc32c: Annotated[
        Annotated[str, Meta(pattern="^[A-Za-z0-9+/]{6}==$")] | None,
        Meta(
            description="The base64 of the big-endian CRC32C of its bytes, if it is known: then other bytes are refused.",
            examples=["yZRlqg=="],
        ),
    ] = None


class WantedParts(Struct, kw_only=True, forbid_unknown_fields=True):
    """Parts that are to be sent next."""

    parts: Annotated[list[WantedPart], Meta(min_length=1, max_length=MAX_PARTS_AT_ONCE)]


class SignedPart(Struct, kw_only=True):
    """How to send one part. The bucket takes it once, with exactly this size."""

    index: int
    size: int
    request: SignedRequest


class SignedParts(Struct, kw_only=True):
    """How to send each of the parts. Repeat the request for new URLs."""

    reserved_until: Instant
    parts: list[SignedPart]


class UploadCompletion(Struct, kw_only=True, forbid_unknown_fields=True):
    """That all bytes have been sent."""

    crc32c: Crc32c = None


def upload_of(status: UploadStatus, *, request: SignedRequest | None = None, session_url: str | None = None) -> Upload:
    """Return an upload as the API shows it."""
    known = status.upload or status.video
    return Upload(
        upload_id=status.upload_id,
        state=status.state.value,
        filename=status.filename,
        title=known.title if known else None,
        size=status.size,
        content_type=known.content_type if known else None,
        received_bytes=status.received_bytes,
        created_at=status.created_at,
        reserved_until=status.upload.expires_at if status.upload else None,
        reason=status.problem,
        video_id=status.video.file_id if status.video else None,
        request=request,
        session_url=session_url,
        parts=_parts(status),
    )


def granted_upload(status: UploadStatus, granted: GrantedUpload) -> Upload:
    """Return an upload with the way to send it: the session if the server has opened one, else the request that opens it."""
    session_url, signed = granted.upload.session_url, granted.signed
    request = None if session_url or signed is None else _request(signed)
    return upload_of(status, request=request, session_url=session_url)


def finished_upload(video: Video) -> Upload:
    """Return the upload that has become this video."""
    return Upload(
        upload_id=video.file_id,
        state="ready",
        filename=video.filename,
        title=video.title,
        size=video.size,
        content_type=video.content_type,
        received_bytes=video.size,
        created_at=video.created_at,
        reserved_until=None,
        reason=None,
        video_id=video.file_id,
        request=None,
        session_url=None,
        parts=None,
    )


def checked_sizes(room: Room) -> CheckedSizes:
    """Return the verdicts on sizes as the API shows them."""
    return CheckedSizes(
        allowed=all(verdict.allowed for verdict in room.verdicts),
        storage_available=room.storage_available,
        bandwidth_available=room.bandwidth_available,
        items=[_checked(verdict) for verdict in room.verdicts],
    )


def signed_parts(signed: SignedChunks, sizes: Mapping[int, int]) -> SignedParts:
    """Return the requests for parts as the API shows them. `sizes` are those of the parts, by index."""
    parts = [SignedPart(index=part.index, size=sizes[part.index], request=_request(part)) for part in signed.chunks]
    return SignedParts(reserved_until=signed.upload.expires_at, parts=parts)


def _parts(status: UploadStatus) -> UploadParts | None:
    chunks = status.chunks
    if chunks is None:
        return None
    return UploadParts(
        size=chunks.part_size, count=chunks.total, received=None if chunks.received is None else list(chunks.received)
    )


def _request(signed: SignedUpload | SignedChunk) -> SignedRequest:
    return SignedRequest(method=signed.method, url=signed.url, headers=dict(signed.headers), expires_at=signed.expires_at)


def _checked(verdict: SizeVerdict) -> CheckedSize:
    error = verdict.error
    return CheckedSize(
        size=verdict.size,
        allowed=verdict.allowed,
        code=error.code if error else None,
        detail=error.detail if error else None,
    )
