"""The pushed side: each action once, what is malformed taken off the queue, and delivered again while the log is away."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reelgate.domain.audit import Action
from reelgate.domain.books.messages import audit_message
from reelgate.ports.audit import LogFilter, LoggedAction
from reelgate.web.compat.audit.audit_routes import ROUTES
from reelgate.web.events.audit_push import answer_audit
from reelgate.web.http.logs.json_lines import JsonLines
from tests.fixtures.memory_services import MemoryServices


def envelope(content: object) -> dict[str, Any]:
    """Return a push request of Pub/Sub."""
    data = base64.b64encode(json.dumps(content).encode()).decode()
    return {
        "message": {"data": data, "messageId": "1", "attributes": {}},
        "subscription": "projects/p/subscriptions/audit-records",
    }


def content_of(services: MemoryServices, **more: Any) -> dict[str, Any]:
    action = Action(
        **{
            "action_id": "a1",
            "at": services.now(),
            "action": "upload.granted",
            "uid": "ada",
            "service": "upload",
            "outcome": "done",
            "description": "Upload granted: a.mp4",
            "data": {"size": 3, "nested": {"list": [1, None, True]}},
            **more,
        }
    )
    return audit_message(action).content(services.now())


def app_of(services: MemoryServices) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await answer_audit(Request(scope, receive), ROUTES, services, cors_origins=())
        await response(scope, receive, send)

    return app


@pytest.fixture
async def function(services: MemoryServices) -> AsyncIterator[httpx.AsyncClient]:
    """The function as Pub/Sub and the gateway reach it."""
    transport = httpx.ASGITransport(app_of(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://audit.example") as client:
        yield client


async def logged(services: MemoryServices) -> list[LoggedAction]:
    return list((await services.audit_log.actions(LogFilter(), now=services.now(), limit=100)).items)


async def test_an_action_is_recorded_once(services: MemoryServices, function: httpx.AsyncClient) -> None:
    pushed = envelope(content_of(services, request_id="r1"))
    results = [(await function.post("/", json=pushed)).json()["result"] for _ in range(3)]
    assert results == ["recorded", "duplicate", "duplicate"]
    [one] = await logged(services)
    assert (one.action.action_id, one.action.uid, one.action.request_id) == ("a1", "ada", "r1")
    assert one.action.data == {"size": 3, "nested": {"list": [1, None, True]}}


async def test_a_record_is_never_changed(services: MemoryServices, function: httpx.AsyncClient) -> None:
    await function.post("/", json=envelope(content_of(services)))
    await function.post("/", json=envelope(content_of(services, description="Something else")))
    [one] = await logged(services)
    assert one.action.description == "Upload granted: a.mp4"


@pytest.mark.parametrize("broken", [{"at": "yesterday"}, {"outcome": "tried"}, {"details": 7}, {"service": ""}], ids=str)
async def test_what_is_malformed_is_taken_off_the_queue_and_logged(
    services: MemoryServices, function: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, broken: dict[str, Any]
) -> None:
    answer = await function.post("/", json=envelope({**content_of(services), **broken}))
    assert (answer.status_code, answer.json()) == (200, {"result": "malformed"})
    assert await logged(services) == []
    [record] = [record for record in caplog.records if record.name == "reelgate.use_cases.audit.record_action"]
    line = json.loads(JsonLines().format(record))
    assert (line["severity"], line["message_content"]["event_id"]) == ("ERROR", "audit:a1")


@pytest.mark.parametrize("content", [[], 7, "x", {"type": "login"}])
async def test_what_is_no_message_of_ours_is_taken_off_the_queue(
    services: MemoryServices, function: httpx.AsyncClient, content: object
) -> None:
    assert (await function.post("/", json=envelope(content))).json() == {"result": "ignored"}


async def test_while_the_log_is_away_it_comes_again(services: MemoryServices, function: httpx.AsyncClient) -> None:
    services.audit_store.unavailable = True
    assert (await function.post("/", json=envelope(content_of(services)))).status_code == 503
    services.audit_store.unavailable = False
    assert (await function.post("/", json=envelope(content_of(services)))).json() == {"result": "recorded"}


async def test_only_the_path_of_pushes_records(services: MemoryServices, function: httpx.AsyncClient) -> None:
    assert (await function.post("/logs", json=envelope(content_of(services)))).status_code == 405
    assert (await function.get("/")).status_code == 405
    assert (await function.get("/logs", headers={"Authorization": "Bearer root"})).status_code == 200
    assert await logged(services) == []
