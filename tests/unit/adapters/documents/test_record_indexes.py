"""Every list beside the books has its index, and every index its list: the emulator would not tell, the cloud would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reelgate.adapters.documents.document_store import Query
from reelgate.adapters.records.api_keys import DocumentApiKeys
from reelgate.adapters.records.audit_log import DocumentAuditLog
from reelgate.adapters.records.egress_documents import DocumentEgressRecords, records_after
from reelgate.domain.accounts.api_keys import new_api_key
from reelgate.domain.audit import Action
from reelgate.domain.usage.egress_records import EgressRecord
from reelgate.domain.usage.egress_tags import EgressTag
from tests.doubles.memory_document_store import MemoryDocumentStore
from tests.fixtures.record_shapes import LISTS, queries_of, sums_of
from tests.unit.adapters.books.test_book_indexes import DECLARED, composites, fields_of, single_indexes

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
BOOKS = {"users", "videos", "trash", "entries", "days", "grants", "outbox"}  # which have a test of their own
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
    filters = [[(equal, "ASCENDING")] for equal in find.equals]
    filters += [] if find.contains_any is None else [[(find.contains_any[0], "CONTAINS")]]
    filters = filters or ([[]] if first else [])
    return {(*first, *equal, order_of(find)) for equal in filters}


async def test_what_nothing_asks_for_of_what_was_sent_is_not_indexed() -> None:
    documents = MemoryDocumentStore()
    records = DocumentEgressRecords(documents)
    tag = EgressTag("f1:1800000000")
    record = EgressRecord(uid="ada", file_id="f1", tag=tag, log="media_usage_1", part=0, requests={b"12345678": 7})
    assert await records.put(record, due_at=AT, expires_at=AT + timedelta(days=1))
    [stored] = await documents.find(records_after("ada", ""))
    assert {path for path in stored.fields if single_indexes("egress", path)} == {"due_at"}
    [ttl] = [o["fieldPath"] for o in DECLARED["fieldOverrides"] if o["collectionGroup"] == "egress" and o.get("ttl")]
    assert isinstance(stored.fields[ttl], datetime)


@pytest.mark.parametrize("collection", LISTS)
async def test_every_list_has_its_index(collection: str) -> None:
    for find in await queries_of(collection):
        needed = indexes_of(find)
        if not needed and find.order_by is not None:  # otherwise the documents' ids
            path, direction = order_of(find)
            scope = "COLLECTION_GROUP" if find.all_owners else "COLLECTION"
            assert (direction, scope) in single_indexes(collection, path)
        assert needed <= composites(collection, "COLLECTION")


def index_of(find: Query, fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the index of a sum: the filters', and behind them the fields that are added up."""
    order = [] if find.order_by is None else [order_of(find)]
    added = [(field, "ASCENDING") for field in fields if field != find.order_by]
    return (*((equal, "ASCENDING") for equal in find.equals), *order, *added)


@pytest.mark.parametrize("collection", LISTS)
async def test_every_sum_has_its_index(collection: str) -> None:
    for find, fields in await sums_of(collection):
        index = index_of(find, fields)
        if len(index) == 1:
            [(path, direction)] = index
            assert (direction, "COLLECTION") in single_indexes(collection, path)
        else:
            assert index in composites(collection, "COLLECTION")


async def test_no_declared_composite_is_unused() -> None:
    needed = {
        (collection, index) for collection in LISTS for find in await queries_of(collection) for index in indexes_of(find)
    }
    sums = {(collection, index_of(*of)) for collection in LISTS for of in await sums_of(collection)}
    needed |= {(collection, index) for collection, index in sums if len(index) > 1}
    declared = {
        (index["collectionGroup"], fields_of(index)) for index in DECLARED["indexes"] if index["collectionGroup"] not in BOOKS
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


async def test_what_no_list_of_keys_asks_for_is_not_indexed() -> None:
    documents = MemoryDocumentStore()
    key = new_api_key("ada", label="l", scopes=["read"], created_at=AT, expires_at=AT + timedelta(days=1)).record
    await DocumentApiKeys(documents).add(key)
    [stored] = await documents.find(Query(collection=("api_keys",), order_by="created_at", limit=1))
    assert {path for path in stored.fields if single_indexes("api_keys", path)} == {"owner"}  # when a user is deleted
    [ttl] = [o["fieldPath"] for o in DECLARED["fieldOverrides"] if o["collectionGroup"] == "api_keys" and o.get("ttl")]
    assert isinstance(stored.fields[ttl], datetime)
