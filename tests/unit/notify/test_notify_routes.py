"""The admins' view of deliveries, sending again, and the function's two kinds of callers."""

from __future__ import annotations

import base64
import json
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import LEASE, Event, delivery_id
from reelgate.ports.notifications import NotSent, PerhapsSent
from reelgate.use_cases.notifications.notify import notify
from reelgate.web.events.notify_push import answer_notify
from reelgate.web.v1.notifications.delivery_routes import ROUTES
from tests.doubles.memory_notifications import TOLD, Killed, an_alert, an_audio_event
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices

ALERT = an_alert()
MAIL = delivery_id(ALERT, "mail")
OPS = delivery_id(ALERT, "ops")


def admin(services: MemoryServices) -> ApiClient:
    return ApiClient(services, "root")


async def told(services: MemoryServices, event: Event = ALERT) -> None:
    """Tell an event, whatever comes of it."""
    with suppress(Unavailable, Killed):
        await notify(services, event)


async def test_a_delivery_is_shown_with_all_that_is_known() -> None:
    services = MemoryServices()
    await told(services)
    async with admin(services) as root:
        shown = (await root.get(f"/v1/admin/deliveries/{MAIL}")).json()
    assert shown["delivery_id"] == MAIL
    assert (shown["event_id"], shown["type"], shown["user_id"]) == (ALERT.event_id, "storage.alert", "ada")
    assert (shown["channel"], shown["state"], shown["attempts"], shown["status"]) == ("mail", "delivered", 1, 250)
    assert shown["data"] == dict(ALERT.data)
    assert (shown["created_at"], shown["expires_at"]) == ("2026-11-03T12:00:00.123456Z", "2026-12-03T12:00:00.123456Z")


