"""What the scheduler's call does, and when it asks to be called again."""

from __future__ import annotations

import json
import logging

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from reelgate.domain.errors import Unavailable
from reelgate.web.events.daily_tasks import answer_schedule
from tests.fixtures.api_client import problem_of
from tests.fixtures.memory_services import POLICY, MemoryServices

NOTHING = {"done": 0, "failed": 0, "finished": True}
SWEEP = {
    *("erase_users", "sweep_uploads", "sweep_parts", "purge_trash", "empty_outbox", "take_up_deliveries", "write_exports"),
    "settle_charges",
}


async def call(services: MemoryServices, body: object = None, *, method: str = "POST") -> httpx.Response:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (await answer_schedule(Request(scope, receive), services))(scope, receive, send)

    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://daily") as client:
        return await client.request(method, "/", content=content)


async def test_everything_by_default_and_twice_without_harm(services: MemoryServices) -> None:
    await services.grant()
    services.clock.advance(days=1)
    first = await call(services)
    assert first.status_code == 200
    assert {name: tally["done"] for name, tally in first.json().items()} == {
        "close_days": 1,
        "erase_users": 0,
        "sweep_uploads": 1,
        "sweep_parts": 0,
        "purge_trash": 0,
        "empty_outbox": 0,
        "take_up_deliveries": 0,
        "write_exports": 0,
        "settle_charges": 0,
    }
    assert all(tally == NOTHING for tally in (await call(services)).json().values())
    assert (await services.existing_account()).reserved == 0


@pytest.mark.parametrize(
    ("tasks", "ran"), [(["close_day"], {"close_days"}), (["sweep"], SWEEP), (["sweep", "close_day"], SWEEP | {"close_days"})]
)
async def test_single_tasks(services: MemoryServices, tasks: list[str], ran: set[str]) -> None:
    assert set((await call(services, {"tasks": tasks})).json()) == ran


@pytest.mark.parametrize("tasks", [[], "sweep", ["other"], [1], [[]], [{}], None, {}])
async def test_unknown_tasks_are_refused(services: MemoryServices, tasks: object) -> None:
    assert problem_of(await call(services, {"tasks": tasks}), 400, "invalid_request")["field"] == "tasks"


async def test_what_is_left_makes_the_scheduler_call_again(services: MemoryServices) -> None:
    await services.grant()
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    services.media.unavailable = True
    answer = await call(services, {"tasks": ["sweep"]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json()["sweep_uploads"] == {"done": 0, "failed": 1, "finished": False}
    services.media.unavailable = False
    assert (await call(services, {"tasks": ["sweep"]})).status_code == 200


@pytest.mark.parametrize(("error", "level"), [(Unavailable("Firestore is away."), "WARNING"), (KeyError("size"), "ERROR")])
async def test_only_what_no_later_run_makes_up_for_is_an_error(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, level: str
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(services.books, "trash_to_purge", refuse)
    answer = await call(services, {"tasks": ["sweep"]})
    assert answer.json()["purge_trash"] == {"done": 0, "failed": 1, "finished": False}
    assert [record.levelname for record in caplog.records if "purge_trash" in record.getMessage()] == [level]


async def test_other_requests(services: MemoryServices) -> None:
    problem_of(await call(services, method="GET"), 405, "method_not_allowed")
    problem_of(await call(services, b"["), 400, "invalid_request")


async def test_the_age_of_the_outbox_is_told_as_a_number(services: MemoryServices, caplog: pytest.LogCaptureFixture) -> None:
    services.events.unavailable = True
    await services.add_video()  # video.ready stays in the outbox
    services.clock.advance(seconds=900)
    ages = []
    for unavailable in (True, False):
        services.events.unavailable = unavailable
        with caplog.at_level(logging.INFO, logger="reelgate"):
            await call(services, {"tasks": ["sweep"]})
        facts = [getattr(record, "json_fields", {}) for record in caplog.records]
        ages += [fields["outbox_seconds"] for fields in facts if "outbox_seconds" in fields]
        caplog.clear()
    assert ages == [900, 0]


async def test_an_unknown_age_keeps_no_run_from_being_done(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> None:
        raise Unavailable("The books cannot be reached.")

    monkeypatch.setattr(services.books, "outbox_since", away)
    assert (await call(services, {"tasks": ["sweep"]})).status_code == 200
