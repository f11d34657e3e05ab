"""Deliveries whose sender died are gone on with: mails at most once, webhooks at least once, and none is asked for for ever."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reelgate.domain.books.messages import Message, topic_of
from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import GIVEN_UP_AFTER, SILENT_AFTER, Delivery, Event, delivery_id
from reelgate.ports.notifications import NotSent, PerhapsSent
from reelgate.use_cases.notifications.notify import notify
from reelgate.use_cases.notifications.redeliver import redeliver
from reelgate.use_cases.upkeep.resume_deliveries import resume_deliveries
from reelgate.use_cases.upkeep.work_in_pages import Tally
from reelgate.web.events.notify_push import event_of
from reelgate.web.events.push import Pushed
from tests.doubles.memory_notifications import TOLD, Killed, MemoryMailer, an_alert, an_audio_event
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.openapi_document import ROOT

ALERT = an_alert()
NOTHING = Tally(done=0, failed=0, finished=True)


@pytest.fixture
def services() -> MemoryServices:
    """Mails, and the endpoint `ops`, which hears of everything."""
    return MemoryServices()


async def sweep(services: MemoryServices) -> Tally:
    return await resume_deliveries(services, until=services.now() + timedelta(minutes=8))


async def pushes(services: MemoryServices) -> list[str]:
    """Let Pub/Sub push what was published since, and return what became of it."""
    messages = [(message.content(at), message) for message, at in services.events.log]
    services.events.log.clear()
    results = []
    for content, message in messages:
        assert message.topic == topic_of(message.type)
        pushed = Pushed(event_id=message.event_id, type=message.type, uid=message.uid, data=content, attempt=1)
        results.append(await notify(services, event_of(pushed, services)))
    return results


async def die(services: MemoryServices, event: Event = ALERT) -> None:
    """Die over one channel; what was under way over the others is finished."""
    with pytest.raises(Killed):
        await notify(services, event)
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})


async def delivery(services: MemoryServices, channel: str, event: Event = ALERT) -> Delivery:
    found = await services.deliveries.get(delivery_id(event, channel))
    assert found is not None
    return found


async def states(services: MemoryServices, event: Event = ALERT) -> dict[str, str]:
    return {channel: (await delivery(services, channel, event)).state for channel in ("mail", "ops")}


def dead(services: MemoryServices) -> None:
    """Let so much time pass that whoever was sending must be dead."""
    services.clock.now += SILENT_AFTER["sending"] + timedelta(seconds=1)


async def test_a_webhook_whose_sender_died_is_sent_again_as_it_was(services: MemoryServices) -> None:
    services.webhooks.troubles["ops"] = deque([Killed()])
    await die(services)
    assert (await states(services))["ops"] == "sending"
    dead(services)
    assert (await sweep(services)).done >= 1
    assert await pushes(services) == ["mail delivered, ops delivered"] * len(services.webhooks.to("ops")[1:])
    assert len({(posted.message_id, posted.body) for posted in services.webhooks.to("ops")}) == 1
    assert services.mailer is not None
    assert len(services.mailer.sent) == 1
    assert await sweep(services) == NOTHING


async def test_a_mail_that_had_not_left_is_sent_once(services: MemoryServices) -> None:
    services.mailer = MemoryMailer(at_open=deque([Killed()]))
    await die(services)
    dead(services)
    for _ in range(2):
        await sweep(services)
        await pushes(services)
    assert await states(services) == {"mail": "delivered", "ops": "delivered"}
    assert len(services.mailer.sent) == 1


@pytest.mark.parametrize("taken", [False, True])
async def test_a_mail_whose_text_may_have_left_ends_as_uncertain_without_being_sent(
    services: MemoryServices, taken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    services.mailer = MemoryMailer(at_text=deque([Killed()]), taken=taken)
    services.notifications = replace(TOLD, endpoints=())
    await die(services)
    dead(services)
    assert await sweep(services) == Tally(done=1, failed=0, finished=True)
    assert (services.events.log, len(services.mailer.sent)) == ([], taken)
    assert (await delivery(services, "mail")).state == "uncertain"
    assert [record.levelname for record in caplog.records if "uncertain" in record.getMessage()] == ["ERROR"]
    assert await sweep(services) == NOTHING


@pytest.mark.parametrize("channel", ["mail", "ops"])
async def test_one_sent_by_hand_whose_sender_died_is_gone_on_with(services: MemoryServices, channel: str) -> None:
    services.mailer = MemoryMailer(at_open=deque([NotSent("550", retryable=False), Killed()]))
    services.webhooks.troubles["ops"] = deque([NotSent("410", retryable=False), Killed()])
    assert await notify(services, ALERT) == "mail failed, ops failed"
    with pytest.raises(Killed):
        await redeliver(services, (await delivery(services, channel)).id)
    dead(services)
    await sweep(services)
    assert await pushes(services)
    other = {"mail": "ops", "ops": "mail"}[channel]
    assert await states(services) == {channel: "delivered", other: "failed"}
    assert len(services.mailer.sent) == (channel == "mail")


async def test_a_mail_sent_by_hand_whose_text_may_have_left_is_not_sent_a_third_time(services: MemoryServices) -> None:
    services.mailer = MemoryMailer(at_text=deque([PerhapsSent("lost"), Killed()]), taken=True)
    assert await notify(services, ALERT) == "mail uncertain, ops delivered"
    with pytest.raises(Killed):
        await redeliver(services, (await delivery(services, "mail")).id)
    dead(services)
    for _ in range(2):
        await sweep(services)
        await pushes(services)
    assert (await delivery(services, "mail")).state == "uncertain"
    assert len(services.mailer.sent) == 2


async def test_who_is_sending_is_left_alone(services: MemoryServices) -> None:
    services.webhooks.troubles["ops"] = deque([Killed()])
    await die(services)
    services.clock.now += SILENT_AFTER["sending"] - timedelta(seconds=1)
    assert await sweep(services) == NOTHING


async def test_one_whose_message_is_lost_is_asked_for_after_longer_than_pubsub_waits(services: MemoryServices) -> None:
    services.webhooks.troubles["ops"] = deque([NotSent("500", status=500)])
    with pytest.raises(Unavailable):
        await notify(services, ALERT)
    services.clock.now += timedelta(minutes=11)
    assert await sweep(services) == NOTHING
    services.clock.now += SILENT_AFTER["pending"]
    assert (await sweep(services)).done == 1
    assert await pushes(services) == ["mail delivered, ops delivered"]


async def test_what_is_delivered_before_the_sweep_has_written_is_no_error(
    services: MemoryServices, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.webhooks.troubles["ops"] = deque([Killed()])
    await die(services)
    dead(services)
    publish = services.events.publish

    async def publish_and_push(message: Message, *, at: datetime) -> None:
        await publish(message, at=at)
        await pushes(services)

    monkeypatch.setattr(services.events, "publish", publish_and_push)
    caplog.clear()
    assert (await sweep(services)).failed == 0
    assert await states(services) == {"mail": "delivered", "ops": "delivered"}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_what_nobody_sends_any_more_fails_after_a_day_of_asking(services: MemoryServices) -> None:
    """Its endpoint was taken out of the settings."""
    services.webhooks.troubles["ops"] = deque([Killed()])
    await die(services, an_audio_event())
    services.notifications = replace(TOLD, endpoints=())
    asked, since = 0, services.now()
    while (await delivery(services, "ops", an_audio_event())).state == "sending":
        services.clock.now += timedelta(minutes=10)
        await sweep(services)
        asked += len(await pushes(services))
        assert services.now() - since < 2 * GIVEN_UP_AFTER
    gone = await delivery(services, "ops", an_audio_event())
    assert (gone.state, gone.error) == ("failed", "there was no attempt for a day")
    assert services.now() - since >= GIVEN_UP_AFTER
    assert asked <= 150
    assert await sweep(services) == NOTHING


async def test_what_cannot_be_published_now_is_left_for_the_next_run(services: MemoryServices) -> None:
    services.webhooks.troubles["ops"] = deque([Killed()])
    services.mailer = None
    await die(services)
    dead(services)
    services.events.unavailable = True
    assert await sweep(services) == Tally(done=0, failed=1, finished=False)
    services.events.unavailable = False
    assert (await sweep(services)).done == 1
    assert await pushes(services) == ["ops delivered"]


def test_every_type_that_is_told_is_told_on_its_topic() -> None:
    page = (ROOT / "docs/notifications.md").read_text()
    rows = [line.strip("| \n").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    told = {
        kind.strip("`"): row[0] for row in rows if row[0] in {"videos", "alerts", "accounts"} for kind in row[1].split(", ")
    }
    assert len(told) == 12
    assert {kind: topic_of(kind) for kind in told} == told
    with pytest.raises(ValueError, match=r"upload\.granted"):
        topic_of("upload.granted")
