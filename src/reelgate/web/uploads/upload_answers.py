"""Uploads as JSON: times as RFC 3339, sizes in bytes."""

from __future__ import annotations

from typing import Any

from reelgate.domain.books.account import Account, Limits, percent
from reelgate.domain.files.names import object_name
from reelgate.use_cases.uploads.inspect_upload import ChunksStatus, UploadStatus
from reelgate.use_cases.uploads.start_upload import GrantedUpload
from reelgate.web.http.answers import instant
from reelgate.web.videos.video_answers import video_json


def alert_fields(account: Account, limits: Limits) -> dict[str, Any]:
    """Return the alert fields of the video storage. Bytes reserved for open uploads are not free, so they count as used."""
    return {
        "storage_80_alert": account.occupied * 100 >= limits.storage_bytes * 80,
        "bandwidth_80_alert": account.day_total * 100 >= limits.daily_bytes * 80,
        "storage_percentage_used": percent(account.occupied, limits.storage_bytes),
    }


def granted_json(granted: GrantedUpload, uid: str, limits: Limits) -> dict[str, Any]:
    """Return a granted upload: the request that opens its session, and the session if the server has opened it."""
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
    """Return the state of an upload."""
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
