"""Every query that is sent to Firestore. Each shape needs its index in `firestore.indexes.json`; a unit test compares them.

The emulator answers queries without their index, so a missing one would show in the cloud only.
"""

from __future__ import annotations

from datetime import date, datetime

from google.cloud.firestore import AsyncClient, AsyncQuery
from google.cloud.firestore_v1.base_query import FieldFilter

from reelgate.adapters.documents.firestore_documents import document_id

_ID = "__name__"


def videos_of(client: AsyncClient, uid: str, *, after: tuple[datetime, str] | None = None) -> AsyncQuery:
    """A user's videos, newest first."""
    return _newest_first(client, uid, "videos", "uploaded_at", after)


def trash_of(client: AsyncClient, uid: str, *, after: tuple[datetime, str] | None = None) -> AsyncQuery:
    """A user's trash, last deleted first."""
    return _newest_first(client, uid, "trash", "deleted_at", after)


def entries_of(
    client: AsyncClient, uid: str, *, day: date | None = None, file_id: str | None = None, below: int | None = None
) -> AsyncQuery:
    """A user's ledger, newest first, of one day or file if asked, below a sequence number."""
    query = client.collection("users", document_id(uid), "entries").order_by("sequence", direction=AsyncQuery.DESCENDING)
    if day is not None:
        query = query.where(filter=FieldFilter("date", "==", day.isoformat()))
    if file_id is not None:
        query = query.where(filter=FieldFilter("file_id", "==", file_id))
    return query if below is None else query.start_after({"sequence": below})


def all_accounts(client: AsyncClient, *, after: str | None = None) -> AsyncQuery:
    """The accounts of all users, by uid: the order of the documents' ids, for which no index is needed."""
    users = client.collection("users")
    query = users.order_by(_ID)
    return query if after is None else query.start_after({_ID: users.document(document_id(after))})


def accounts_to_close(client: AsyncClient, before: date) -> AsyncQuery:
    """Ids of accounts whose current day began before a date, oldest days first."""
    due = client.collection("users").where(filter=FieldFilter("today.date", "<", before.isoformat()))
    return due.order_by("today.date").select([_ID])


def accounts_with_expired_uploads(client: AsyncClient, now: datetime) -> AsyncQuery:
    """Ids of accounts with an open upload whose time is over."""
    return client.collection("users").where(filter=FieldFilter("next_expiry", "<=", now)).order_by("next_expiry").select([_ID])


def trash_to_purge(client: AsyncClient, now: datetime) -> AsyncQuery:
    """Trashed videos of any user whose time is over."""
    return client.collection_group("trash").where(filter=FieldFilter("purge_at", "<=", now)).order_by("purge_at")


def outbox_before(client: AsyncClient, written_before: datetime) -> AsyncQuery:
    """Outbox items written before an instant, oldest first."""
    due = client.collection("outbox").where(filter=FieldFilter("written_at", "<", written_before))
    return due.order_by("written_at")


def _newest_first(client: AsyncClient, uid: str, collection: str, field: str, after: tuple[datetime, str] | None) -> AsyncQuery:
    items = client.collection("users", document_id(uid), collection)
    query = items.order_by(field, direction=AsyncQuery.DESCENDING).order_by(_ID, direction=AsyncQuery.DESCENDING)
    if after is None:
        return query
    instant, identifier = after
    return query.start_after({field: instant, _ID: items.document(identifier)})
