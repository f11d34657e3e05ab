"""Deliveries and preferences over every store: races have one winner, lists are whole."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.records.deliveries import DocumentDeliveries
from reelgate.adapters.records.preferences import DocumentPreferences
from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import LEASE, Delivery, State, delivery_id, new_delivery
from reelgate.ports.notifications import DeliveryFilter
from reelgate.use_cases.notifications.notify import notify
from tests.doubles.memory_notifications import an_alert
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.memory_services import MemoryServices

NEW = new_delivery(an_alert(), "mail", NOON)


async def test_a_delivery_is_added_once_and_kept_as_it_was(documents: DocumentStore) -> None:
    deliveries = DocumentDeliveries(documents)
    assert await deliveries.get(NEW.id) is None
    claims = [NEW.claimed(f"attempt {number}", NOON) for number in range(10)]
    added = await asyncio.gather(*(deliveries.add(claim) for claim in claims))
    assert added.count(True) == 1
    assert await deliveries.get(NEW.id) == claims[added.index(True)]


async def test_one_of_many_claims_wins(documents: DocumentStore) -> None:
    deliveries = DocumentDeliveries(documents)
    await deliveries.add(NEW)

    async def claim(attempt_id: str) -> Delivery | None:
        return await deliveries.change(NEW.id, lambda one: None if one.held(NOON) else one.claimed(attempt_id, NOON))

    outcomes = await asyncio.gather(*(claim(str(number)) for number in range(8)))
    winners = {one.attempt_id for one in outcomes if one is not None}
    assert len(winners) == 1
    standing = await deliveries.get(NEW.id)
    assert standing is not None
    assert (standing.attempt_id, standing.attempts) == (winners.pop(), 1)


async def test_pushes_at_once_from_many_instances_send_one_mail(documents: DocumentStore) -> None:
    services = MemoryServices()
    services.deliveries = DocumentDeliveries(documents)
    services.preferences = DocumentPreferences(documents)
    results = await asyncio.gather(*(notify(services, an_alert()) for _ in range(12)), return_exceptions=True)
    assert {type(result) for result in results} <= {str, Unavailable}
    assert await notify(services, an_alert()) == "mail delivered, ops delivered"
    assert services.mailer is not None
    assert (len(services.mailer.sent), len(services.webhooks.posted)) == (1, 1)


async def test_the_mails_of_a_user_s_day_are_counted(documents: DocumentStore) -> None:
    deliveries, day = DocumentDeliveries(documents), NOON.date()
    for number in range(3):
        event = replace(an_alert(), event_id=f"alert:{number}")
        await deliveries.add(new_delivery(event, "mail", NOON).claimed("a", NOON).handed_over(NOON, day))
    handed_over = NEW.claimed("a", NOON).handed_over(NOON, day)
    await deliveries.add(handed_over.withheld("too many", NOON))
    await deliveries.add(new_delivery(an_alert(), "ops", NOON).claimed("a", NOON).delivered(204, NOON))
    await deliveries.add(new_delivery(an_alert(uid="bob"), "mail", NOON).claimed("a", NOON).handed_over(NOON, day))
    assert await deliveries.mailed("ada", day, limit=10) == 3
    assert await deliveries.mailed("ada", day, limit=2) == 2
    assert await deliveries.mailed("ada", day + timedelta(days=1), limit=10) == 0


async def test_a_lapsed_claim_is_taken_over_by_one(documents: DocumentStore) -> None:
    services = MemoryServices()
    services.deliveries = DocumentDeliveries(documents)
    await services.deliveries.add(NEW.claimed("a dead process", NOON))
    services.clock.now = NOON + LEASE
    await asyncio.gather(*(notify(services, an_alert()) for _ in range(8)), return_exceptions=True)
    assert await notify(services, an_alert()) == "mail delivered, ops delivered"
    assert services.mailer is not None
    assert len(services.mailer.sent) == 1


async def test_lists_are_whole_and_in_order(documents: DocumentStore) -> None:
    deliveries = DocumentDeliveries(documents)
    for number in range(7):
        event = an_alert(count=number, uid="ada" if number % 2 else "b/o#b")
        # Two at a time have the same instant: the id decides.
        delivery = new_delivery(event, "mail", NOON + timedelta(seconds=number // 2)).claimed("a", NOON)
        await deliveries.add(delivery.delivered(250, NOON) if number < 4 else delivery)
    for wanted, count in [
        (DeliveryFilter(), 7),
        (DeliveryFilter(uid="b/o#b"), 4),
        (DeliveryFilter(state="delivered"), 4),
        (DeliveryFilter(state="delivered", type="storage.alert", uid="ada"), 2),
        (DeliveryFilter(type="audio.ready"), 0),
    ]:
        seen: list[Delivery] = []
        cursor: str | None = None
        while True:
            page = await deliveries.list(wanted, limit=2, cursor=cursor)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        order = [(one.created_at, one.id) for one in seen]
        assert order == sorted(order, reverse=True)
        assert Counter(one.id for one in seen).most_common(1)[0][1] == 1 if seen else True
        assert len(seen) == count, wanted
        assert [await deliveries.get(one.id) for one in seen] == seen


async def test_preferences_are_changed_by_many_and_none_is_lost(documents: DocumentStore) -> None:
    preferences = DocumentPreferences(documents)
    assert (await preferences.get("a/b")).alerts is True
    await asyncio.gather(
        preferences.change("a/b", lambda standing: replace(standing, alerts=False)),
        preferences.change("a/b", lambda standing: replace(standing, audio=False)),
    )
    kept = await preferences.get("a/b")
    assert (kept.alerts, kept.audio) == (False, False)
    assert (await preferences.get("b")).alerts is True


def test_ids_fit_any_store() -> None:
    assert delivery_id(an_alert(uid="a/b ü" * 50), "m" * 24).isascii()
    assert len(delivery_id(an_alert(), "m" * 24)) <= 64


async def test_the_silent_ones_are_listed_oldest_first(documents: DocumentStore) -> None:
    deliveries = DocumentDeliveries(documents)
    ages = {"a": 5, "b": 4, "c": 3, "d": 30}
    for channel, minutes in ages.items():
        at = NOON - timedelta(minutes=minutes)
        delivery = new_delivery(an_alert(), channel, at).claimed("attempt", at)
        await deliveries.add(delivery if channel != "d" else delivery.refused("no", None, at, final=False))

    async def silent(state: State, minutes: float, limit: int = 9) -> list[str]:
        found = await deliveries.silent(state, NOON - timedelta(minutes=minutes), limit=limit)
        return [delivery.channel for delivery in found]

    assert await silent("sending", 3.5) == ["a", "b"]
    assert await silent("sending", 4) == ["a"]  # not who was changed at that very instant
    assert await silent("sending", 0, limit=2) == ["a", "b"]
    assert await silent("pending", 0) == ["d"]
    assert await silent("failed", 0) == []
