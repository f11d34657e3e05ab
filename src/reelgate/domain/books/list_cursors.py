"""Cursors of lists: opaque, URL-safe texts that name the item after which the next page begins.

A cursor is valid for one list of one user only (its scope). It is not a secret and gives no permission.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from reelgate.domain.errors import InvalidRequest

_ID = re.compile(r"(?!__)[A-Za-z0-9_-]{1,64}")  # the form of Reelgate's ids; Firestore reserves `__x__`

_MAX_UID = 512  # longer than any issuer's prefix and subject, shorter than the maximum for a document id


def videos_scope(uid: str) -> str:
    """Return the scope of a user's videos."""
    return _scope("videos", uid)


def uploads_scope(uid: str) -> str:
    """Return the scope of a user's open uploads."""
    return _scope("uploads", uid)


def name_cursor(uid: str, name_key: str) -> str:
    """Return the cursor that continues the list of a user's names after the one with this key."""
    return _pack(_scope("names", uid), [name_key])


def parse_name_cursor(uid: str, cursor: str) -> str:
    """Return the key after which the list of a user's names continues. Raises InvalidRequest as `parse_item_cursor` does."""
    match _unpack(_scope("names", uid), cursor):
        case [str(name_key)] if _is_id(name_key):
            return name_key
    raise unknown_cursor()


def trash_scope(uid: str) -> str:
    """Return the scope of a user's trash."""
    return _scope("trash", uid)


def entries_scope(uid: str, day: date | None, file_id: str | None) -> str:
    """Return the scope of a user's ledger entries, narrowed to a day or a file."""
    return _scope("entries", uid, day.isoformat() if day else None, file_id)


def deliveries_scope(state: str | None, event_type: str | None, uid: str | None) -> str:
    """Return the scope of the delivery log, narrowed by the filters that are not None."""
    return _scope("deliveries", state, event_type, uid)


def accounts_scope() -> str:
    """Return the scope of the list of all accounts."""
    return _scope("accounts")


def account_cursor(uid: str) -> str:
    """Return the cursor that continues the list of accounts after this user's."""
    return _pack(accounts_scope(), [uid])


def parse_account_cursor(cursor: str) -> str:
    """Return the uid after which the list of accounts continues. Raises InvalidRequest as `parse_item_cursor` does."""
    match _unpack(accounts_scope(), cursor):
        case [str(uid)] if uid.isprintable() and 0 < len(uid) <= _MAX_UID:
            return uid
    raise unknown_cursor()


def logs_scope(*filters: str | None) -> str:
    """Return the scope of the audit log, narrowed by filters."""
    return _scope("logs", *filters)


def item_cursor(scope: str, instant: datetime, document_id: str) -> str:
    """Return the cursor that continues a list, ordered by instant and document id, after this item."""
    return _pack(scope, [instant.astimezone(UTC).isoformat(), document_id])


def parse_item_cursor(scope: str, cursor: str) -> tuple[datetime, str]:
    """Return the instant (aware) and the document id after which the list continues.

    Raises:
        InvalidRequest: this cursor is not from the list of this scope.
    """
    match _unpack(scope, cursor):
        case [str(text), str(document_id)] if _is_id(document_id):
            try:
                instant = datetime.fromisoformat(text)
            except ValueError:
                raise unknown_cursor() from None
            if instant.tzinfo is UTC:
                return instant, document_id
    raise unknown_cursor()


def entry_cursor(scope: str, sequence: int) -> str:
    """Return the cursor that continues a list of ledger entries after the one with this sequence number."""
    return _pack(scope, [sequence])


def parse_entry_cursor(scope: str, cursor: str) -> int:
    """Return the sequence number after which the list continues. Raises InvalidRequest as `parse_item_cursor` does."""
    match _unpack(scope, cursor):
        case [int(sequence)] if 0 < sequence < 2**63 and not isinstance(sequence, bool):
            return sequence
    raise unknown_cursor()


def _scope(*parts: str | None) -> str:
    return json.dumps(parts)


def _pack(scope: str, position: list[str | int]) -> str:
    text = json.dumps([_mark(scope), *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpack(scope: str, cursor: str) -> list[Any]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):  # not ASCII, not base64, not UTF-8, not JSON
        raise unknown_cursor() from None
    if not isinstance(content, list) or not content or content[0] != _mark(scope):
        raise unknown_cursor()
    return content[1:]


def unknown_cursor() -> InvalidRequest:
    """Return the error for a cursor that is not from this list."""
    return InvalidRequest("'cursor' does not belong to this list. Start again without it.", field="cursor")


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def _mark(scope: str) -> str:
    return sha256(scope.encode()).hexdigest()[:12]
