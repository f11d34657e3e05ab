"""One event, one mail: under duplicates, races, refusals, and a process that dies between any two lines."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from reelgate.adapters.documents.document_store import Address, Aggregate, Document, Query
from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import LEASE, Delivery, Event, delivery_id
from reelgate.domain.notifications.preferences import MailPreferences
from reelgate.ports.notifications import NotSent, PerhapsSent
from reelgate.use_cases.notifications import attempt_delivery
from reelgate.use_cases.notifications.notify import notify
from reelgate.use_cases.personal_data.delete_user import delete_user
from tests.doubles.memory_document_store import MemoryDocumentStore
from tests.doubles.memory_notifications import TOLD, Killed, MemoryMailer, a_welcome, an_alert, an_audio_event
from tests.fixtures.memory_services import ROOT, MemoryServices

ALERT = an_alert()
ONLY_MAILS = replace(TOLD, endpoints=())


def mails(**more: object) -> tuple[MemoryServices, MemoryMailer]:
    mailer = MemoryMailer(**more)  # type: ignore[arg-type]
    return MemoryServices(mailer=mailer, notifications=ONLY_MAILS), mailer


async def delivery(services: MemoryServices, event: Event = ALERT, channel: str = "mail") -> Delivery:
    found = await services.deliveries.get(delivery_id(event, channel))
    assert found is not None
    return found


@pytest.mark.parametrize("first", [False, True])
async def test_an_event_is_told_over_every_channel_that_wants_it_and_never_again(first: bool) -> None:
    services = MemoryServices()
    assert await notify(services, an_audio_event(), first=first) == "mail delivered, main delivered, ops delivered"
    assert await notify(services, an_audio_event()) == "mail delivered, main delivered, ops delivered"
    assert services.mailer is not None
    assert [mail.to for mail in services.mailer.sent] == ["ada@example.org"]
    assert [posted.endpoint for posted in services.webhooks.posted] == ["main", "ops"]
    assert (services.mailer.opened, services.mailer.closed) == (1, 1)


async def test_an_event_that_nobody_wants_leaves_no_trace() -> None:
    services, _ = mails()
    event = replace(ALERT, event_id="video.deleted:1", type="video.deleted")
    assert await notify(services, event) == "no channel"
    assert await services.deliveries.get(delivery_id(event, "mail")) is None


async def test_without_a_mail_server_webhooks_still_go() -> None:
    services = MemoryServices(mailer=None)
    assert await notify(services, ALERT) == "ops delivered"


@pytest.mark.parametrize("first", [False, True])
async def test_pushes_of_one_event_at_once_send_one_mail(first: bool) -> None:
    gate = asyncio.Event()
    services, mailer = mails(gate=gate)
    pushes = [asyncio.create_task(notify(services, ALERT, first=first)) for _ in range(20)]
    for _ in range(100):  # nothing in memory takes longer
        await asyncio.sleep(0)
    done = [push for push in pushes if push.done()]
    assert [type(push.exception()) for push in done] == [Unavailable] * 19  # they come again, and find it settled
    gate.set()
    (first,) = set(pushes) - set(done)
    assert await first == "mail delivered"
    assert await notify(services, ALERT) == "mail delivered"
    assert len(mailer.sent) == 1


@pytest.mark.parametrize("first", [False, True])
async def test_one_channel_s_refusal_does_not_repeat_the_others(first: bool) -> None:
    services = MemoryServices()
    services.webhooks.troubles["ops"] = deque([NotSent("the endpoint answered 500", status=500), NotSent("no answer")])
    for _ in range(2):
        with pytest.raises(Unavailable, match="not sent yet over ops"):
            await notify(services, an_audio_event(), first=first)
    assert await notify(services, an_audio_event()) == "mail delivered, main delivered, ops delivered"
    assert services.mailer is not None
    assert len(services.mailer.sent) == 1
    assert (len(services.webhooks.to("main")), len(services.webhooks.to("ops"))) == (1, 3)
    assert len({(posted.message_id, posted.body) for posted in services.webhooks.to("ops")}) == 1
    assert (await delivery(services, an_audio_event(), "ops")).attempts == 3


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("where", ["at_open", "at_text"])
async def test_a_mail_refused_for_now_is_sent_by_a_later_push(first: bool, where: str) -> None:
    services, mailer = mails(**{where: deque([NotSent("451 later", status=451)])})
    with pytest.raises(Unavailable):
        await notify(services, ALERT, first=first)
    pending = await delivery(services)
    assert (pending.state, pending.attempts, pending.status, pending.error) == ("pending", 1, 451, "451 later")
    assert await notify(services, ALERT) == "mail delivered"
    delivered = await delivery(services)
    assert (delivered.attempts, delivered.status, delivered.error) == (2, 250, None)
    assert delivered.delivered_at == services.now()
    assert len(mailer.sent) == 1


@pytest.mark.parametrize("first", [False, True])
async def test_a_mail_refused_for_good_fails_at_once(first: bool) -> None:
    services, mailer = mails(at_open=deque([NotSent("550 nobody here", status=550, retryable=False)]))
    assert await notify(services, ALERT, first=first) == "mail failed"
    assert await notify(services, ALERT) == "mail failed"
    assert (mailer.opened, mailer.sent) == (1, [])


async def test_what_is_refused_too_often_fails_and_is_taken_off_the_queue() -> None:
    services = MemoryServices()
    services.webhooks.troubles["ops"] = deque([NotSent("no")] * 10)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await notify(services, ALERT)
    assert await notify(services, ALERT) == "mail delivered, ops failed"
    assert await notify(services, ALERT) == "mail delivered, ops failed"
    assert len(services.webhooks.to("ops")) == 3


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("taken", [False, True])
async def test_a_connection_lost_during_the_text_is_uncertain_and_never_sent_again(
    first: bool, taken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    services, mailer = mails(at_text=deque([PerhapsSent("lost")]), taken=taken)
    for _ in range(3):
        assert await notify(services, ALERT, first=first) == "mail uncertain"
    assert len(mailer.sent) == taken
    assert (await delivery(services)).error == "lost"
    assert [record.levelname for record in caplog.records if "uncertain" in record.getMessage()] == ["ERROR"]


async def test_a_process_that_dies_between_claim_and_text_has_sent_nothing_and_the_mail_goes_once() -> None:
    services, mailer = mails(at_open=deque([Killed()]))
    with pytest.raises(Killed):
        await notify(services, ALERT)
    with pytest.raises(Unavailable):  # as far as anybody knows, it is being sent
        await notify(services, ALERT)
    services.clock.now += LEASE
    assert await notify(services, ALERT) == "mail delivered"
    assert len(mailer.sent) == 1


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("taken", [False, True])
async def test_a_process_that_dies_at_the_text_leaves_it_uncertain(first: bool, taken: bool) -> None:
    services, mailer = mails(at_text=deque([Killed()]), taken=taken)
    with pytest.raises(Killed):
        await notify(services, ALERT, first=first)
    with pytest.raises(Unavailable):
        await notify(services, ALERT)
    services.clock.now += LEASE
    for _ in range(2):
        assert await notify(services, ALERT) == "mail uncertain"
    assert len(mailer.sent) == taken


async def test_a_first_attempt_that_dies_before_the_text_leaves_nothing_and_the_mail_goes_once() -> None:
    services, mailer = mails(at_open=deque([Killed()]))
    with pytest.raises(Killed):
        await notify(services, ALERT, first=True)
    assert await services.deliveries.get(delivery_id(ALERT, "mail")) is None
    assert await notify(services, ALERT) == "mail delivered"  # Pub/Sub got no answer, and pushes it again
    assert ((await delivery(services)).attempts, len(mailer.sent)) == (1, 1)


async def test_a_mail_is_four_reads_and_two_writes() -> None:
    """The first write is on condition that its user was not erased, which is the fourth read."""
    services, mailer = mails()
    operations: list[str] = []
    for store in (services.documents, services.books_store):
        _note_operations(store, operations)
    assert await notify(services, ALERT, first=True) == "mail delivered"
    reads = ["count deliveries", "read preferences", "read users"]
    assert sorted(operations) == [*reads, *["write deliveries"] * 2, "write erased"]
    assert len(mailer.sent) == 1


async def test_nothing_is_sent_to_a_user_who_was_deleted() -> None:
    """Their record cannot be created, and only then the tombstone is asked for: Pub/Sub does not push such an event again."""
    services, mailer = mails()
    await services.add_video()
    assert (await delete_user(services, ROOT, "ada")).complete
    assert await notify(services, ALERT, first=True) == "user deleted"
    assert await notify(services, ALERT) == "user deleted"
    assert mailer.sent == []
    assert await services.deliveries.get(delivery_id(ALERT, "mail")) is None


async def test_what_is_not_sent_at_all_is_one_write() -> None:
    services, mailer = mails()
    await services.preferences.change("ada", lambda _: MailPreferences(alerts=False))
    operations: list[str] = []
    _note_operations(services.documents, operations)
    assert await notify(services, ALERT, first=True) == "mail skipped"
    assert [one for one in operations if one.startswith("write")] == ["write deliveries", "write erased"]
    assert ((await delivery(services)).state, mailer.opened) == ("skipped", 0)


async def test_an_event_without_a_channel_costs_nothing() -> None:
    services, _ = mails()
    operations: list[str] = []
    for store in (services.documents, services.books_store):
        _note_operations(store, operations)
    assert await notify(services, replace(ALERT, type="video.ready"), first=True) == "no channel"
    assert operations == []


def _note_operations(store: MemoryDocumentStore, operations: list[str]) -> None:
    get = store.get

    async def noted(*addresses: Address) -> Mapping[Address, Document]:
        operations.extend(f"read {address.collection[0]}" for address in addresses)
        return await get(*addresses)

    aggregate = store.aggregate

    async def counted(query: Query, *, sums: Collection[str] = ()) -> Aggregate:
        operations.append(f"count {query.collection[0]}")
        return await aggregate(query, sums=sums)

    store.get, store.aggregate = noted, counted  # type: ignore[method-assign]
    store.before_commit = lambda writes: operations.extend(f"write {write.address.collection[0]}" for write in writes)


async def test_a_process_that_dies_again_and_again_does_not_try_for_ever() -> None:
    services, mailer = mails(at_open=deque([Killed()] * 9))
    for _ in range(3):
        with pytest.raises(Killed):
            await notify(services, ALERT)
        services.clock.now += LEASE
    assert await notify(services, ALERT) == "mail failed"
    assert (mailer.opened, (await delivery(services)).error) == (3, "given up")


@pytest.mark.parametrize("first", [False, True])
async def test_who_was_slow_and_was_taken_over_does_not_send(first: bool) -> None:
    """The first process hangs before the text for longer than its lease; the second one sends."""
    services, mailer = mails()
    hanging, go_on = asyncio.Event(), asyncio.Event()
    fast_open = mailer.open

    async def slow_open(*arguments: object, **more: object) -> object:
        hanging.set()
        await go_on.wait()
        return await fast_open(*arguments, **more)  # type: ignore[arg-type]

    mailer.open = slow_open  # type: ignore[method-assign, assignment]
    slow = asyncio.create_task(notify(services, ALERT, first=first))
    await hanging.wait()
    mailer.open = fast_open  # type: ignore[method-assign]
    services.clock.now += LEASE
    assert await notify(services, ALERT) == "mail delivered"
    go_on.set()
    assert await slow == "mail delivered"
    assert len(mailer.sent) == 1


async def test_who_lost_the_race_leaves_the_delivery_as_the_winner_left_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The winner is refused for now while the loser still closes its connection; the loser must not claim what is free."""
    gate = asyncio.Event()
    services, mailer = mails(gate=gate, at_text=deque([NotSent("451 later", status=451)]))
    winner = asyncio.create_task(notify(services, ALERT, first=True))
    await mailer.at_gate.wait()
    closing, go_on = asyncio.Event(), asyncio.Event()
    fast_open = MemoryMailer.open

    async def open_slow_to_close(self: MemoryMailer, *arguments: object, **more: object) -> object:
        opened = await fast_open(self, *arguments, **more)  # type: ignore[arg-type]

        async def close() -> None:
            closing.set()
            await go_on.wait()

        opened.close = close  # type: ignore[method-assign]
        return opened

    monkeypatch.setattr(MemoryMailer, "open", open_slow_to_close)
    loser = asyncio.create_task(notify(services, ALERT, first=True))
    await closing.wait()
    gate.set()
    with pytest.raises(Unavailable):
        await winner
    pending = await delivery(services)
    go_on.set()
    with pytest.raises(Unavailable):
        await loser
    assert (pending.state, await delivery(services)) == ("pending", pending)
    assert mailer.sent == []


