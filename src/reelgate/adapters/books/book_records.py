"""The records of the books as documents: where each is stored, and its fields.

Instants are Firestore timestamps (microseconds), calendar days are ISO dates, sizes are integers. Unknown fields are ignored
when reading, so an older revision can read what a newer one wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from reelgate.adapters.documents.document_store import Address, Fields
from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
from reelgate.domain.books.captions import Captions, CaptionsKey, CaptionsText
from reelgate.domain.books.entries import Delta, Entry, EntryId, EntryKind, SettledSums, Settlement
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.messages import Message, OutboxItem, PutPlaceholder, RemoveObject, TrimTrash
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import positional_value_type

Values = dict[str, Any]
"""The fields of a document that is to be written."""


class Collection:
    """Where documents are kept. `users`, `grants` and `outbox` are top-level collections; the others are below
    the user's document."""

    USERS = "users"
    UPLOADS = "uploads"
    NAMES = "names"
    VIDEOS = "videos"
    TRASH = "trash"
    CAPTIONS = "captions"
    ENTRIES = "entries"
    DAYS = "days"
    GRANTS = "grants"
    OUTBOX = "outbox"


GRANTS_KEPT = timedelta(days=30)
"""How long a grant is kept after its end, so that its token is answered with what has become of it. The collection's
time-to-live on `purge_at` removes it later."""

_TOP_LEVEL = frozenset({Collection.USERS, Collection.GRANTS, Collection.OUTBOX})


@positional_value_type
class Posted:
    """An outbox item and when it was written."""

    item: OutboxItem
    written_at: datetime


Record = Account | OpenUpload | NameClaim | Video | CaptionsText | PlaybackGrant | Entry | Day | Posted


def address_of(uid: str, collection: str, name: str) -> Address:
    """Return the address of a document of the books; `uid` does not matter for grants and the outbox."""
    if collection in _TOP_LEVEL:
        return Address((collection,), name)
    return Address((Collection.USERS, uid, collection), name)


def grant_address(grant_id: str) -> Address:
    """Return the address of a playback grant: the id in its token leads to it, which does not name the owner."""
    return Address((Collection.GRANTS,), grant_id)


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
            fields = _plain(record, without={"delta", "settlement"})
            settlement = {} if record.settlement is None else {"settlement": _encode_settlement(record.settlement)}
            return {**fields, "date": record.date.isoformat(), "movement": _plain(record.delta), **settlement}
        case Video():
            captions = [_plain(one) for one in record.captions]
            return {**_plain(record, without={"captions"}), "title_key": record.title_key, "captions": captions}
        case OpenUpload() | NameClaim() | CaptionsText():
            return _plain(record, without={"name_key", "key"})  # which are documents' ids
        case PlaybackGrant():
            ends_at = record.ends_at
            kept = {"origins": list(record.origins), "ends_at": ends_at, "purge_at": ends_at + GRANTS_KEPT}
            return {**_plain(record), **kept}
        case Posted(item=item):
            kind = next(kind for kind, made in _ITEMS.items() if isinstance(item, made))
            data = {"data": dict(item.data)} if isinstance(item, Message) else {}
            return {"kind": kind, "written_at": record.written_at, **_plain(item), **data}


def decode(address: Address, document: Fields) -> Record:
    """Return the record of the document at an address."""
    collection = address.collection[-1]
    if collection == Collection.CAPTIONS:
        return decode_captions(address, document)
    return decode_claim(address, document) if collection == Collection.NAMES else _DECODERS[collection](document)


def decode_account(document: Fields) -> Account:
    """Return the account of a `users/{uid}` document."""
    percents = document.get("alert_percents")
    changed = {
        "today": decode_day(document["today"]),
        "alert_percents": None if percents is None else tuple(percents),
        "recent_charges": tuple(document.get("recent_charges", ())),
        "erasing": "erasing" in document,  # a map, which `adapters.records.erasures` writes
    }
    return _made(Account, {**document, **changed})


def decode_day(document: Fields) -> Day:
    """Return the day of a `days/{date}` document, or of an account's `today`."""
    byte_seconds = document.get("byte_seconds")
    typed = {
        "date": date.fromisoformat(document["date"]),
        "waived": _made(Delta, document.get("waived", {})),
        "settled": SettledSums(**document.get("settled", {})),
        "byte_seconds": None if byte_seconds is None else int(byte_seconds),
        "standing": frozenset(document.get("standing", ())),
    }
    return _made(Day, {**document, **typed})


def decode_entry(document: Fields) -> Entry:
    """Return the ledger entry of a document."""
    kind, moved = EntryKind(document["kind"]), document["movement"]
    typed = {
        "entry_id": EntryId(document["entry_id"]),
        "kind": kind,
        "date": date.fromisoformat(document["date"]),
        "settlement": _decode_settlement(document["settlement"]) if "settlement" in document else None,
        "delta": _made(Delta, moved if "trash" in moved else {**moved, **_not_recorded(kind, document.get("size", 0))}),
    }
    return _made(Entry, {**document, **typed})


