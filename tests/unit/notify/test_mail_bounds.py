"""How many mails a user gets, and that strangers get none: the address must be verified, and a day has its number."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import replace
from datetime import date

import pytest

from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import LEASE, Delivery, Event, delivery_id
from reelgate.ports.notifications import NotSent
from reelgate.use_cases.accounts.open_account import Applicant, open_account
from reelgate.use_cases.notifications.notify import notify
from reelgate.use_cases.notifications.redeliver import redeliver
from tests.doubles.memory_identity import ADA
from tests.doubles.memory_notifications import TOLD, Killed, MemoryMailer, a_welcome, an_alert, an_audio_event
from tests.fixtures.memory_services import MemoryServices

EMAIL = "ada@example.org"
MOST = 3


@pytest.fixture
def services() -> MemoryServices:
    """Mails to verified addresses only, three a day, and a webhook."""
    return MemoryServices(notifications=replace(TOLD, to_unverified=False, mails_per_day=MOST))


def sent(services: MemoryServices) -> list[str]:
    assert isinstance(services.mailer, MemoryMailer)
    return [mail.to for mail in services.mailer.sent]


def mp3(number: int) -> Event:
    return replace(an_audio_event(), event_id=f"audio.ready:f{number}:1")


async def account(services: MemoryServices, *, verified: bool = True, email: str = EMAIL) -> None:
    await open_account(services, Applicant(uid="ada", email=email, username=None, email_verified=verified))


async def mail_about(services: MemoryServices, event: Event) -> Delivery:
    found = await services.deliveries.get(delivery_id(event, "mail"))
    assert found is not None
    return found


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("event", [an_alert(), an_audio_event(), a_welcome()], ids=lambda event: event.type)
async def test_an_address_that_is_not_verified_gets_nothing_and_webhooks_still_go(
    services: MemoryServices, event: Event, first: bool
) -> None:
    await account(services, verified=False)
    assert "mail withheld" in await notify(services, event, first=first)
    assert "mail withheld" in await notify(services, event)
    assert isinstance(services.mailer, MemoryMailer)
    assert (sent(services), services.mailer.opened, len(services.webhooks.to("ops"))) == ([], 0, 1)
    withheld = await mail_about(services, event)
    assert (withheld.state, withheld.error, withheld.mailed_on) == ("withheld", "the address is not verified", None)


async def test_an_address_is_verified_by_the_account_and_not_by_the_event(services: MemoryServices) -> None:
    assert await notify(services, an_alert()) == "mail withheld, ops delivered"  # there is no account
    await account(services)
    assert await notify(services, an_alert(threshold=100, email="old@example.org")) == "mail delivered, ops delivered"
    assert sent(services) == [EMAIL]


async def test_a_deployment_can_have_unverified_addresses_mailed() -> None:
    services = MemoryServices(notifications=replace(TOLD, to_unverified=True))
    await account(services, verified=False)
    assert await notify(services, an_alert()) == "mail delivered, ops delivered"


async def test_an_admin_can_send_what_was_withheld_once_the_address_is_verified(services: MemoryServices) -> None:
    await account(services, verified=False)
    await notify(services, an_alert())
    mail = delivery_id(an_alert(), "mail")
    assert (await redeliver(services, mail)).state == "withheld"
    await services.grant(caller=replace(ADA, email_verified=True))
    assert (await redeliver(services, mail)).state == "delivered"
    assert sent(services) == [EMAIL]


async def test_a_day_has_its_number_of_mails_of_all_kinds(services: MemoryServices) -> None:
    await account(services)
    for event in (an_alert(), a_welcome(), mp3(1)):
        assert "mail delivered" in await notify(services, event)
    for number in range(2, 5):
        assert "mail withheld" in await notify(services, mp3(number), first=bool(number % 2))
    assert len(sent(services)) == MOST
    withheld = await mail_about(services, mp3(4))
    assert withheld.error == "the user has had 3 mails on 2026-11-03, as many as REELGATE_MAILS_PER_DAY allows"
    assert len(services.webhooks.to("ops")) == 6
    services.clock.advance(days=1)
    assert "mail delivered" in await notify(services, mp3(5))
    assert "mail withheld" in await notify(services, mp3(4))  # that day is over


async def test_a_user_s_mails_do_not_use_up_another_s(services: MemoryServices) -> None:
    services.notifications = replace(services.notifications, to_unverified=True)
    for number in range(MOST):
        await notify(services, mp3(number))
    assert "mail delivered" in await notify(services, an_alert(uid="bob"))


async def test_mails_at_the_same_time_do_not_outrun_the_number(services: MemoryServices) -> None:
    await account(services)
    outcomes = await asyncio.gather(*(notify(services, mp3(number), first=True) for number in range(20)))
    states = Counter(outcome.partition(",")[0] for outcome in outcomes)
    assert states["mail delivered"] == len(sent(services)) <= MOST
    assert states["mail delivered"] + states["mail withheld"] == 20


async def test_an_admin_may_send_one_more(services: MemoryServices) -> None:
    await account(services)
    for number in range(MOST + 1):
        await notify(services, mp3(number))
    assert (await redeliver(services, delivery_id(mp3(MOST), "mail"))).state == "delivered"
    assert len(sent(services)) == MOST + 1


async def test_only_mails_that_may_have_arrived_count(services: MemoryServices) -> None:
    await account(services)
    assert isinstance(services.mailer, MemoryMailer)
    services.mailer.at_text = deque([NotSent("550 no", status=550, retryable=False)] * 5)
    for number in range(5):
        assert "mail failed" in await notify(services, mp3(number))
    services.mailer.at_text = deque([Killed()])
    with pytest.raises(Killed):
        await notify(services, mp3(5))
    for number in range(6, 8):
        assert "mail delivered" in await notify(services, mp3(number))
    services.clock.now += LEASE
    assert "mail uncertain" in await notify(services, mp3(5))
    assert "mail withheld" in await notify(services, mp3(8))
    assert await services.deliveries.mailed("ada", date(2026, 11, 3), limit=9) == MOST


async def test_a_day_that_cannot_be_counted_sends_nothing_yet(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await account(services)

    async def unreachable(*_: object, **__: object) -> int:
        raise Unavailable("The database cannot be reached.")

    with monkeypatch.context() as patched:
        patched.setattr(services.deliveries, "mailed", unreachable)
        with pytest.raises(Unavailable):
            await notify(services, an_alert(), first=True)
        pending = await mail_about(services, an_alert())
        assert (pending.state, sent(services)) == ("pending", [])
    assert await notify(services, an_alert()) == "mail delivered, ops delivered"
    assert sent(services) == [EMAIL]
