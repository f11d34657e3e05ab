"""Counts and sums over the documents that a query finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, Aggregate, DocumentStore, Query
from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
from tests.fixtures.put_document import put_document

NOTES = ("users", "a/da", "notes")
BEGAN = datetime(2026, 11, 3, tzinfo=UTC)


async def write(documents: DocumentStore, **by_id: dict[str, Any]) -> None:
    for identifier, fields in by_id.items():
        await put_document(documents, Address(NOTES, identifier), fields)


async def total(documents: DocumentStore, *sums: str, **wanted: Any) -> Aggregate:
    return await documents.aggregate(Query(**{"collection": NOTES, "limit": 100, **wanted}), sums=sums)


async def test_without_documents_all_numbers_are_0(documents: DocumentStore) -> None:
    assert await total(documents) == (0, {})
    assert await total(documents, "n", equals={"kind": "x"}) == (0, {"n": 0})


async def test_documents_are_counted_and_their_fields_added_up(documents: DocumentStore) -> None:
    await write(documents, a={"n": 1, "m": 10, "kind": "x"}, b={"n": 2, "m": 20, "kind": "x"}, c={"n": 4, "m": 40, "kind": "y"})
    await put_document(documents, Address(("users", "bob", "notes"), "d"), {"n": 8, "m": 80, "kind": "x"})
    assert await total(documents) == (3, {})
    assert await total(documents, "n") == (3, {"n": 7})
    assert await total(documents, "n", "m", equals={"kind": "x"}) == (2, {"n": 3, "m": 30})
    assert await total(documents, "n", collection=("notes",), all_owners=True, equals={"kind": "x"}) == (3, {"n": 11})


async def test_fields_in_maps_and_fractions_are_added_up(documents: DocumentStore) -> None:
    await write(documents, a={"run": {"seconds": 1.5}}, b={"run": {"seconds": 2}})
    assert await total(documents, "run.seconds") == (2, {"run.seconds": 3.5})


async def test_big_sums_are_exact(documents: DocumentStore) -> None:
    await write(documents, a={"n": 2**53}, b={"n": 1})
    assert await total(documents, "n") == (2, {"n": 2**53 + 1})


async def test_only_documents_within_the_bounds_count(documents: DocumentStore) -> None:
    await write(documents, **{f"d{n}": {"at": BEGAN + timedelta(hours=n), "kind": "xy"[n % 2]} for n in range(6)})
    bounds = {"order_by": "at", "at_least": BEGAN + timedelta(hours=2)}
    assert (await total(documents, **bounds)).number == 4
    assert (await total(documents, **bounds, descending=True, equals={"kind": "x"})).number == 2
    assert (await total(documents, **bounds, below=BEGAN + timedelta(hours=3))).number == 1


async def test_the_limit_bounds_what_is_counted(documents: DocumentStore) -> None:
    await write(documents, **{f"d{n}": {"n": 1} for n in range(5)})
    assert await total(documents, "n", limit=3) == (3, {"n": 3})


async def test_pages_and_ids_have_no_effect(documents: DocumentStore) -> None:
    await write(documents, a={"n": 1}, b={"n": 2})
    assert await total(documents, "n", order_by="n", after=(1, "a"), ids_only=True) == (2, {"n": 3})


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_an_aggregation_is_billed_as_one_read(documents: DocumentStore, count: int) -> None:
    if not isinstance(documents, FirestoreDocumentStore):
        pytest.skip("only Firestore is billed")
    await write(documents, **{f"d{n}": {"n": 1} for n in range(count)})
    before = documents.operations.reads
    await total(documents, "n")
    assert documents.operations.reads - before == 1