def _not_recorded(kind: EntryKind, size: int) -> Values:
    """Return what entries did not say of their deltas before the trash and streams were counted: it follows from their kind."""
    trash = {EntryKind.DELETE: size, EntryKind.RESTORE: -size, EntryKind.PURGE: -size}.get(kind, 0)
    return {"trash": trash, "stream_count": int(kind == EntryKind.STREAM)}


def decode_upload(document: Fields) -> OpenUpload:
    """Return the open upload of a document."""
    return _made(OpenUpload, document)


def decode_grant(document: Fields) -> PlaybackGrant:
    """Return the playback grant of a document."""
    return _made(PlaybackGrant, {**document, "origins": tuple(document["origins"])})


def decode_claim(address: Address, document: Fields) -> NameClaim:
    """Return the claim of a document in `names`, whose id is the key of the name."""
    return NameClaim(address.id, document["upload_id"])


def decode_video(document: Fields) -> Video:
    """Return the video of a document in `videos` or `trash`."""
    return _made(Video, {**document, "captions": tuple(_made(Captions, one) for one in document.get("captions", ()))})


def captions_id(key: CaptionsKey) -> str:
    """Return the id of the document with the text of captions."""
    return f"{key.file_id}:{key.language}"


def captions_key(address: Address) -> CaptionsKey:
    """Return which captions a document in `captions` is about."""
    file_id, _, language = address.id.partition(":")
    return CaptionsKey(file_id, language)


def decode_captions(address: Address, document: Fields) -> CaptionsText:
    """Return the text of a document in `captions`."""
    return CaptionsText(captions_key(address), document["deflated"])


def decode_posted(document: Fields) -> Posted:
    """Return the outbox item of a document, and when it was written."""
    return Posted(_made(_ITEMS[document["kind"]], document), document["written_at"])


def written_at(document: Fields) -> datetime:
    """Return when an outbox item was written, even if the item cannot be decoded."""
    instant: datetime = document["written_at"]
    return instant


_ITEMS: Mapping[str, type[OutboxItem]] = {
    "message": Message,
    "remove_object": RemoveObject,
    "put_placeholder": PutPlaceholder,
    "trim_trash": TrimTrash,
}
_DECODERS: Mapping[str, Callable[[Fields], Record]] = {
    Collection.USERS: decode_account,
    Collection.UPLOADS: decode_upload,
    Collection.VIDEOS: decode_video,
    Collection.TRASH: decode_video,
    Collection.ENTRIES: decode_entry,
    Collection.DAYS: decode_day,
    Collection.GRANTS: decode_grant,
    Collection.OUTBOX: decode_posted,
}


def _encode_account(account: Account) -> Values:
    return {
        **_plain(account, without={"today", "alert_percents", "recent_charges", "erasing"}),
        "alert_percents": None if account.alert_percents is None else list(account.alert_percents),
        "recent_charges": list(account.recent_charges),
        "today": {**_encode_day(account.today), "reserved": account.reserved},
    }


def _encode_day(day: Day) -> Values:
    return {
        **_plain(day),
        "date": day.date.isoformat(),
        "waived": {name: value for name, value in _plain(day.waived).items() if value},
        "settled": {name: value for name, value in _plain(day.settled).items() if value},
        # As text: 97 TiB, stored for a day, are more byte-seconds than an integer of Firestore holds.
        "byte_seconds": None if day.byte_seconds is None else str(day.byte_seconds),
        "raised": dict(day.raised),
        "standing": sorted(day.standing),
    }


def _encode_settlement(settlement: Settlement) -> Values:
    return {**_plain(settlement), "charged_on": settlement.charged_on.isoformat()}


def _decode_settlement(document: Fields) -> Settlement:
    return Settlement(date.fromisoformat(document["charged_on"]), document["measured"], document["sent"])


_FIELD_NAMES: Mapping[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (
        Account,
        Captions,
        CaptionsText,
        Day,
        Delta,
        Entry,
        Message,
        NameClaim,
        OpenUpload,
        PlaybackGrant,
        PutPlaceholder,
        RemoveObject,
        SettledSums,
        Settlement,
        TrimTrash,
        Video,
    )
}


def _plain(record: object, *, without: Set[str] = frozenset()) -> Values:
    """Return a dataclass's fields without converting nested dataclasses."""
    return {name: getattr(record, name) for name in _FIELD_NAMES[type(record)] if name not in without}


def _made[T](kind: type[T], document: Fields) -> T:
    return kind(**{name: document[name] for name in _FIELD_NAMES[kind] if name in document})
