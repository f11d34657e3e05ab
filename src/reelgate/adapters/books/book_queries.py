"""Every query of the books. Each shape needs its index in `firestore.indexes.json`; a unit test compares them.

The Firestore emulator answers queries without their index, so a missing index would only be noticed in the cloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reelgate.adapters.books.book_records import Collection, captions_id, user_path
from reelgate.adapters.documents.document_store import Query
from reelgate.domain.books.captions import CaptionsKey
from reelgate.domain.books.entries import EntryKind
from reelgate.domain.books.list_cursors import VideoPlace
from reelgate.domain.books.video import VideoOrder

_NEXT_INSTANT = timedelta(microseconds=1)
_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)  # the last day of Firestore's timestamps


def videos_of(uid: str, *, order: VideoOrder, limit: int, after: VideoPlace | None = None) -> Query:
    """A user's videos, in an order."""
    return Query(
        collection=(*user_path(uid), Collection.VIDEOS),
        order_by=order.field,
        descending=order.descending,
        after=after,
        limit=limit,
    )


def uploads_of(uid: str, *, limit: int, after: tuple[datetime, str] | None = None) -> Query:
    """A user's open uploads, oldest first."""
    return Query(collection=(*user_path(uid), Collection.UPLOADS), order_by="created_at", after=after, limit=limit)


def names_of(uid: str, *, limit: int, after: str | None = None) -> Query:
    """Who has a user's file names, by the keys of the names: the documents' ids."""
    collection = (*user_path(uid), Collection.NAMES)
    return Query(collection=collection, after=None if after is None else (None, after), limit=limit)


def captions_of(uid: str, *, limit: int, after: CaptionsKey | None = None) -> Query:
    """Which captions of a user have a text, by the ids of their documents; the texts are not read."""
    place = None if after is None else (None, captions_id(after))
    return Query(collection=(*user_path(uid), Collection.CAPTIONS), after=place, limit=limit, ids_only=True)


def trash_of(uid: str, *, limit: int, after: tuple[datetime, str] | None = None) -> Query:
    """A user's trash, last deleted first."""
    collection = (*user_path(uid), Collection.TRASH)
    return Query(collection=collection, order_by="deleted_at", descending=True, after=after, limit=limit)


def oldest_trash_of(uid: str, *, limit: int) -> Query:
    """A user's trash, first due first."""
    return Query(collection=(*user_path(uid), Collection.TRASH), order_by="purge_at", limit=limit)


def grants_of(uid: str, file_id: str | None, *, limit: int, after: tuple[datetime, str] | None = None) -> Query:
    """A user's playback grants, of one video or of all, newest first."""
    return Query(
        collection=(Collection.GRANTS,),
        equals={"uid": uid} if file_id is None else {"uid": uid, "file_id": file_id},
        order_by="created_at",
        descending=True,
        after=after,
        limit=limit,
    )


def unended_grants(uid: str, now: datetime, *, limit: int, series: tuple[str, int] | None = None) -> Query:
    """A user's playback grants that end later than now: of all videos, or of one video and in one of its series."""
    of_video = {} if series is None else {"file_id": series[0], "series": series[1]}
    return Query(
        collection=(Collection.GRANTS,),
        equals={"uid": uid, **of_video},
        order_by="ends_at",
        at_least=now + _NEXT_INSTANT,
        limit=limit,
    )


def entries_of(uid: str, *, limit: int, day: date | None = None, file_id: str | None = None, below: int | None = None) -> Query:
    """A user's ledger, newest first, optionally of one day or file, below a sequence number."""
    equals: dict[str, Any] = {"date": None if day is None else day.isoformat(), "file_id": file_id}
    return Query(
        collection=(*user_path(uid), Collection.ENTRIES),
        equals={path: value for path, value in equals.items() if value is not None},
        order_by="sequence",
        descending=True,
        below=below,
        limit=limit,
    )


def entries_of_kinds(uid: str, day: date, kinds: Sequence[EntryKind], *, limit: int) -> Query:
    """A user's entries of some kinds on a day, newest first."""
    return Query(
        collection=(*user_path(uid), Collection.ENTRIES),
        equals={"date": day.isoformat()},
        one_of=("kind", tuple(kinds)),
        order_by="sequence",
        descending=True,
        limit=limit,
    )


def entries_about(uid: str, day: date, kind: EntryKind, *, filename: str, size: int, limit: int) -> Query:
    """A user's entries of one kind on a day about a file with this name and size."""
    return Query(
        collection=(*user_path(uid), Collection.ENTRIES),
        equals={"date": day.isoformat(), "kind": kind, "filename": filename, "size": size},
        limit=limit,
    )


def all_accounts(*, limit: int, after: str | None = None, ids_only: bool = False) -> Query:
    """The accounts of all users, by uid: the order of the documents' ids, for which no index is needed."""
    place = None if after is None else (None, after)
    return Query(collection=(Collection.USERS,), after=place, limit=limit, ids_only=ids_only)


def days_of(uid: str, first: date, last: date) -> Query:
    """A user's closed days from one date to another, both included, in their order."""
    collection, limit = (*user_path(uid), Collection.DAYS), (last - first).days + 1
    return Query(
        collection=collection, order_by="date", at_least=first.isoformat(), at_most=last.isoformat(), limit=max(1, limit)
    )


def last_day_before(uid: str, before: date) -> Query:
    """The last of a user's closed days before a date."""
    collection = (*user_path(uid), Collection.DAYS)
    return Query(collection=collection, order_by="date", descending=True, below=before.isoformat(), limit=1)


def accounts_to_close(before: date, *, limit: int) -> Query:
    """Ids of accounts whose current day began before a date, oldest days first."""
    return Query(collection=(Collection.USERS,), order_by="today.date", below=before.isoformat(), ids_only=True, limit=limit)


def expired_uploads_of(uid: str, now: datetime, *, limit: int) -> Query:
    """A user's open uploads that have expired, first expired first."""
    return Query(collection=(*user_path(uid), Collection.UPLOADS), order_by="expires_at", at_most=now, limit=limit)


def expired_uploads(now: datetime, *, limit: int) -> Query:
    """Open uploads of all users that have expired, first expired first."""
    return Query(collection=(Collection.UPLOADS,), all_owners=True, order_by="expires_at", at_most=now, limit=limit)


def trash_to_purge(now: datetime, *, limit: int) -> Query:
    """Trashed videos of all users that are due to be purged."""
    return Query(collection=(Collection.TRASH,), all_owners=True, order_by="purge_at", at_most=now, limit=limit)


def outbox_before(written_before: datetime = _END_OF_TIME, *, limit: int) -> Query:
    """Outbox items written before an instant, oldest first."""
    return Query(collection=(Collection.OUTBOX,), order_by="written_at", below=written_before, limit=limit)
