"""The record of deliveries, as documents `deliveries/{id}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Fields, Query
from reelgate.adapters.documents.single_documents import FollowedDocument, create_document, get_document
from reelgate.adapters.documents.tombstones import tombstone_of_user
from reelgate.domain.books.list_cursors import deliveries_scope, item_cursor, parse_item_cursor
from reelgate.domain.notifications.deliveries import Delivery, Event, State
from reelgate.ports.books import Page
from reelgate.ports.notifications import DecideDelivery, DeliveryFilter, FollowedDelivery

COLLECTION = ("deliveries",)
_OF_EVENT = tuple(field.name for field in fields(Event))
_OF_DELIVERY = tuple(field.name for field in fields(Delivery) if field.name != "event")


class DocumentDeliveries:
    """Implements `Deliveries` over any `DocumentStore`.

    Every attempt has its own id, so two attempts that claim a delivery at the same instant write different documents. After
    a lost answer, a store recognises its own write by its content; the id makes sure that it finds the right one.
    """

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def add(self, delivery: Delivery) -> bool:
        """See `Deliveries.add`."""
        return await create_document(
            self._documents, _address(delivery.id), to_fields(delivery), unless=_tombstone(delivery.event.uid)
        )

    async def get(self, delivery_id: str) -> Delivery | None:
        """See `Deliveries.get`."""
        stored = await get_document(self._documents, _address(delivery_id))
        return None if stored is None else from_fields(stored.fields)

    async def change(self, delivery_id: str, decide: DecideDelivery) -> Delivery | None:
        """See `Deliveries.change`."""
        return await self.follow(delivery_id).change(lambda current: None if current is None else decide(current))

    def follow(self, delivery_id: str, *, uid: str = "", new: bool = False) -> FollowedDelivery:
        """See `Deliveries.follow`."""
        unless = _tombstone(uid)
        return _FollowedDelivery(FollowedDocument(self._documents, _address(delivery_id), new=new, unless=unless))

    async def silent(self, state: State, before: datetime, *, limit: int) -> Sequence[Delivery]:
        """See `Deliveries.silent`."""
        found = await self._documents.find(
            Query(collection=COLLECTION, equals={"state": state}, order_by="updated_at", below=before, limit=limit)
        )
        return [from_fields(stored.fields) for stored in found]

    async def mailed(self, uid: str, day: date, *, limit: int) -> int:
        """See `Deliveries.mailed`."""
        query = Query(collection=COLLECTION, equals={"uid": uid, "mailed_on": day.isoformat()}, limit=limit)
        return (await self._documents.aggregate(query)).number

    async def list(self, which: DeliveryFilter, *, limit: int, cursor: str | None = None) -> Page[Delivery]:
        """See `Deliveries.list`."""
        equals = {name: value for name in ("state", "type", "uid") if (value := getattr(which, name)) is not None}
        scope = deliveries_scope(which.state, which.type, which.uid)
        found = await self._documents.find(
            Query(
                collection=COLLECTION,
                equals=equals,
                order_by="created_at",
                descending=True,
                after=parse_item_cursor(scope, cursor) if cursor else None,
                limit=limit + 1,
            )
        )
        items = [from_fields(stored.fields) for stored in found[:limit]]
        more = len(found) > limit
        return Page(items, item_cursor(scope, items[-1].created_at, items[-1].id) if more else None)


class _FollowedDelivery:
    def __init__(self, document: FollowedDocument) -> None:
        self._document = document

    async def read(self) -> Delivery | None:
        """See `FollowedDelivery.read`."""
        return _delivery(await self._document.read())

    async def change(self, decide: Callable[[Delivery | None], Delivery | None]) -> Delivery | None:
        """See `FollowedDelivery.change`."""

        def decided(document: Document | None) -> tuple[Fields | None, Delivery | None]:
            current = _delivery(document)
            changed = decide(current)
            return (None, current) if changed is None else (to_fields(changed), changed)

        contended = "The delivery is being changed by too many requests at once."
        return await self._document.change(decided, contended=contended)


def to_fields(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as a document that holds its event's fields and its own."""
    event = {name: getattr(delivery.event, name) for name in _OF_EVENT}
    own = {name: getattr(delivery, name) for name in _OF_DELIVERY}
    mailed_on = None if delivery.mailed_on is None else delivery.mailed_on.isoformat()
    return {**event, "data": dict(delivery.event.data), **own, "mailed_on": mailed_on}


def from_fields(document: Mapping[str, Any]) -> Delivery:
    """Return the delivery that a document holds. Unknown fields are ignored."""
    event = Event(**{name: document[name] for name in _OF_EVENT})
    known = {name: document[name] for name in _OF_DELIVERY if name in document}
    mailed_on = known.get("mailed_on")
    return Delivery(event=event, **{**known, "mailed_on": None if mailed_on is None else date.fromisoformat(mailed_on)})


def _delivery(document: Document | None) -> Delivery | None:
    return None if document is None else from_fields(document.fields)


def _tombstone(uid: str) -> Address | None:
    return tombstone_of_user(uid) if uid else None  # not every event is about a user


def _address(delivery_id: str) -> Address:
    return Address(COLLECTION, delivery_id)