async def test_lists_come_newest_first_in_pages_and_can_be_narrowed() -> None:
    services = MemoryServices()
    for number in range(5):
        services.clock.advance(seconds=1)
        await told(services, an_alert(threshold=number, uid="ada" if number % 2 else "bob"))
    async with admin(services) as root:
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = await root.get("/v1/admin/deliveries", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
            page = answer.json()
            seen += [one["delivery_id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert len(seen) == len(set(seen)) == 10
        times = [one["created_at"] for one in (await root.get("/v1/admin/deliveries")).json()["items"]]
        assert times == sorted(times, reverse=True)
        for query, count in [
            ({"user_id": "ada"}, 4),
            ({"state": "delivered"}, 10),
            ({"state": "failed"}, 0),
            ({"type": "storage.alert", "user_id": "bob", "state": "delivered"}, 6),
            ({"type": "audio.ready"}, 0),
        ]:
            assert len((await root.get("/v1/admin/deliveries", params=query)).json()["items"]) == count, query
        page = (await root.get("/v1/admin/deliveries", params={"limit": 1, "user_id": "ada"})).json()
        foreign = {"limit": 1, "user_id": "bob", "cursor": page["next_cursor"]}
        problem_of(await root.get("/v1/admin/deliveries", params=foreign), 400, "invalid_request")


@pytest.mark.parametrize(
    "query",
    [{"state": "gone"}, {"state": ""}, {"type": ""}, {"user_id": ""}, {"states": "failed"}, {"limit": "0"}, {"cursor": "x"}],
)
async def test_bad_filters_are_refused(query: dict[str, str]) -> None:
    async with admin(MemoryServices()) as root:
        problem_of(await root.get("/v1/admin/deliveries", params=query), 400, "invalid_request")


async def test_unknown_ids_are_404() -> None:
    async with admin(MemoryServices()) as root:
        for unknown in ("x", "evt_1-mail", f"evt_{'0' * 32}-mail", "a b", "ü"):
            problem_of(await root.get(f"/v1/admin/deliveries/{unknown}"), 404, "delivery_not_found")
            problem_of(await root.post(f"/v1/admin/deliveries/{unknown}/redeliver"), 404, "delivery_not_found")


async def test_they_are_for_admins() -> None:
    services = MemoryServices()
    await told(services)
    for user, status, code in ((None, 401, "unauthorized"), ("ada", 403, "forbidden")):
        async with ApiClient(services, user) as client:
            problem_of(await client.get("/v1/admin/deliveries"), status, code)
            problem_of(await client.get(f"/v1/admin/deliveries/{MAIL}"), status, code)
            problem_of(await client.post(f"/v1/admin/deliveries/{MAIL}/redeliver"), status, code)


async def redelivered(services: MemoryServices, identifier: str) -> dict[str, Any]:
    async with admin(services) as root:
        answer = await root.post(f"/v1/admin/deliveries/{identifier}/redeliver")
        shown: dict[str, Any] = answer.json()
        assert answer.status_code == (202 if shown["state"] == "pending" else 200), answer.text
        assert (await root.get(f"/v1/admin/deliveries/{identifier}")).json() == shown
        return shown


async def test_sending_again_keeps_the_ids() -> None:
    services = MemoryServices()
    await told(services)
    for identifier in (MAIL, OPS):
        again = await redelivered(services, identifier)
        assert (again["state"], again["attempts"]) == ("delivered", 2)
    first, second = services.webhooks.to("ops")
    assert first == second
    assert services.mailer is not None
    first_mail, second_mail = services.mailer.sent
    assert first_mail == second_mail


@pytest.mark.parametrize("taken", [True, False])
async def test_an_uncertain_mail_is_sent_again_by_hand_only(taken: bool) -> None:
    services = MemoryServices()
    assert services.mailer is not None
    services.mailer.at_text, services.mailer.taken = deque([PerhapsSent("lost")]), taken
    await told(services)
    await told(services)
    assert len(services.mailer.sent) == taken
    assert (await redelivered(services, MAIL))["state"] == "delivered"
    assert len(services.mailer.sent) == taken + 1


async def test_a_refusal_by_hand_is_final_unless_it_is_still_being_tried() -> None:
    services = MemoryServices()
    services.webhooks.troubles["ops"] = deque([NotSent("down", status=500)] * 3)
    await told(services)
    assert (await redelivered(services, OPS))["state"] == "pending"
    assert (await redelivered(services, OPS))["state"] == "failed"
    services.webhooks.troubles["ops"] = deque([NotSent("down", status=500)])
    assert (await redelivered(services, OPS))["state"] == "failed"
    assert (await redelivered(services, OPS))["state"] == "delivered"
    await told(services)
    assert len(services.webhooks.to("ops")) == 5


async def test_what_is_being_sent_is_not_sent_again() -> None:
    services = MemoryServices()
    services.webhooks.troubles["ops"] = deque([Killed()])
    await told(services)
    async with admin(services) as root:
        problem_of(await root.post(f"/v1/admin/deliveries/{OPS}/redeliver"), 409, "delivery_busy")
    services.clock.now += LEASE
    assert (await redelivered(services, OPS))["state"] == "delivered"


async def test_a_channel_that_is_no_more_is_said() -> None:
    services = MemoryServices()
    await told(services)
    services.mailer = None
    services.notifications = replace(TOLD, endpoints=())
    async with admin(services) as root:
        for identifier in (MAIL, OPS):
            problem_of(await root.post(f"/v1/admin/deliveries/{identifier}/redeliver"), 409, "channel_gone")


async def test_a_muted_mail_stays_skipped() -> None:
    services = MemoryServices()
    await services.preferences.change("ada", lambda standing: replace(standing, alerts=False))
    await told(services)
    assert (await redelivered(services, MAIL))["state"] == "skipped"


def function(services: MemoryServices) -> httpx.AsyncClient:
    """Return a client of the function itself, as Pub/Sub and the gateway reach it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await answer_notify(Request(scope, receive), ROUTES, services, cors_origins=())
        await answer(scope, receive, send)

    asgi: ASGIApp = app
    return httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://function")


def envelope(event: Event) -> dict[str, Any]:
    """Return the push request of an event's message."""
    told_at = {"published_at": event.occurred_at}
    message = {"event_id": event.event_id, "type": event.type, "uid": event.uid, **told_at, **event.data}
    return {"message": {"data": base64.b64encode(json.dumps(message).encode()).decode()}, "subscription": "s"}


async def test_a_push_is_taken_once_everything_is_settled() -> None:
    services = MemoryServices()
    services.webhooks.troubles["ops"] = deque([NotSent("down")])
    async with function(services) as pubsub:
        answers = [await pubsub.post("/", json=envelope(ALERT)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[1].json() == {"result": "mail delivered, ops delivered"}
    assert services.mailer is not None
    assert len(services.mailer.sent) == 1
    found = await services.deliveries.get(MAIL)
    assert found is not None
    assert found.event == ALERT  # nothing of the message is lost on the way


async def test_a_message_without_its_time_happened_now() -> None:
    services = MemoryServices()
    body = envelope(replace(an_audio_event(), occurred_at=""))
    async with function(services) as pubsub:
        assert (await pubsub.post("/", json=body)).status_code == 200
    assert json.loads(services.webhooks.to("ops")[0].body)["timestamp"] == "2026-11-03T12:00:00.123Z"


async def test_what_is_no_push_is_refused_and_other_paths_are_the_api_s() -> None:
    services = MemoryServices()
    async with function(services) as anybody:
        problem_of(await anybody.get("/"), 405, "method_not_allowed")
        problem_of(await anybody.post("/", content=b"x"), 400, "invalid_request")
        problem_of(await anybody.post("/elsewhere"), 404, "not_found")
        problem_of(await anybody.get("/v1/admin/deliveries"), 401, "unauthorized")
        listed = await anybody.get("/v1/admin/deliveries", headers={"Authorization": "Bearer root"})
        assert listed.json() == {"items": [], "next_cursor": None}
