"""Objects that arrive too late for their upload: they are charged to the day, and a placeholder takes their place.

What arrives in time and is not what was granted is charged in the entry that releases the upload
(`reservations.release`). docs/adr/0032-rejected-bytes.md says why, and how nothing is charged twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reelgate.domain.books import messages
from reelgate.domain.books.account import Account, OpenUpload
from reelgate.domain.books.entries import Delta, Entry, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import StoredObject


def newest(parts: Iterable[StoredObject]) -> datetime | None:
    """Return when the newest of some parts was written, by the bucket's clock; None if there are none."""
    return max((part.written_at for part in parts if part.written_at is not None), default=None)


def is_counted(found: StoredObject, ended: Entry | None) -> bool:
    """Return whether the entry that released an upload, or began its completion, counts an object or a part.

    Both instants are of the bucket's clock, so clocks that differ do not matter.
    """
    if ended is None or ended.counted_until is None or found.written_at is None:
        return False
    return found.written_at <= ended.counted_until


def takes_no_part(upload: OpenUpload, index: int) -> bool:
    """Return whether the completion of an open upload has begun without the part of that index."""
    return upload.sealed_chunks is not None and index >= upload.sealed_chunks


def is_late_part(index: int, part: StoredObject, *, upload: OpenUpload | None, ended: Entry | None) -> bool:
    """Return whether a part arrived too late for its upload, so that no entry counts its bytes.

    Args:
        upload: if it is open.
        ended: the entry that released it; if there is none, the one that began its completion.
    """
    if upload is not None:
        return takes_no_part(upload, index)
    if ended is None:  # there never was such an upload, so nobody was given a URL for the part
        return False
    return not is_counted(part, ended)


def charge_late(
    ledger: Ledger, account: Account, found: StoredObject, *, upload_id: str, filename: str | None, part: int | None = None
) -> Change:
    """Charge an object or a part that arrived too late to the day; the outbox gets the order to put a placeholder in its place.

    A whole object counts as a rejected upload. Parts do not: that their upload was cancelled has been counted, and several
    of them may have been on their way.
    """
    entry_id = EntryId.reject(upload_id, found.generation, part=part)
    delta = Delta(rejected=found.size, rejected_count=int(part is None))
    entry = ledger.entry(entry_id, None, delta, size=found.size, reason="it arrived too late")
    change = ledger.change(account, replace(entry, file_id=upload_id, filename=filename))
    return replace(change, outbox=(messages.replacement(upload_id, found.name, found.generation), *change.outbox))
