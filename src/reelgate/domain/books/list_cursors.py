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

from reelgate.domain.books.captions import CaptionsKey
from reelgate.domain.books.video import MAX_TITLE_KEY_CHARACTERS, Video, VideoOrder
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.files.names import MAX_SIZE_BYTES, is_plain, is_user_id

_ID = re.compile(r"(?!__)[A-Za-z0-9_-]{1,64}")  # the form of Reelgate's ids; Firestore reserves `__x__`

VideoPlace = tuple[datetime | str | int, str]
"""A place in a list of videos: the value that it is ordered by, and the id."""


def video_cursor(uid: str, order: VideoOrder, video: Video) -> str:
    """Return the cursor that continues the list of a user's videos, in this order, after this one."""
    value = getattr(video, order.field)
    place = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return _pack(_videos_scope(uid, order), [place, video.file_id])


def parse_video_cursor(uid: str, order: VideoOrder, cursor: str) -> VideoPlace:
    """Return the place after which the list of a user's videos continues. Raises InvalidRequest as `parse_item_cursor` does."""
    match order.field, _unpack(_videos_scope(uid, order), cursor):
        case "uploaded_at", [str(text), str(video_id)] if _is_id(video_id):
            return _instant(text), video_id
        case "title_key", [str(key), str(video_id)] if (
            _is_id(video_id) and len(key) <= MAX_TITLE_KEY_CHARACTERS and is_plain(key)
        ):
            return key, video_id
        case "size", [int(size), str(video_id)] if (
            _is_id(video_id) and 0 <= size <= MAX_SIZE_BYTES and not isinstance(size, bool)
        ):
            return size, video_id
    raise unknown_cursor()


def narrowed_cursor(cursor: str | None, *filters: str | None) -> str | None:
    """Return the cursor of a list that filters have changed, which is valid with the same filters only; None for None."""
    return None if cursor is None else f"{_mark(_scope(*filters))}-{cursor}"


def parse_narrowed_cursor(cursor: str | None, *filters: str | None) -> str | None:
    """Return the cursor of the whole list. Raises InvalidRequest for one that was made with other filters."""
    if cursor is None:
        return None
    mark, _, inner = cursor.partition("-")
    if mark != _mark(_scope(*filters)):
        raise unknown_cursor()
    return inner


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


def captions_cursor(uid: str, key: CaptionsKey) -> str:
    """Return the cursor that continues the list of a user's captions after these."""
    return _pack(_scope("captions", uid), [key.file_id, key.language])


def parse_captions_cursor(uid: str, cursor: str) -> CaptionsKey:
    """Return after which captions the list of a user's continues. Raises InvalidRequest as `parse_item_cursor` does."""
    match _unpack(_scope("captions", uid), cursor):
        case [str(file_id), str(language)] if _is_id(file_id) and _is_id(language):
            return CaptionsKey(file_id, language)
    raise unknown_cursor()


def trash_scope(uid: str) -> str:
    """Return the scope of a user's trash."""
    return _scope("trash", uid)


def entries_scope(uid: str, day: date | None, file_id: str | None) -> str:
    """Return the scope of a user's ledger entries, narrowed to a day or a file."""
    return _scope("entries", uid, day.isoformat() if day else None, file_id)


def grants_scope(uid: str, file_id: str | None) -> str:
    """Return the scope of a user's playback grants, narrowed to a video."""
    return _scope("grants", uid, file_id)


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
        case [str(uid)] if is_user_id(uid):
            return uid
    raise unknown_cursor()


def export_cursor(uid: str, section: str, cursor: str | None) -> str:
    """Return the cursor that continues a user's export in this section, at the section's own cursor."""
    return _pack(_scope("export", uid), [section, cursor or ""])


def parse_export_cursor(uid: str, cursor: str) -> tuple[str, str | None]:
    """Return the section, and its own cursor, where a user's export continues. Raises InvalidRequest."""
    match _unpack(_scope("export", uid), cursor):
        case [str(section), str(inner)]:
            return section, inner or None
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
            return _instant(text), document_id
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


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise unknown_cursor() from None
    if instant.tzinfo is not UTC:
        raise unknown_cursor()
    return instant


def _videos_scope(uid: str, order: VideoOrder) -> str:
    return _scope("videos", uid, order.field, "descending" if order.descending else "ascending")


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
    return InvalidRequest(
        "This page of the list does not exist any more. Start again at the beginning.",
        field="cursor",
        hint="A cursor is the 'next_cursor' of the same list, of the same user, with the same filters and sort order.",
    )


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def _mark(scope: str) -> str:
    return sha256(scope.encode()).hexdigest()[:12]