@pytest.mark.parametrize("first", [False, True])
async def test_who_answers_late_dispels_the_doubt(first: bool) -> None:
    gate = asyncio.Event()
    services, mailer = mails(gate=gate)
    slow = asyncio.create_task(notify(services, ALERT, first=first))
    await mailer.at_gate.wait()
    assert (await delivery(services)).handed_over_at is not None
    services.clock.now += LEASE
    async with asyncio.timeout(60):
        assert await notify(services, ALERT) == "mail uncertain"
    gate.set()
    assert await slow == "mail delivered"
    assert (await delivery(services)).state == "delivered"
    assert len(mailer.sent) == 1


async def test_a_webhook_whose_sender_died_is_sent_again_under_the_same_id() -> None:
    services = MemoryServices(mailer=None)
    services.webhooks.troubles["ops"] = deque([Killed()])
    with pytest.raises(Killed):
        await notify(services, ALERT)
    services.clock.now += LEASE
    assert await notify(services, ALERT) == "ops delivered"
    assert len({posted.message_id for posted in services.webhooks.to("ops")}) == 1
    assert len(services.webhooks.to("ops")) == 2


@pytest.mark.parametrize("first", [False, True])
async def test_documents_that_cannot_be_reached_send_nothing(first: bool) -> None:
    services, mailer = mails()
    services.documents.unavailable = True
    with pytest.raises(Unavailable):
        await notify(services, ALERT, first=first)
    services.documents.unavailable = False
    assert mailer.sent == []
    assert await notify(services, ALERT) == "mail delivered"


