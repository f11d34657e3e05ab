"""Uploads of the day as JSON: times as RFC 3339, sizes in bytes."""

from __future__ import annotations

from typing import Any

from reelgate.domain.books.entries import Entry, EntryKind
from reelgate.web.http.answers.json_answers import instant


def upload_detail(entry: Entry) -> dict[str, Any]:
    """Return one upload of the day as the usage monitoring lists it."""
    return {
        "file_name": entry.filename,
        "file_size": entry.size,
        "file_id": entry.file_id,
        "uploaded_at": instant(entry.at),
        "reported": entry.kind == EntryKind.REPORT_UPLOAD,
    }
