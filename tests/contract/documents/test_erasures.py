"""Erasing a user over any document store: what is found, what is refused, and what is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from reelgate.adapters.books.book_records import encode
from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.document_store import Address, DocumentStore, Query
from reelgate.adapters.records.api_keys import DocumentApiKeys
from reelgate.adapters.records.audit_log import DocumentAuditLog
from reelgate.adapters.records.deliveries import DocumentDeliveries
from reelgate.adapters.records.derived_media import DerivedMediaDocuments
from reelgate.adapters.records.erasures import DocumentErasures
from reelgate.adapters.records.preferences import DocumentPreferences
from reelgate.adapters.records.user_documents import MEDIA_PLACES, PLACES
from reelgate.adapters.records.usernames import DocumentUsernames
from reelgate.domain import errors
from reelgate.domain.audit import Action
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.notifications.deliveries import new_delivery
from reelgate.ports.audit import LogFilter
from reelgate.use_cases.personal_data.delete_user import delete_user
from reelgate.use_cases.personal_data.erase_user import resume_erasures
from tests.doubles.memory_identity import ROOT
from tests.doubles.memory_notifications import an_alert
from tests.fixtures.bookkeeping import AUDIT_KEPT, ENCODE_ACTION
from tests.fixtures.erased_user import EMAIL, GRACE, NAMES, UID, arrive, audit_messages, everything_about_grace
from tests.fixtures.memory_services import MemoryServices

Left = Callable[[], Awaitable[list[str]]]


@pytest.fixture
def services(documents: DocumentStore, media_documents: DocumentStore) -> MemoryServices:
    """All services, with every document in the stores under test."""
    made = MemoryServices()
    made.books = DocumentBooks(documents, clock=made.clock, encode_action=ENCODE_ACTION)
    made.audit_log = DocumentAuditLog(documents, keep=AUDIT_KEPT)
    made.erasures = DocumentErasures(documents, media=media_documents, encode_account=encode, encode_action=ENCODE_ACTION)
    made.usernames = DocumentUsernames(documents)
    made.deliveries = DocumentDeliveries(documents)
    made.preferences = DocumentPreferences(documents)
    made.api_keys = DocumentApiKeys(documents)
    made.derived_media = DerivedMediaDocuments(media_documents)
    return made


@pytest.fixture
def left(documents: DocumentStore, media_documents: DocumentStore) -> Left:
    """Returns the documents that name her, from every collection with data about users."""

    async def find() -> list[str]:
        places = [
            (documents, collection) for collection in {place.collection for place in PLACES} | {"users", "audit", "erased"}
        ]
        places += [(media_documents, collection) for collection in {place.collection for place in MEDIA_PLACES} | {"erased"}]
        found = [
            document
            for store, collection in places
            for path in ((collection,), ("users", UID, collection))
            for document in await store.find(Query(collection=path, limit=1000))
        ]
        texts = [f"{document.address} {dict(document.fields)}" for document in found]
        return [text for text in texts if any(name.lower() in text.lower() for name in NAMES)]

    return find


async def test_nothing_names_an_erased_user(services: MemoryServices, left: Left) -> None:
    await everything_about_grace(services)
    messages = [message for message in audit_messages(services) if "amazing" not in str(message).lower()]
    assert len(await left()) > 10
    assert (await delete_user(services, ROOT, UID)).complete
    assert await left() == []
    for message in messages:
        await arrive(services, message)
    assert await left() == []
    assert (await delete_user(services, ROOT, UID)).complete
    [deleted] = (await services.audit_log.actions(LogFilter(action="user.deleted"), now=services.now(), limit=9)).items
    assert deleted.action.data["user_id"].startswith("erased-")


async def test_nothing_about_an_erased_user_is_created(services: MemoryServices, left: Left) -> None:
    await everything_about_grace(services)
    await delete_user(services, ROOT, UID)
    with pytest.raises(errors.AccountDeleted):
        await services.grant(caller=GRACE)
    with pytest.raises(errors.AccountDeleted):
        await services.preferences.change(UID, lambda current: current)
    delivery = new_delivery(an_alert(uid=UID), "mail", services.now())
    assert not await services.deliveries.add(delivery)
    assert await services.deliveries.add(new_delivery(an_alert(uid="ada"), "mail", services.now()))
    record = DerivedMedia(uid=UID, file_id="late", filename="amazing.mp4", generation=1)
    with pytest.raises(errors.Unavailable):
        await services.derived_media.change(UID, "late", lambda _: record)
    assert await services.derived_media.get(UID, "late") == {}
    assert await left() == []


async def test_an_erasure_is_found_until_it_is_complete(services: MemoryServices, documents: DocumentStore) -> None:
    await everything_about_grace(services)
    account = (await services.books.accounts(limit=1)).items[0]
    for _ in range(2):
        begun = await services.erasures.begin(
            account, emails=frozenset({EMAIL}), now=services.now(), audit=lambda pseudonym: _action(services, pseudonym)
        )
        assert begun.person is not None
        assert not begun.complete
    assert list(await services.erasures.unfinished(limit=10)) == [UID]
    [marked] = (await documents.get(Address(("users",), UID))).values()
    assert marked.fields["disabled"] is True
    assert (await resume_erasures(services, until=services.now() + timedelta(minutes=5))).done == 1
    assert list(await services.erasures.unfinished(limit=10)) == []
    found = await services.erasures.find(UID, now=services.now())
    assert found is not None
    assert found.complete


def _action(services: MemoryServices, pseudonym: str) -> Action:
    return Action(
        action_id=f"user.deleted:{pseudonym}",
        at=services.now(),
        action="user.deleted",
        uid=pseudonym,
        service="accounts",
        outcome="done",
        description="User deleted",
    )
