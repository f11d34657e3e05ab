"""Google's own client of Firestore as the judge: it reads what our store writes, writes what it reads, and finds the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions as google
from google.cloud.firestore import AsyncClient, AsyncDocumentReference, AsyncQuery, Increment
from google.cloud.firestore_v1.base_query import FieldFilter

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.document_store import Address, ConflictError, Document, Query, Write
from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore
from reelgate.adapters.documents.firestore_values import document_id
from reelgate.adapters.documents.single_documents import get_document, replace_document
from reelgate.adapters.records.audit_log import DocumentAuditLog
from reelgate.adapters.records.deliveries import DocumentDeliveries
from reelgate.domain.audit import Action, Outcome
from reelgate.domain.notifications.deliveries import new_delivery
from tests.contract.documents.test_documents import ADA, EVERY_KIND, ODD_IDS
from tests.doubles.memory_notifications import an_alert
from tests.fixtures.book_shapes import SHAPES
from tests.fixtures.bookkeeping import ENCODE_ACTION, NOON, Bookkeeper, SteppedClock, an_upload, some_captions
from tests.fixtures.put_document import put_document
from tests.fixtures.record_shapes import LISTS, queries_of

pytestmark = pytest.mark.emulator
LATER = NOON + timedelta(days=60)


@pytest.fixture
def store(firestore_clients: Callable[[], FirestoreClient]) -> FirestoreDocumentStore:
    return FirestoreDocumentStore(firestore_clients())


def path_of(address: Address) -> str:
    return "/".join(map(document_id, (*address.collection, address.id)))


def reference(sdk: AsyncClient, address: Address) -> AsyncDocumentReference:
    return sdk.document(path_of(address))


@pytest.mark.parametrize("odd", ["ada", *ODD_IDS])
async def test_the_sdk_reads_what_is_written(store: FirestoreDocumentStore, firestore_sdk: AsyncClient, odd: str) -> None:
    address = Address(("users", odd, "notes"), odd)
    await put_document(store, address, EVERY_KIND)
    snapshot = await reference(firestore_sdk, address).get()
    assert snapshot.to_dict() == EVERY_KIND
    document = await get_document(store, address)
    assert document is not None
    assert datetime.fromisoformat(document.version) == snapshot.update_time


@pytest.mark.parametrize("odd", ["ada", *ODD_IDS])
async def test_what_the_sdk_writes_is_read(store: FirestoreDocumentStore, firestore_sdk: AsyncClient, odd: str) -> None:
    address = Address(("users", odd, "notes"), odd)
    await reference(firestore_sdk, address).set(EVERY_KIND)
    document = await get_document(store, address)
    assert document is not None
    assert (document.address, document.fields) == (address, EVERY_KIND)
    if "%" not in odd:  # of a parent in a URL, the emulator decodes what stands for "%" twice
        assert await store.find(Query(collection=address.collection, order_by="whole", limit=5)) == [document]


async def test_both_refuse_to_create_what_is_there(store: FirestoreDocumentStore, firestore_sdk: AsyncClient) -> None:
    await store.commit([Write(ADA, {"n": 1}, absent=True)])
    with pytest.raises(google.AlreadyExists):
        await reference(firestore_sdk, ADA).create({"n": 2})
    await reference(firestore_sdk, ADA).delete()
    await reference(firestore_sdk, ADA).create({"n": 3})
    with pytest.raises(ConflictError):
        await store.commit([Write(ADA, {"n": 4}, absent=True)])
    assert (await reference(firestore_sdk, ADA).get()).to_dict() == {"n": 3}


async def test_both_refuse_to_write_over_what_has_changed(store: FirestoreDocumentStore, firestore_sdk: AsyncClient) -> None:
    await put_document(store, ADA, {"n": 1})
    read = await get_document(store, ADA)
    assert read is not None
    seen = await reference(firestore_sdk, ADA).get()
    await reference(firestore_sdk, ADA).update({"n": 2}, option=firestore_sdk.write_option(last_update_time=seen.update_time))
    assert not await replace_document(store, read, {"n": 3})
    fresh = await get_document(store, ADA)
    assert fresh is not None
    seen = await reference(firestore_sdk, ADA).get()
    assert await replace_document(store, fresh, {"n": 4})
    with pytest.raises(google.FailedPrecondition):
        await reference(firestore_sdk, ADA).update(
            {"n": 5}, option=firestore_sdk.write_option(last_update_time=seen.update_time)
        )
    assert (await reference(firestore_sdk, ADA).get()).to_dict() == {"n": 4}


async def test_a_commit_is_all_or_nothing_for_both(store: FirestoreDocumentStore, firestore_sdk: AsyncClient) -> None:
    bob = Address(("notes",), "bob")
    await reference(firestore_sdk, bob).set({"n": 1})
    with pytest.raises(ConflictError):
        await store.commit([Write(ADA, {"n": 1}), Write(bob, {"n": 2}, absent=True)])
    assert not (await reference(firestore_sdk, ADA).get()).exists
    batch = firestore_sdk.batch()
    batch.set(reference(firestore_sdk, ADA), {"n": 1})
    batch.create(reference(firestore_sdk, bob), {"n": 2})
    with pytest.raises(google.AlreadyExists):
        await batch.commit()
    assert await store.get(ADA, bob) == {bob: await get_document(store, bob)}
    await store.commit([Write(ADA, {"n": 1}), Write(bob, None)])
    assert [snapshot.id async for snapshot in firestore_sdk.collection("notes").stream()] == ["ada"]


async def test_both_count_on_from_each_other(store: FirestoreDocumentStore, firestore_sdk: AsyncClient) -> None:
    assert await store.count(ADA, {"at": NOON}) == 1
    await reference(firestore_sdk, ADA).update({"count": Increment(5)})
    assert await store.count(ADA, {}) == 7
    assert (await reference(firestore_sdk, ADA).get()).to_dict() == {"count": 7, "at": NOON}


def by_sdk(sdk: AsyncClient, query: Query) -> AsyncQuery:
    """Return a query in the SDK's words."""
    if query.all_owners:
        found: Any = sdk.collection_group(*query.collection)
    else:
        found = sdk.collection(*map(document_id, query.collection))
    for path, value in query.equals.items():
        found = found.where(filter=FieldFilter(path, "==", value))
    if query.contains_any is not None:
        path, texts = query.contains_any
        found = found.where(filter=FieldFilter(path, "array_contains_any", list(texts)))
    if query.one_of is not None:
        path, values = query.one_of
        found = found.where(filter=FieldFilter(path, "in", list(values)))
    for operator, bound in ((">=", query.at_least), ("<", query.below), ("<=", query.at_most)):
        if bound is not None and query.order_by is not None:
            found = found.where(filter=FieldFilter(query.order_by, operator, bound))
    direction = AsyncQuery.DESCENDING if query.descending else AsyncQuery.ASCENDING
    for field in filter(None, (query.order_by, "__name__")):
        found = found.order_by(field, direction=direction)
    if query.after is not None:
        last = {"__name__": reference(sdk, Address(query.collection, query.after[1]))}
        found = found.start_after(last if query.order_by is None else {query.order_by: query.after[0], **last})
    ids = found.select(["__name__"]) if query.ids_only else found
    limited: AsyncQuery = ids.limit(query.limit)
    return limited


