"""Every query has its index, every other field has none: the emulator would not tell, the cloud would."""

from __future__ import annotations

import inspect
import json
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
from reelgate.domain.books.messages import Message, RemoveObject
from tests.fixtures.book_shapes import SHAPES
from tests.fixtures.bookkeeping import an_upload
from tests.unit.books.samples import AT, VIDEO

ROOT = Path(__file__).parents[3]
DECLARED = json.loads((ROOT / "firestore.indexes.json").read_text())
TODAY = date(2026, 11, 3)


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
    ranges = [path for path, operator in filters if operator != "EQUAL"]
    assert ranges in ([], [path for path, _ in order[:1]]), "a range must be on the field that is ordered by"
    return Shape(
        collection=source["collectionId"],
        scope="COLLECTION_GROUP" if source.get("allDescendants") else "COLLECTION",
        equal=tuple(path for path, operator in filters if operator == "EQUAL"),
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
        tuple((field["fieldPath"], field["order"]) for field in index["fields"])
        for index in DECLARED["indexes"]
        if (index["collectionGroup"], index["queryScope"]) == (collection, scope)
    }


@pytest.mark.parametrize("name", SHAPES)
def test_every_query_has_its_index(name: str) -> None:
    shape = shape_of(SHAPES[name])
    if not shape.equal and shape.order:  # by document id alone: every collection is in that order
        [(path, direction)] = shape.order
        assert (direction, shape.scope) in single_indexes(shape.collection, path)
    # Several equalities are answered by merging the indexes of each (Firestore docs, "Index merging").
    for path in shape.equal:
        assert ((path, "ASCENDING"), *shape.order) in composites(shape.collection, shape.scope)


def test_every_query_is_listed_here() -> None:
    defined = {
        name for name, member in inspect.getmembers(queries, inspect.isfunction) if member.__module__ == queries.__name__
    }
    public = {name for name in defined if not name.startswith("_")}
    assert public == {name.partition(",")[0] for name in SHAPES}


def test_queries_are_made_nowhere_else() -> None:
    """In this test's sight, or in that of the records beside the books (`test_record_indexes`)."""
    made = {path.name for path in (ROOT / "src").rglob("*.py") if "Query(" in path.read_text()}
    assert made == {"book_queries.py", "audit_log.py", "deliveries.py"}


def test_no_declared_composite_is_unused() -> None:
    needed = {
        (shape.collection, shape.scope, ((path, "ASCENDING"), *shape.order))
        for shape in map(shape_of, SHAPES.values())
        for path in shape.equal
    }
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
    ("videos", an_upload().claim),
    ("trash", VIDEO),
    ("entries", Entry(entry_id="e", kind="k", sequence=1, at=AT, date=TODAY, delta=Delta())),
    ("days", Day(date=TODAY)),
    ("outbox", Posted(Message(event_id="m", topic="videos", type="t", uid="ada"), AT)),
    ("outbox", Posted(RemoveObject(event_id="r", name="n", generation=1), AT)),
]


@pytest.mark.parametrize(("collection", "record"), RECORDS)
def test_what_no_query_asks_for_is_not_indexed(collection: str, record: Record) -> None:
    """Each index of a field is written with every write of the document, and a growing value is a hot spot."""
    shapes = [shape_of(query) for query in SHAPES.values()]
    asked = {path for shape in shapes if shape.collection == collection and not shape.equal for path, _ in shape.order}
    dashboards = {"stored", "reserved"} if collection == "users" else set()
    fields = set(encode(record))
    indexed = {path for path in fields if single_indexes(collection, path)}
    assert indexed == {path for path in asked if path in fields} | dashboards


def test_a_grown_value_in_an_account_is_not_indexed() -> None:
    assert single_indexes("users", "today.raised") == set()
    assert single_indexes("users", "today.date") == {("ASCENDING", "COLLECTION")}
