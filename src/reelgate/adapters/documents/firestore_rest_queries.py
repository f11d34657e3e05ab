"""The queries of `firestore_queries` as Firestore's REST API takes them; a unit test holds each to its twin there.
The documents beside the books have one of their own, `find_documents`.

See the REST reference, "StructuredQuery".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reelgate.adapters.documents.document_store import Find
from reelgate.adapters.documents.firestore_documents import document_id
from reelgate.adapters.documents.firestore_rest_values import encode_value

_ID = "__name__"


@dataclass(frozen=True, slots=True)
class Query:
    """What to ask, below which document: `parent` is its path, empty for the database itself."""

    parent: str
    structured: dict[str, Any]

    def limit(self, number: int) -> Query:
        """Return the same query for that many documents at most."""
        return Query(self.parent, {**self.structured, "limit": number})


def videos_of(root: str, uid: str, *, after: tuple[datetime, str] | None = None) -> Query:
    """A user's videos, newest first. `root` is the resource name that all documents' names begin with."""
    return _newest_first(root, uid, "videos", "uploaded_at", after)


def trash_of(root: str, uid: str, *, after: tuple[datetime, str] | None = None) -> Query:
    """A user's trash, last deleted first."""
    return _newest_first(root, uid, "trash", "deleted_at", after)


def entries_of(uid: str, *, day: date | None = None, file_id: str | None = None, below: int | None = None) -> Query:
    """A user's ledger, newest first, of one day or file if asked, below a sequence number."""
    equal = {"date": None if day is None else day.isoformat(), "file_id": file_id}
    filters = [_filter(path, "EQUAL", value) for path, value in equal.items() if value is not None]
    query: dict[str, Any] = {"from": [{"collectionId": "entries"}], "orderBy": [_order("sequence", "DESCENDING")]}
    query |= _where(filters)
    if below is not None:
        query["startAt"] = {"values": [encode_value(below)]}
    return Query(_user(uid), query)


def all_accounts(root: str, *, after: str | None = None) -> Query:
    """The accounts of all users, by uid."""
    query: dict[str, Any] = {"from": [{"collectionId": "users"}], "orderBy": [_order(_ID, "ASCENDING")]}
    if after is not None:
        query["startAt"] = {"values": [{"referenceValue": f"{root}/{_user(after)}"}]}
    return Query("", query)


def accounts_to_close(before: date) -> Query:
    """Ids of accounts whose current day began before a date, oldest days first."""
    return _ids_only(_ascending("users", "today.date", "LESS_THAN", before.isoformat()))


def accounts_with_expired_uploads(now: datetime) -> Query:
    """Ids of accounts with an open upload whose time is over."""
    return _ids_only(_ascending("users", "next_expiry", "LESS_THAN_OR_EQUAL", now))


def trash_to_purge(now: datetime) -> Query:
    """Trashed videos of any user whose time is over."""
    query = _ascending("trash", "purge_at", "LESS_THAN_OR_EQUAL", now)
    return Query("", {**query.structured, "from": [{"collectionId": "trash", "allDescendants": True}]})


def outbox_before(written_before: datetime) -> Query:
    """Outbox items written before an instant, oldest first."""
    return _ascending("outbox", "written_at", "LESS_THAN", written_before)


def find_documents(root: str, wanted: Find) -> Query:
    """The documents that a list beside the books asks for."""
    *owner, collection = wanted.collection
    parent = "/".join(map(document_id, owner))
    direction = "DESCENDING" if wanted.descending else "ASCENDING"
    filters = [_filter(path, "EQUAL", value) for path, value in wanted.equals.items()]
    bounds = {"GREATER_THAN_OR_EQUAL": wanted.at_least, "LESS_THAN": wanted.below}
    filters += [_filter(wanted.order_by, operator, value) for operator, value in bounds.items() if value is not None]
    query: dict[str, Any] = {
        "from": [{"collectionId": collection}],
        **_where(filters),
        "orderBy": [_order(wanted.order_by, direction), _order(_ID, direction)],
        "limit": wanted.limit,
    }
    if wanted.after is not None:
        value, identifier = wanted.after
        reference = "/".join(part for part in (root, parent, collection, document_id(identifier)) if part)
        query["startAt"] = {"values": [encode_value(value), {"referenceValue": reference}]}
    return Query(parent, query)


def _where(filters: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if not filters:
        return {}
    return {"where": filters[0] if len(filters) == 1 else {"compositeFilter": {"op": "AND", "filters": list(filters)}}}


def _newest_first(root: str, uid: str, collection: str, field: str, after: tuple[datetime, str] | None) -> Query:
    order = [_order(field, "DESCENDING"), _order(_ID, "DESCENDING")]
    query: dict[str, Any] = {"from": [{"collectionId": collection}], "orderBy": order}
    if after is not None:
        instant, identifier = after
        reference = {"referenceValue": f"{root}/{_user(uid)}/{collection}/{identifier}"}
        query["startAt"] = {"values": [encode_value(instant), reference]}
    return Query(_user(uid), query)


def _ascending(collection: str, field: str, operator: str, value: str | datetime) -> Query:
    where, order = _filter(field, operator, value), [_order(field, "ASCENDING")]
    return Query("", {"from": [{"collectionId": collection}], "where": where, "orderBy": order})


def _ids_only(query: Query) -> Query:
    return Query(query.parent, {**query.structured, "select": {"fields": [{"fieldPath": _ID}]}})


def _user(uid: str) -> str:
    return f"users/{document_id(uid)}"


def _filter(path: str, operator: str, value: str | int | datetime) -> dict[str, Any]:
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": operator, "value": encode_value(value)}}


def _order(path: str, direction: str) -> dict[str, Any]:
    return {"field": {"fieldPath": path}, "direction": direction}