@pytest.mark.parametrize("first", [False, True])
async def test_a_mail_whose_end_cannot_be_written_is_not_sent_twice(first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    services, mailer = mails()
    monkeypatch.setattr(attempt_delivery, "SETTLE_AGAIN_SECONDS", (0.0, 0.0))
    hand_over = MemoryMailer.open

    async def then_unreachable(self: MemoryMailer, *arguments: object, **more: object) -> object:
        opened = await hand_over(self, *arguments, **more)  # type: ignore[arg-type]
        text = opened.hand_over

        async def take() -> int:
            services.documents.unavailable = True
            return await text()

        opened.hand_over = take  # type: ignore[method-assign]
        return opened

    monkeypatch.setattr(MemoryMailer, "open", then_unreachable)
    with pytest.raises(Unavailable):
        await notify(services, ALERT, first=first)
    services.documents.unavailable = False
    services.clock.now += LEASE
    assert await notify(services, ALERT) == "mail uncertain"
    assert len(mailer.sent) == 1


@pytest.mark.parametrize("first", [False, True])
async def test_an_unexpected_error_counts_as_an_attempt_and_does_not_repeat_a_text(first: bool) -> None:
    services, mailer = mails(at_open=deque([RuntimeError("bug")]))
    with pytest.raises(Unavailable):
        await notify(services, ALERT, first=first)
    assert (await delivery(services)).error == "unexpected error: RuntimeError"
    mailer.at_text = deque([RuntimeError("bug")])
    assert await notify(services, ALERT) == "mail uncertain"


@pytest.mark.parametrize("first", [False, True])
async def test_a_message_without_what_its_mail_needs_fails_at_once(first: bool) -> None:
    services, mailer = mails()
    event = replace(ALERT, data={"email": "ada@example.org"})
    assert await notify(services, event, first=first) == "mail failed"
    assert (await delivery(services)).error == "the message has no 'used'"
    assert mailer.opened == 0


async def test_each_event_has_a_delivery_of_its_own() -> None:
    services, mailer = mails()
    for event in (ALERT, an_alert(threshold=100), an_alert("bandwidth"), an_audio_event(), a_welcome()):
        assert await notify(services, event) == "mail delivered"
    assert len({mail.message_id for mail in mailer.sent}) == 5
