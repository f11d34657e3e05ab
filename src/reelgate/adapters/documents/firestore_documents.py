"""How records look as Firestore documents, and back.

Instants are Firestore timestamps (microseconds), calendar days are ISO dates, sizes are integers. Unknown fields are ignored
when reading, so an older revision can read what a newer one wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from reelgate.adapters.books.unit_of_work import Collection, Posted, Record
from reelgate.domain.books.account import Account, Day, OpenUpload
from reelgate.domain.books.entries import Delta, Entry, EntryId, EntryKind
from reelgate.domain.books.messages import Message, RemoveObject
from reelgate.domain.books.video import Video

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)  # the last instant that Firestore keeps lies in it

Document = dict[str, Any]
Fields = Mapping[str, Any]


def document_id(name: str) -> str:
    """Return the document id for any name: names that Firestore would refuse or split are escaped (`/`, `.`, `__x__`)."""
    escaped = name.replace("%", "%25").replace("/", "%2F")
    if escaped in {".", ".."} or re.fullmatch(r"__.*__", escaped, re.DOTALL):
        escaped = f"%{ord(escaped[0]):02X}{escaped[1:]}"
    return escaped


def name_of(identifier: str) -> str:
    """Return the name that a document id stands for."""
    return unquote(identifier)


def encode(record: Record) -> Document:
    """Return the fields of a record's document."""
    match record:
        case Account():
            return _encode_account(record)
        case Day():
            return _encode_day(record)
        case Entry():
            fields = {name: value for name, value in _plain(record).items() if name != "delta"}
            return {**fields, "date": record.date.isoformat(), "movement": _plain(record.delta)}
        case Video():
            return _plain(record)
        case Posted(item=Message() as item):
            return {"kind": "message", "written_at": record.written_at, **_plain(item), "data": dict(item.data)}
        case Posted(item=item):
            return {"kind": "remove_object", "written_at": record.written_at, **_plain(item)}


def decode(collection: Collection, document: Fields) -> Record:
    """Return the record of a document."""
    return _DECODERS[collection](document)


def decode_account(document: Fields) -> Account:
    """Return the account of a `users/{uid}` document."""
    percents = document.get("alert_percents")
    uploads = {
        upload_id: _made(OpenUpload, {**upload, "upload_id": upload_id})
        for upload_id, upload in document.get("uploads", {}).items()
    }
    changed = {
        "today": decode_day(document["today"]),
        "alert_percents": None if percents is None else tuple(percents),
        "uploads": uploads,
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


def decode_video(document: Fields) -> Video:
    """Return the video of a document in `videos` or `trash`."""
    return _made(Video, document)


def decode_posted(document: Fields) -> Posted:
    """Return the outbox item of a document, with the instant it was written at."""
    item = _made(RemoveObject, document) if document["kind"] == "remove_object" else _made(Message, document)
    return Posted(item, _native(document["written_at"]))


def written_at(document: Fields) -> datetime:
    """Return the instant that an outbox item was written at, also of one that cannot be decoded."""
    instant: datetime = _native(document["written_at"])
    return instant


_DECODERS: Mapping[Collection, Callable[[Fields], Record]] = {
    Collection.USERS: decode_account,
    Collection.VIDEOS: decode_video,
    Collection.TRASH: decode_video,
    Collection.ENTRIES: decode_entry,
    Collection.DAYS: decode_day,
    Collection.OUTBOX: decode_posted,
}


def _encode_account(account: Account) -> Document:
    uploads = {upload.upload_id: _plain(upload, without={"upload_id"}) for upload in account.uploads.values()}
    return {
        **_plain(account, without={"uploads", "today", "alert_percents"}),
        "alert_percents": None if account.alert_percents is None else list(account.alert_percents),
        "reserved": account.reserved,
        "next_expiry": account.next_expiry,
        "uploads": uploads,
        "today": {**_encode_day(account.today), "reserved": account.reserved},
    }


def _encode_day(day: Day) -> Document:
    return {**_plain(day), "date": day.date.isoformat(), "raised": dict(day.raised), "standing": sorted(day.standing)}


def _plain(record: object, *, without: frozenset[str] | set[str] = frozenset()) -> Document:
    """Return a dataclass's fields as they are, not descending into them."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in without}  # type: ignore[arg-type]


def _made[T](kind: type[T], document: Fields) -> T:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _native(value) for name, value in document.items() if name in known})


def _native(value: Any) -> Any:
    """Return a plain datetime for the SDK's subclass of it, everything else as it is."""
    return datetime.combine(value.date(), value.timetz()) if isinstance(value, datetime) else value
