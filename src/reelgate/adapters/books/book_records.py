"""The records of the books as documents: where each is stored, and its fields.

Instants are Firestore timestamps (microseconds), calendar days are ISO dates, sizes are integers. Unknown fields are ignored
when reading, so an older revision can read what a newer one wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from reelgate.adapters.documents.document_store import Address, Fields
from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
from reelgate.domain.books.entries import Delta, Entry, EntryId, EntryKind
from reelgate.domain.books.messages import Message, OutboxItem, RemoveObject
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import positional_value_type

Values = dict[str, Any]
"""The fields of a document that is to be written."""


class Collection:
    """Where documents are kept. `users` and `outbox` are top-level collections; the others are below the user's document."""

    USERS = "users"
    UPLOADS = "uploads"
    VIDEOS = "videos"
    TRASH = "trash"
    ENTRIES = "entries"
    DAYS = "days"
    OUTBOX = "outbox"


_TOP_LEVEL = frozenset({Collection.USERS, Collection.OUTBOX})


@positional_value_type
class Posted:
    """An outbox item and when it was written."""

    item: OutboxItem
    written_at: datetime


Record = Account | OpenUpload | NameClaim | Video | Entry | Day | Posted


def address_of(uid: str, collection: str, name: str) -> Address:
    """Return the address of a document of the books; `uid` does not matter for the outbox."""
    if collection in _TOP_LEVEL:
        return Address((collection,), name)
    return Address((Collection.USERS, uid, collection), name)


def user_path(uid: str) -> tuple[str, str]:
    """Return the path of a user's document, which is the parent of the user's collections."""
    return Collection.USERS, uid


def encode(record: Record) -> Values:
    """Return the fields of a record's document."""
    match record:
        case Account():
            return _encode_account(record)
        case Day():
            return _encode_day(record)
        case Entry():
            fields = {name: value for name, value in _plain(record).items() if name != "delta"}
            return {**fields, "date": record.date.isoformat(), "movement": _plain(record.delta)}
        case NameClaim():
            return {"upload_id": record.upload_id}
        case OpenUpload() | Video():
            return _plain(record)
        case Posted(item=Message() as item):
            return {"kind": "message", "written_at": record.written_at, **_plain(item), "data": dict(item.data)}
        case Posted(item=item):
            return {"kind": "remove_object", "written_at": record.written_at, **_plain(item)}


def decode(address: Address, document: Fields) -> Record:
    """Return the record of the document at an address."""
    collection = address.collection[-1]
    return decode_name(address, document) if collection == Collection.VIDEOS else _DECODERS[collection](document)


def decode_account(document: Fields) -> Account:
    """Return the account of a `users/{uid}` document."""
    percents = document.get("alert_percents")
    changed = {
        "today": decode_day(document["today"]),
        "alert_percents": None if percents is None else tuple(percents),
        "recent_charges": tuple(document.get("recent_charges", ())),
    }
    return _made(Account, {**document, **changed})


def decode_day(document: Fields) -> Day:
    """Return the day of a `days/{date}` document, or of an account's `today`."""
    standing = frozenset(document.get("standing", ()))
    return _made(Day, {**document, "date": date.fromisoformat(document["date"]), "standing": standing})


def decode_entry(document: Fields) -> Entry:
    """Return the ledger entry of a document."""
    typed = {
        "entry_id": EntryId(document["entry_id"]),
        "kind": EntryKind(document["kind"]),
        "date": date.fromisoformat(document["date"]),
        "delta": _made(Delta, document["movement"]),
    }
    return _made(Entry, {**document, **typed})


def decode_upload(document: Fields) -> OpenUpload:
    """Return the open upload of a document."""
    return _made(OpenUpload, document)


def decode_name(address: Address, document: Fields) -> Video | NameClaim:
    """Return what has a name: the video of a document in `videos`, or the claim of an open upload."""
    return NameClaim(address.id, document["upload_id"]) if "upload_id" in document else decode_video(document)


def decode_video(document: Fields) -> Video:
    """Return the video of a document in `videos` or `trash`."""
    return _made(Video, document)


def decode_posted(document: Fields) -> Posted:
    """Return the outbox item of a document, and when it was written."""
    item = _made(RemoveObject, document) if document["kind"] == "remove_object" else _made(Message, document)
    return Posted(item, document["written_at"])


def written_at(document: Fields) -> datetime:
    """Return when an outbox item was written, even if the item cannot be decoded."""
    instant: datetime = document["written_at"]
    return instant


_DECODERS: Mapping[str, Callable[[Fields], Record]] = {
    Collection.USERS: decode_account,
    Collection.UPLOADS: decode_upload,
    Collection.TRASH: decode_video,
    Collection.ENTRIES: decode_entry,
    Collection.DAYS: decode_day,
    Collection.OUTBOX: decode_posted,
}


def _encode_account(account: Account) -> Values:
    return {
        **_plain(account, without={"today", "alert_percents", "recent_charges"}),
        "alert_percents": None if account.alert_percents is None else list(account.alert_percents),
        "recent_charges": list(account.recent_charges),
        "today": {**_encode_day(account.today), "reserved": account.reserved},
    }


def _encode_day(day: Day) -> Values:
    return {**_plain(day), "date": day.date.isoformat(), "raised": dict(day.raised), "standing": sorted(day.standing)}


_FIELD_NAMES: Mapping[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Account, Day, Delta, Entry, Message, NameClaim, OpenUpload, RemoveObject, Video)
}


def _plain(record: object, *, without: Set[str] = frozenset()) -> Values:
    """Return a dataclass's fields without converting nested dataclasses."""
    return {name: getattr(record, name) for name in _FIELD_NAMES[type(record)] if name not in without}


def _made[T](kind: type[T], document: Fields) -> T:
    return kind(**{name: document[name] for name in _FIELD_NAMES[kind] if name in document})
