"""Every list beside the books has its index, and every index its list: the emulator would not tell, the cloud would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reelgate.adapters.documents.document_store import Query
from reelgate.adapters.records.audit_log import DocumentAuditLog
from reelgate.domain.audit import Action
from tests.doubles.memory_document_store import MemoryDocumentStore
from tests.fixtures.record_shapes import LISTS, queries_of
from tests.unit.books.test_book_indexes import DECLARED, composites, single_indexes

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
BOOKS = {"users", "videos", "trash", "entries", "days", "outbox"}  # which have a test of their own
ACTION = Action(
    action_id="a", at=AT, action="upload.granted", uid="ada", service="upload", outcome="done", description="d", request_id="r"
)


def order_of(find: Query) -> tuple[str, str]:
    assert find.order_by is not None
    return find.order_by, "DESCENDING" if find.descending else "ASCENDING"


def indexes_of(find: Query) -> set[tuple[tuple[str, str], ...]]:
    """Return the composite indexes of a query: one for each filter, which are merged (Firestore docs, "Index merging"), all of
    them behind the field that has one of several values.
    """
    first = [] if find.one_of is None else [(find.one_of[0], "ASCENDING")]
    filters = [[(equal, "ASCENDING")] for equal in find.equals] or ([[]] if first else [])
    return {(*first, *equal, order_of(find)) for equal in filters}


@pytest.mark.parametrize("collection", LISTS)
async def test_every_list_has_its_index(collection: str) -> None:
    for find in await queries_of(collection):
        needed = indexes_of(find)
        if not needed:
            path, direction = order_of(find)
            assert (direction, "COLLECTION") in single_indexes(collection, path)
        assert needed <= composites(collection, "COLLECTION")


async def test_no_declared_composite_is_unused() -> None:
    needed = {
        (collection, index) for collection in LISTS for find in await queries_of(collection) for index in indexes_of(find)
    }
    declared = {
        (index["collectionGroup"], tuple((field["fieldPath"], field["order"]) for field in index["fields"]))
        for index in DECLARED["indexes"]
        if index["collectionGroup"] not in BOOKS
    }
    assert declared == needed


async def test_what_no_list_of_the_log_asks_for_is_not_indexed() -> None:
    documents = MemoryDocumentStore()
    log = DocumentAuditLog(documents, keep=timedelta(days=1))
    await log.record(ACTION)
    [stored] = await documents.find(Query(collection=("audit",), order_by="created_at", limit=1))
    indexed = {path for path in stored.fields if single_indexes("audit", path)}
    assert indexed == set()
    for index in composites("audit", "COLLECTION"):  # an index that began with anything else would bear 500 writes a second
        assert index[0] == ("shard", "ASCENDING")
    assert single_indexes("audit", "details.filename") == set()
    [ttl] = [o["fieldPath"] for o in DECLARED["fieldOverrides"] if o["collectionGroup"] == "audit" and o.get("ttl")]
    assert isinstance(stored.fields[ttl], datetime)
