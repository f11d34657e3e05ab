"""Every list beside the books has its index, and every index its list: the emulator would not tell, the cloud would."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Find, Stored
from reelgate.adapters.records.audit_log import DocumentAuditLog
from reelgate.adapters.records.deliveries import DocumentDeliveries
from reelgate.domain.audit import Action
from reelgate.ports import DeliveriesWanted, LogFilter
from tests.doubles.memory_document_store import MemoryDocumentStore
from tests.unit.books.test_firestore_indexes import DECLARED, composites, single_indexes

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
BOOKS = {"users", "videos", "trash", "entries", "days", "outbox"}  # which have a test of their own
ACTION = Action(
    action_id="a", at=AT, action="upload.granted", uid="ada", service="upload", outcome="done", description="d", request_id="r"
)


class Remembering(MemoryDocumentStore):
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.finds: list[Find] = []

    async def find(self, wanted: Find) -> Sequence[Stored]:
        self.finds.append(wanted)
        return await super().find(wanted)


def subsets(**all_of: Any) -> Iterator[dict[str, Any]]:
    """Return every choice of some of the keywords."""
    for count in range(len(all_of) + 1):
        for names in combinations(all_of, count):
            yield {name: all_of[name] for name in names}


async def list_logs(documents: MemoryDocumentStore) -> None:
    log = DocumentAuditLog(documents, keep=timedelta(days=1))
    filters = {"uid": "ada", "action": "login", "area": "upload", "service": "upload", "outcome": "done"}
    for chosen in subsets(**filters, since=AT, until=AT):
        await log.actions(LogFilter(**chosen), now=AT, limit=1)


async def list_deliveries(documents: MemoryDocumentStore) -> None:
    for chosen in subsets(state="failed", type="video.ready", uid="ada"):
        await DocumentDeliveries(documents).list(DeliveriesWanted(**chosen), limit=1)
    await DocumentDeliveries(documents).silent("sending", AT, limit=1)


LISTS: dict[str, Callable[[MemoryDocumentStore], Awaitable[None]]] = {"audit": list_logs, "deliveries": list_deliveries}


async def finds_of(collection: str) -> list[Find]:
    documents = Remembering()
    await LISTS[collection](documents)
    assert documents.finds
    assert {find.collection[-1] for find in documents.finds} == {collection}
    return documents.finds


def order_of(find: Find) -> tuple[str, str]:
    return find.order_by, "DESCENDING" if find.descending else "ASCENDING"


@pytest.mark.parametrize("collection", LISTS)
async def test_every_list_has_its_index(collection: str) -> None:
    for find in await finds_of(collection):
        path, direction = order_of(find)
        if not find.equals:
            assert (direction, "COLLECTION") in single_indexes(collection, path)
        for equal in find.equals:  # several are answered by merging the indexes of each (Firestore docs, "Index merging")
            assert ((equal, "ASCENDING"), (path, direction)) in composites(collection, "COLLECTION")


async def test_no_declared_composite_is_unused() -> None:
    needed = {
        (collection, ((equal, "ASCENDING"), order_of(find)))
        for collection in LISTS
        for find in await finds_of(collection)
        for equal in find.equals
    }
    declared = {
        (index["collectionGroup"], tuple((field["fieldPath"], field["order"]) for field in index["fields"]))
        for index in DECLARED["indexes"]
        if index["collectionGroup"] not in BOOKS
    }
    assert declared == needed


async def test_what_no_list_of_the_log_asks_for_is_not_indexed() -> None:
    documents = Remembering()
    log = DocumentAuditLog(documents, keep=timedelta(days=1))
    await log.record(ACTION)
    [stored] = await documents.find(Find(collection=("audit",), order_by="created_at", limit=1))
    indexed = {path for path in stored.fields if single_indexes("audit", path)}
    assert indexed == {"created_at"}
    assert single_indexes("audit", "details.filename") == set()
    [ttl] = [o["fieldPath"] for o in DECLARED["fieldOverrides"] if o["collectionGroup"] == "audit" and o.get("ttl")]
    assert isinstance(stored.fields[ttl], datetime)