async def fill(store: FirestoreDocumentStore) -> None:
    """Write something of every kind: books of three users, actions and deliveries."""
    clock = SteppedClock()
    for uid in ("ada", "a/da", "bea"):
        keeper = Bookkeeper(DocumentBooks(store, clock=clock, encode_action=ENCODE_ACTION), uid, clock=clock)
        for n in range(6):
            await keeper.add_video(an_upload(f"u{n}", size=10, at=clock.now))
            clock.advance(seconds=n % 2)
        for file_id in ("u1", "u1", "u5"):
            await keeper.share(file_id)
            await keeper.put_captions(f"{file_id}.mp4", some_captions())
        for n in range(4):
            await keeper.delete(f"u{n}.mp4")
            clock.advance(seconds=n % 2)
        await keeper.reserve(an_upload("open", size=10, at=clock.now))
        clock.advance(days=1)
        await keeper.roll()
    log, deliveries = DocumentAuditLog(store, keep=timedelta(days=1)), DocumentDeliveries(store)
    for n in range(12):
        at = NOON + timedelta(minutes=n // 2)
        uid, action = ("ada", "bob")[n % 2], ("login", "upload.granted", "register")[n % 3]
        outcome: Outcome = "denied" if n % 2 else "done"
        details: dict[str, Any] = {"number": n}
        await log.record(
            Action(
                action_id=f"id{n}",
                at=at,
                action=action,
                uid=uid,
                service="upload",
                outcome=outcome,
                description="d",
                data=details,
            )
        )
        added = new_delivery(an_alert(count=n, uid=uid), "mail", at)
        await deliveries.add(added.claimed("a", at) if n % 2 else added.claimed("a", at).refused("no", None, at, final=True))


def widened(query: Query) -> Query:
    """Return a query whose upper bound lets something through."""
    far: dict[type, Any] = {datetime: LATER, str: LATER.date().isoformat(), int: 10**6}
    return replace(
        query,
        below=None if query.below is None else far[type(query.below)],
        at_most=None if query.at_most is None else far[type(query.at_most)],
    )


async def assert_same(store: FirestoreDocumentStore, sdk: AsyncClient, query: Query) -> list[Document]:
    found = list(await store.find(query))
    snapshots = [snapshot async for snapshot in by_sdk(sdk, query).stream()]
    assert [path_of(one.address) for one in found] == [snapshot.reference.path for snapshot in snapshots]
    assert [one.fields for one in found] == [snapshot.to_dict() for snapshot in snapshots]
    return found


async def test_every_query_finds_what_the_sdk_finds(store: FirestoreDocumentStore, firestore_sdk: AsyncClient) -> None:
    """Whole and page by page, in the same order, with the same fields."""
    await fill(store)
    queries = {**SHAPES, **{f"{name} {n}": query for name in LISTS for n, query in enumerate(await queries_of(name))}}
    found: dict[str, int] = {}
    for name, narrow in queries.items():
        await assert_same(store, firestore_sdk, narrow)
        query = replace(widened(narrow), limit=100)
        whole = await assert_same(store, firestore_sdk, query)
        found[name] = len(whole)
        if query.ids_only or query.all_owners or not whole:  # which are not read page by page
            continue
        last = whole[0]
        value = None if query.order_by is None else last.fields[query.order_by]
        rest = await assert_same(store, firestore_sdk, replace(query, after=(value, last.address.id)))
        assert rest == whole[1:]
    assert {name: found[name] for name in SHAPES if ", next page" not in name and not found[name]} == {}
    assert sum(map(bool, found.values())) > len(SHAPES) + 20
