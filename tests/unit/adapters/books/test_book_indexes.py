"""Every query has its index, every other field has none: the emulator would not tell, the cloud would."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reelgate.adapters.books import book_queries as queries
from reelgate.adapters.books.book_records import Posted, Record, encode
from reelgate.adapters.documents.document_store import Query
from reelgate.adapters.documents.firestore_queries import structured
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, Entry
from reelgate.domain.books.messages import Message, RemoveObject, TrimTrash
from tests.fixtures.book_shapes import SHAPES
from tests.fixtures.bookkeeping import an_upload
from tests.unit.adapters.books.samples import AT, GRANT, VIDEO

ROOT = Path(__file__).parents[4]
DECLARED = json.loads((ROOT / "firestore.indexes.json").read_text())
TODAY = date(2026, 11, 3)


EQUALITIES = {"EQUAL", "IN"}
"""Firestore answers IN as one query for each value."""


@dataclass(frozen=True)
class Shape:
    """What a query needs: equalities, then an order without the document id, which every index ends with."""

    collection: str
    scope: str
    equal: tuple[str, ...]
    order: tuple[tuple[str, str], ...]


def shape_of(query: Query) -> Shape:
    """Read a query as it is sent."""
    sent = structured("projects/p/databases/(default)/documents", query)
    [source] = sent["from"]
    order = [(part["field"]["fieldPath"], part["direction"]) for part in sent["orderBy"]]
    # The id comes for free only in the direction of the last field before it.
    assert order.pop() == ("__name__", order[-1][1] if order else "ASCENDING")
    filters = list(_filters(sent.get("where")))
    ranges = [path for path, operator in filters if operator not in EQUALITIES]
    assert set(ranges) <= {path for path, _ in order[:1]}, "a range must be on the field that is ordered by"
    return Shape(
        collection=source["collectionId"],
        scope="COLLECTION_GROUP" if source.get("allDescendants") else "COLLECTION",
        equal=tuple(path for path, operator in filters if operator in EQUALITIES),
        order=tuple(order),
    )


def _filters(where: Any) -> Iterator[tuple[str, str]]:
    if where is None:
        return
    if "compositeFilter" in where:
        for part in where["compositeFilter"]["filters"]:
            yield from _filters(part)
    else:
        yield where["fieldFilter"]["field"]["fieldPath"], where["fieldFilter"]["op"]


def single_indexes(collection: str, path: str) -> set[tuple[str, str]]:
    """Return direction and scope of the single-field indexes of a field, which exist by default unless overridden."""
    overrides = {(o["collectionGroup"], o["fieldPath"]): o["indexes"] for o in DECLARED["fieldOverrides"]}
    parts = path.split(".")
    for length in range(len(parts), 0, -1):  # a map's override holds for what is in it
        override = overrides.get((collection, ".".join(parts[:length])))
        if override is not None:
            return {(index["order"], index["queryScope"]) for index in override}
    return {("ASCENDING", "COLLECTION"), ("DESCENDING", "COLLECTION")}


def composites(collection: str, scope: str) -> set[tuple[tuple[str, str], ...]]:
    """Return the declared composite indexes as tuples of field and direction."""
    return {
        fields_of(index)
        for index in DECLARED["indexes"]
        if (index["collectionGroup"], index["queryScope"]) == (collection, scope)
    }


def fields_of(index: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return a declared index as its fields, each with its direction, or `CONTAINS` for a list's values."""
    return tuple((field["fieldPath"], field.get("order") or field["arrayConfig"]) for field in index["fields"])


@pytest.mark.parametrize("name", SHAPES)
def test_every_query_has_its_index(name: str) -> None:
    shape = shape_of(SHAPES[name])
    if not shape.equal and shape.order:  # by document id alone: every collection is in that order
        [(path, direction)] = shape.order
        assert (direction, shape.scope) in single_indexes(shape.collection, path)
    assert not shape.equal or indexes_of(shape) <= composites(shape.collection, shape.scope)


WHOLE = {"entries_of_kinds", "entries_about", "unended_grants, a video"}
"""Queries with an index of their own, because merging indexes of such common values would be slow, and counting them dear."""


def indexes_of(shape: Shape) -> set[tuple[tuple[str, str], ...]]:
    """Return the composite indexes that a query needs, beside those of single fields.

    Several equalities are answered by merging the indexes of each (Firestore docs, "Index merging"), or by one of them all.
    """
    equal = tuple((path, "ASCENDING") for path in shape.equal)
    if shape in [shape_of(SHAPES[name]) for name in WHOLE]:
        return {(*equal, *shape.order)}
    return {(one, *shape.order) for one in equal}


def test_every_query_is_listed_here() -> None:
    defined = {
        name for name, member in inspect.getmembers(queries, inspect.isfunction) if member.__module__ == queries.__name__
    }
    public = {name for name in defined if not name.startswith("_")}
    assert public == {name.partition(",")[0] for name in SHAPES}


def test_queries_are_made_nowhere_else() -> None:
    """In this test's sight, or in that of the records beside the books (`test_record_indexes`, `test_user_documents`)."""
    made = {path.name for path in (ROOT / "src").rglob("*.py") if re.search(r"\bQuery\(", path.read_text())}
    records = {"api_keys.py", "audit_log.py", "deliveries.py", "derived_media.py", "egress_documents.py", "erasures.py"}
    assert made == records | {"book_queries.py", "user_documents.py"}


def test_no_declared_composite_is_unused() -> None:
    needed = {(shape.collection, shape.scope, index) for shape in map(shape_of, SHAPES.values()) for index in indexes_of(shape)}
    declared = {
        (index["collectionGroup"], index["queryScope"], tuple((f["fieldPath"], f["order"]) for f in index["fields"]))
        for index in DECLARED["indexes"]
        if index["collectionGroup"] in {collection for collection, _, _ in needed}  # others have tests of their own
    }
    assert declared == needed


RECORDS: list[tuple[str, Record]] = [
    ("users", Account(uid="ada", today=Day(date=TODAY))),
    ("uploads", an_upload()),
    ("videos", VIDEO),
    ("names", an_upload().claim),
    ("trash", VIDEO),
    ("entries", Entry(entry_id="e", kind="k", sequence=1, at=AT, date=TODAY, delta=Delta())),
    ("days", Day(date=TODAY)),
    ("grants", GRANT),
    ("outbox", Posted(Message(event_id="m", topic="videos", type="t", uid="ada"), AT)),
    ("outbox", Posted(RemoveObject(event_id="r", name="n", generation=1), AT)),
    ("outbox", Posted(TrimTrash(event_id="t", uid="ada"), AT)),
]


@pytest.mark.parametrize(("collection", "record"), RECORDS)
def test_what_no_query_asks_for_is_not_indexed(collection: str, record: Record) -> None:
    """Each index of a field is written with every write of the document, and a growing value is a hot spot."""
    shapes = [shape_of(query) for query in SHAPES.values()]
    asked = {path for shape in shapes if shape.collection == collection and not shape.equal for path, _ in shape.order}
    dashboards = {"stored", "reserved"} if collection == "users" else set()
    asked |= {"uid"} if collection == "grants" else set()  # when a user is deleted
    asked |= {"uid", "name"} if collection == "outbox" else set()  # when a user is deleted
    fields = set(encode(record))
    indexed = {path for path in fields if single_indexes(collection, path)}
    assert indexed == {path for path in asked if path in fields} | dashboards


def test_a_grown_value_in_an_account_is_not_indexed() -> None:
    assert single_indexes("users", "today.raised") == set()
    assert single_indexes("users", "today.date") == {("ASCENDING", "COLLECTION")}
