"""Uploads as JSON: times as RFC 3339, sizes in bytes."""

from __future__ import annotations

from typing import Any

from reelgate.domain.books.account import Account, Limits, percent
from reelgate.domain.files.names import object_name
from reelgate.use_cases.uploads.start_upload import GrantedUpload
from reelgate.web.http.answers.json_answers import instant


def alert_fields(account: Account, limits: Limits) -> dict[str, Any]:
    """Return the alert fields of the video storage. Bytes reserved for open uploads are not free, so they count as used."""
    return {
        "storage_80_alert": account.occupied * 100 >= limits.storage_bytes * 80,
        "bandwidth_80_alert": account.day_total * 100 >= limits.daily_bytes * 80,
        "storage_percentage_used": percent(account.occupied, limits.storage_bytes),
    }


def granted_json(granted: GrantedUpload, uid: str, limits: Limits) -> dict[str, Any]:
    """Return a granted upload: the request that opens its session, if clients may, and the session that is open."""
    upload = granted.upload
    shown: dict[str, Any] = {
        "message": "Upload permitted",
        "upload_id": upload.upload_id,
        "file_id": upload.upload_id,
        "filename": upload.filename,
        "size": upload.size,
        "content_type": upload.content_type,
        "object": object_name(uid, upload.upload_id, upload.filename),
        "reserved_until": instant(upload.expires_at),
    }
    if granted.signed is not None:
        shown |= {
            "method": granted.signed.method,
            "upload_url": granted.signed.url,
            "headers": dict(granted.signed.headers),
            "expires_at": instant(granted.signed.expires_at),
        }
    if upload.session_url is not None:
        shown["session_url"] = upload.session_url
    return shown | alert_fields(granted.account, limits)
