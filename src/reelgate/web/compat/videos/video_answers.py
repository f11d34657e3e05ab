"""Videos as JSON: times as RFC 3339, sizes in bytes."""

from __future__ import annotations

from typing import Any

from reelgate.domain.books.account import Account
from reelgate.domain.books.limits import trash_limit
from reelgate.domain.books.policy import Policy
from reelgate.domain.books.video import Video
from reelgate.web.http.answers.json_answers import instant

MIB = 1024 * 1024


def video_json(video: Video) -> dict[str, Any]:
    """Return a file as lists show it; in the trash with the time it was deleted and the time it will be purged.

    `id`, `user_id`, `filepath` and `size_mb` are names of the streaming backend. Its MB, like the video storage's, is 1,048,576
    bytes.
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


def trash_json(account: Account, policy: Policy) -> dict[str, int | None]:
    """Return how many bytes the trash has, null where that is not known yet, and how many it may have now."""
    return {"trash_storage": account.trash, "trash_limit": trash_limit(account, policy)}
