"""Queries as Firestore's REST API takes them (REST reference, "StructuredQuery")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from reelgate.adapters.documents.document_store import Query
from reelgate.adapters.documents.firestore_values import document_id, encode_value

_ID = "__name__"


def parent_of(query: Query) -> str:
    """Return the path of the document that the collection lies below, escaped; empty for the database itself."""
    return "/".join(map(document_id, query.collection[:-1]))


def structured(root: str, query: Query) -> dict[str, Any]:
    """Return the body of a query. `root` is the resource name that all documents' names begin with."""
    direction = "DESCENDING" if query.descending else "ASCENDING"
    source = {"collectionId": query.collection[-1], **({"allDescendants": True} if query.all_owners else {})}
    body: dict[str, Any] = {
        "from": [source],
        "orderBy": [_order(path, direction) for path in (query.order_by, _ID) if path is not None],
        "limit": query.limit,
    }
    filters = list(_filters(query))
    if filters:
        body["where"] = filters[0] if len(filters) == 1 else {"compositeFilter": {"op": "AND", "filters": filters}}
    if query.after is not None:
        value, identifier = query.after
        path = "/".join(map(document_id, (*query.collection, identifier)))
        last = {"referenceValue": f"{root}/{path}"}
        body["startAt"] = {"values": [last] if query.order_by is None else [encode_value(value), last]}
    if query.ids_only:
        body["select"] = {"fields": [{"fieldPath": _ID}]}
    return body


def aggregated(root: str, query: Query, sums: Sequence[str]) -> dict[str, Any]:
    """Return the body of an aggregation (REST reference, "StructuredAggregationQuery"). The number of documents is `count`, the
    sum of the first field `sum_0`, and so on. Without an ordering field nothing is ordered, so that no index needs an order.
    """
    body = structured(root, replace(query, after=None, ids_only=False))
    if query.order_by is None:
        del body["orderBy"]
    fields = [{"alias": f"sum_{number}", "sum": {"field": {"fieldPath": path}}} for number, path in enumerate(sums)]
    return {"structuredQuery": body, "aggregations": [{"alias": "count", "count": {}}, *fields]}


def _filters(query: Query) -> Iterator[dict[str, Any]]:
    for path, value in query.equals.items():
        yield _filter(path, "EQUAL", value)
    if query.one_of is not None:
        path, values = query.one_of
        yield _filter(path, "IN", list(values))
    if query.contains_any is not None:
        path, texts = query.contains_any
        yield _filter(path, "ARRAY_CONTAINS_ANY", list(texts))
    bounds = {"GREATER_THAN_OR_EQUAL": query.at_least, "LESS_THAN": query.below, "LESS_THAN_OR_EQUAL": query.at_most}
    for operator, bound in bounds.items():
        if bound is not None and query.order_by is not None:
            yield _filter(query.order_by, operator, bound)


def _filter(path: str, operator: str, value: str | int | datetime | list[str | int]) -> dict[str, Any]:
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": operator, "value": encode_value(value)}}


def _order(path: str, direction: str) -> dict[str, Any]:
    return {"field": {"fieldPath": path}, "direction": direction}
