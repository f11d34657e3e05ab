"""Ledger entries as JSON: times as RFC 3339, sizes in bytes."""

from __future__ import annotations

from typing import Any

from reelgate.domain.books.entries import Entry, EntryKind
from reelgate.web.http.answers import instant


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return a ledger entry; the sizes are what it added to the account."""
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
    """Return one upload of the day as the usage monitoring lists it."""
    return {
        "file_name": entry.filename,
        "file_size": entry.size,
        "file_id": entry.file_id,
        "uploaded_at": instant(entry.at),
        "reported": entry.kind == EntryKind.REPORT_UPLOAD,
    }
