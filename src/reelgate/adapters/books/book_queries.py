"""Every query of the books. Each shape needs its index in `firestore.indexes.json`; a unit test compares them.

The Firestore emulator answers queries without their index, so a missing index would only be noticed in the cloud.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from reelgate.adapters.books.book_records import Collection, user_path
from reelgate.adapters.documents.document_store import Query

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)  # the last day of Firestore's timestamps


def videos_of(uid: str, *, limit: int, after: tuple[datetime, str] | None = None) -> Query:
    """A user's videos, newest first."""
    return _newest_first(uid, Collection.VIDEOS, "uploaded_at", after, limit)


def uploads_of(uid: str, *, limit: int, after: tuple[datetime, str] | None = None) -> Query:
    """A user's open uploads, oldest first."""
    return Query(collection=(*user_path(uid), Collection.UPLOADS), order_by="created_at", after=after, limit=limit)


def names_of(uid: str, *, limit: int, after: str | None = None) -> Query:
    """A user's videos and the claims of open uploads, by the keys of their names: the documents' ids."""
    collection = (*user_path(uid), Collection.VIDEOS)
    return Query(collection=collection, after=None if after is None else (None, after), limit=limit)


def trash_of(uid: str, *, limit: int, after: tuple[datetime, str] | None = None) -> Query:
    """A user's trash, last deleted first."""
    return _newest_first(uid, Collection.TRASH, "deleted_at", after, limit)


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


def all_accounts(*, limit: int, after: str | None = None) -> Query:
    """The accounts of all users, by uid: the order of the documents' ids, for which no index is needed."""
    return Query(collection=(Collection.USERS,), after=None if after is None else (None, after), limit=limit)


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


def _newest_first(uid: str, collection: str, field: str, after: tuple[datetime, str] | None, limit: int) -> Query:
    return Query(collection=(*user_path(uid), collection), order_by=field, descending=True, after=after, limit=limit)
