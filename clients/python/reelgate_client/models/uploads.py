"""Uploads: how a file gets into the bucket. Sizes are bytes, times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request to the bucket that is to be sent exactly so, without a token. Its URL is a secret until it expires.

    Attributes:
        method: The HTTP method.
        url: The signed URL.
        headers: Send exactly these.
        expires_at: When it ends.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadParts:
    """The parts of an upload that is sent in parts.

    Attributes:
        size: Bytes of every part but the last. Null if every part may have another size.
        count: Their number. Null while it is not known.
        received: The indexes, from 0, of those in the bucket. Null where the bucket was not asked.
    """

    size: int | None
    count: int | None
    received: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An upload: open, or as it ended.

    Attributes:
        upload_id: Also the `video_id` of the video that it becomes.
        state: `open` until the bucket has the file. Then `ready`, or `rejected` if it is not as announced; `cancelled`
            by you; `expired` when nothing came.
        filename: The name of the file.
        title: What people call it.
        size: Bytes.
        content_type: Null if it is not known any more.
        received_bytes: Bytes that have arrived. Null while only you know the session, and in lists.
        created_at: When it was made.
        reserved_until: Until when name and bytes are reserved. Null when it is no longer open.
        reason: Only if it was rejected: what is not as announced, in words for developers.
        video_id: The video that it has become. Null if there is none, or in the trash.
        request: Opens a session: its URL comes back in `Location`. Only in answers to starting and resuming.
        session_url: The open session to send the bytes to; a secret. Only in answers to starting and resuming.
        parts: Null if it is not sent in parts, or no longer open.
    """

    upload_id: str
    state: str
    filename: str
    title: str | None
    size: int
    content_type: str | None
    received_bytes: int | None
    created_at: datetime
    reserved_until: datetime | None
    reason: str | None
    video_id: str | None
    request: SignedRequest | None
    session_url: str | None = field(repr=False)
    parts: UploadParts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadList:
    """A page of open uploads, oldest first.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[Upload, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSize:
    """Whether a file of this size could be uploaded now, after the allowed ones before it.

    Attributes:
        size: Bytes.
        allowed: Whether it would be granted.
        code: The error that it would get.
        detail: Why not, as a sentence for the end user.
    """

    size: int
    allowed: bool
    code: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSizes:
    """What could be uploaded now. Nothing is reserved.

    Attributes:
        allowed: Whether all of them could.
        storage_available: Bytes that are left in the storage.
        bandwidth_available: Bytes that are left of the day's bandwidth.
        items: The files in the order of the request.
    """

    allowed: bool
    storage_available: int
    bandwidth_available: int
    items: tuple[CheckedSize, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    """How to send one part. The bucket takes it once, with exactly this size.

    Attributes:
        index: The place in the order.
        size: Bytes.
    """

    index: int
    size: int
    request: SignedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedParts:
    """How to send each of the parts. Repeat the request for new URLs.

    Attributes:
        reserved_until: Until when the name and the bytes are kept for it.
        parts: In the order of the request.
    """

    reserved_until: datetime
    parts: tuple[SignedPart, ...]
