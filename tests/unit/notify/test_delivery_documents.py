"""Deliveries as documents: nothing is lost on the way, every list has its index, and other fields have none."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.documents.document_store import ConflictError, Document, Query, Write
from reelgate.adapters.records.deliveries import DocumentDeliveries, from_fields, to_fields
from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import SETTLED, STATES, Delivery, new_delivery
from reelgate.ports.notifications import DeliveryFilter
from tests.doubles.memory_document_store import MemoryDocumentStore
from tests.doubles.memory_notifications import an_alert
from tests.fixtures.bookkeeping import NOON

DECLARED = json.loads((Path(__file__).parents[3] / "firestore.indexes.json").read_text())
NEW = new_delivery(an_alert(), "mail", NOON)
DELIVERIES = st.sampled_from(
    [
        NEW,
        NEW.claimed("a", NOON),
        NEW.claimed("a", NOON).handed_over(NOON, NOON.date()),
        NEW.claimed("a", NOON).delivered(250, NOON),
        NEW.claimed("a", NOON).refused("no", 451, NOON, final=False),
        NEW.claimed("a", NOON).refused("no" * 1000, None, NOON, final=True),
        NEW.claimed("a", NOON).uncertain("lost", NOON),
        NEW.claimed("a", NOON).skipped("muted", NOON),
    ]
)


@given(DELIVERIES)
def test_a_delivery_comes_back_as_it_was(delivery: Delivery) -> None:
    assert from_fields({**to_fields(delivery), "of a later version": 1}) == delivery
    assert (delivery.lease_until is not None) == (delivery.state == "sending")
    assert delivery.error is None or len(delivery.error) <= 300


def test_states() -> None:
    assert set(STATES) - SETTLED == {"pending", "sending"}


async def test_two_claims_of_one_instant_never_look_the_same() -> None:
    """A store may take a document with its own fields for its own write (after a lost answer)."""
    assert to_fields(NEW.claimed("a", NOON)) != to_fields(NEW.claimed("b", NOON))


class Contended(MemoryDocumentStore):
    """Somebody else is always faster."""

    async def commit(self, writes: Sequence[Write]) -> Sequence[Any]:
        if any(write.version is not None for write in writes):
            raise ConflictError("somebody else was faster")
        return await super().commit(writes)


async def test_a_delivery_that_others_change_all_the_time_is_unavailable() -> None:
    deliveries = DocumentDeliveries(Contended())
    await deliveries.add(NEW)
    with pytest.raises(Unavailable):
        await deliveries.change(NEW.id, lambda standing: standing.claimed("a", NOON))
    assert await deliveries.change("evt_none", lambda standing: standing) is None


class Watched(MemoryDocumentStore):
    """Notes the lists that are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Query] = []

    async def find(self, query: Query) -> Sequence[Document]:
        self.asked.append(query)
        return await super().find(query)


def overrides(collection: str) -> dict[str, list[Any]]:
    return {o["fieldPath"]: o["indexes"] for o in DECLARED["fieldOverrides"] if o["collectionGroup"] == collection}


async def test_every_list_has_its_index_and_no_index_is_unused() -> None:
    documents = Watched()
    deliveries = DocumentDeliveries(documents)
    for state, kind, uid in itertools.product(("failed", None), ("video.ready", None), ("ada", None)):
        await deliveries.list(DeliveryFilter(state=state, type=kind, uid=uid), limit=5)  # type: ignore[arg-type]
    composites = {
        tuple((field["fieldPath"], field["order"]) for field in index["fields"])
        for index in DECLARED["indexes"]
        if (index["collectionGroup"], index["queryScope"]) == ("deliveries", "COLLECTION")
    }
    asked = {name for find in documents.asked for name in find.equals}
    assert {(find.collection, find.order_by, find.descending) for find in documents.asked} == {
        (("deliveries",), "created_at", True)
    }
    documents.asked.clear()
    await deliveries.silent("sending", NEW.created_at, limit=5)
    assert [(find.order_by, find.descending, set(find.equals)) for find in documents.asked] == [
        ("updated_at", False, {"state"})
    ]
    # Several equalities are answered by merging the indexes of each (Firestore docs, "Index merging").
    silent = (("state", "ASCENDING"), ("updated_at", "ASCENDING"))
    mailed = (("uid", "ASCENDING"), ("mailed_on", "ASCENDING"))
    assert composites == {((name, "ASCENDING"), ("created_at", "DESCENDING")) for name in asked} | {silent, mailed}
    assert overrides("deliveries")["created_at"] == [{"order": "DESCENDING", "queryScope": "COLLECTION"}]


def test_what_no_list_asks_for_is_not_indexed() -> None:
    declared = overrides("deliveries")
    assert declared.keys() == to_fields(NEW).keys() - {field.name for field in fields(Delivery) if field.name == "event"}
    assert {name for name, indexes in declared.items() if indexes} == {"created_at"}
    assert overrides("preferences") == {"mails": []}


def test_deliveries_are_forgotten_in_time() -> None:
    (expiring,) = [
        o for o in DECLARED["fieldOverrides"] if (o["collectionGroup"], o["fieldPath"]) == ("deliveries", "expires_at")
    ]
    assert expiring["ttl"] is True
