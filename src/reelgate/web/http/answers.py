"""Domain objects as JSON: the seeds' field names, RFC 3339 times, sizes in bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from reelgate.domain.books.account import Account, Limits, percent
from reelgate.domain.books.days import rfc3339
from reelgate.domain.books.entries import Entry, EntryKind
from reelgate.domain.books.video import Video
from reelgate.domain.files.names import object_name

if TYPE_CHECKING:  # only `upload` needs these use cases at run time
    from reelgate.use_cases.uploads.inspect_upload import ChunksStatus, UploadStatus
    from reelgate.use_cases.uploads.start_upload import GrantedUpload

MIB = 1024 * 1024


def as_json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers=dict(headers or {}), media_type="application/json")


def instant(value: datetime | None) -> str | None:
    """Return an instant as RFC 3339, or None."""
    return None if value is None else rfc3339(value)


def video_json(video: Video) -> dict[str, Any]:
    """Return a file as lists show it; in the trash with the time it was deleted and the time it will be purged.

    `id`, `user_id`, `filepath` and `size_mb` are seed 004's names; a MB is 1,048,576 bytes there, as in seed 000.
    """
    return {
        "file_id": video.file_id,
        "filename": video.filename,
        "size": video.size,
        "content_type": video.content_type,
        "state": "ready" if video.deleted_at is None else "deleted",
        "object": video.object_name,
        "generation": str(video.generation),
        "crc32c": video.crc32c,
        "title": video.title,
        "created_at": instant(video.created_at),
        "uploaded_at": instant(video.uploaded_at),
        "deleted_at": instant(video.deleted_at),
        "purge_at": instant(video.purge_at),
        "id": video.file_id,
        "user_id": video.uid,
        "filepath": video.object_name,
        "size_mb": round(video.size / MIB, 6),
    }


def alert_fields(account: Account, limits: Limits) -> dict[str, Any]:
    """Return seed 000's alert fields. What is promised to open uploads counts as used here: it is no longer free."""
    return {
        "storage_80_alert": account.occupied * 100 >= limits.storage_bytes * 80,
        "bandwidth_80_alert": account.day_total * 100 >= limits.daily_bytes * 80,
        "storage_percentage_used": percent(account.occupied, limits.storage_bytes),
    }


def granted_json(granted: GrantedUpload, uid: str, limits: Limits) -> dict[str, Any]:
    """Return a granted upload: the request that opens its session, and the session itself where the server opened it."""
    upload = granted.upload
    shown: dict[str, Any] = {
        "message": "Upload permitted",
        "upload_id": upload.upload_id,
        "file_id": upload.upload_id,
        "filename": upload.filename,
        "size": upload.size,
        "content_type": upload.content_type,
        "object": object_name(uid, upload.upload_id, upload.filename),
        "method": granted.signed.method,
        "upload_url": granted.signed.url,
        "headers": dict(granted.signed.headers),
        "expires_at": instant(granted.signed.expires_at),
        "reserved_until": instant(upload.expires_at),
    }
    if upload.session_url is not None:
        shown["session_url"] = upload.session_url
    return shown | alert_fields(granted.account, limits)


def upload_json(status: UploadStatus) -> dict[str, Any]:
    """Return an upload as it stands."""
    return {
        "upload_id": status.upload_id,
        "file_id": status.upload_id,
        "filename": status.filename,
        "size": status.size,
        "state": status.state,
        "received_bytes": status.received_bytes,
        "created_at": instant(status.created_at),
        "reserved_until": instant(status.upload.expires_at) if status.upload else None,
        "reason": status.reason,
        "chunks": _chunks_json(status.chunks) if status.chunks else None,
        "video": video_json(status.video) if status.video else None,
    }


def _chunks_json(chunks: ChunksStatus) -> dict[str, Any]:
    return {
        "main_service_file_id": chunks.main_service_file_id,
        "total": chunks.total,
        "received": None if chunks.received is None else list(chunks.received),
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return a ledger entry; the movement's numbers are what it added to the account."""
    moved = entry.delta
    return {
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "sequence": entry.sequence,
        "at": instant(entry.at),
        "date": entry.date.isoformat(),
        "file_id": entry.file_id,
        "filename": entry.filename,
        "size": entry.size,
        "reason": entry.reason,
        "stored": moved.stored,
        "reserved": moved.reserved,
        "uploaded": moved.uploaded,
        "streamed": moved.streamed,
        "deleted_bytes": moved.deleted_bytes,
    }


def upload_detail(entry: Entry) -> dict[str, Any]:
    """Return one upload of the day as seed 001 lists it."""
    return {
        "file_name": entry.filename,
        "file_size": entry.size,
        "file_id": entry.file_id,
        "uploaded_at": instant(entry.at),
        "reported": entry.kind == EntryKind.REPORT_UPLOAD,
    }
