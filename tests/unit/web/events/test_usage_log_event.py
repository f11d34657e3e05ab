"""What the settle_egress function makes of a request: a usage log, another object, somebody else's event, or garbage."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from reelgate.web.events.storage_event import FINALIZED
from reelgate.web.events.usage_log_event import answer_usage_log
from tests.fixtures.api_client import problem_of
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.usage_logs import log_name, log_row, log_text

HEADERS = {
    "ce-id": "1",
    "ce-specversion": "1.0",
    "ce-type": FINALIZED,
    "ce-source": "//storage.googleapis.com/projects/_/buckets/usage-logs",
    "content-type": "application/json",
}
TAG = "f1:1793880000"


async def deliver(
    services: MemoryServices, data: Any, *, method: str = "POST", headers: dict[str, str] = HEADERS
) -> httpx.Response:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (await answer_usage_log(Request(scope, receive), services))(scope, receive, send)

    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://settle") as client:
        return await client.request(method, "/", content=content, headers=headers)


def event(name: str, size: int, **more: object) -> dict[str, object]:
    return {"bucket": "usage-logs", "name": name, "generation": "1", "size": str(size), **more}


@pytest.fixture
async def log(services: MemoryServices) -> bytes:
    """The content of a log, which has arrived, about a user who has books."""
    await services.add_video()
    services.usage_logs.logs[log_name()] = content = log_text([log_row("ada/f1/a.mp4", TAG, 10)])
    return content


async def test_a_log_is_recorded_once(services: MemoryServices, log: bytes) -> None:
    answers = [(await deliver(services, event(log_name(), len(log)))).json() for _ in range(2)]
    assert [(answer["verdict"], answer["records"], answer["lines"]) for answer in answers] == [
        ("recorded", 1, 1),
        ("recorded", 0, 1),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "media_storage_2026_11_03_14_00_00_1702e6_v0"},
        {"name": "anything"},
        {"bucket": "media"},
        {"generation": "x"},
        {"size": None},
    ],
)
async def test_what_is_no_usage_log_is_taken_off_the_queue(
    services: MemoryServices, log: bytes, change: dict[str, object]
) -> None:
    answer = await deliver(services, event(log_name(), len(log)) | change)
    assert (answer.status_code, answer.json()) == (200, {"verdict": "ignored"})


async def test_where_estimates_stay_nothing_is_read(services: MemoryServices, log: bytes) -> None:
    services.settles_egress, services.usage_logs.unavailable = False, True
    assert (await deliver(services, event(log_name(), len(log)))).json() == {"verdict": "ignored"}


async def test_what_cannot_be_read_now_is_delivered_again(services: MemoryServices, log: bytes) -> None:
    services.usage_logs.unavailable = True
    problem_of(await deliver(services, event(log_name(), len(log))), 503, "unavailable")


async def test_what_can_never_be_read_is_told_to_the_operator(
    services: MemoryServices, caplog: pytest.LogCaptureFixture
) -> None:
    services.usage_logs.logs[log_name()] = b"nonsense"
    answers = [await deliver(services, event(log_name(number), 8)) for number in (1, 2)]
    assert [(answer.status_code, answer.json()["verdict"]) for answer in answers] == [(200, "unusable"), (200, "gone")]
    told = [record for record in caplog.records if record.name.endswith("usage_log_event")]
    assert [(line.levelno, line.json_fields["egress_verdict"]) for line in told] == [  # type: ignore[attr-defined]
        (logging.ERROR, "unusable"),
        (logging.ERROR, "gone"),
    ]


async def test_only_events_are_taken(services: MemoryServices) -> None:
    problem_of(await deliver(services, b"{", headers={}), 400, "invalid_request")
    problem_of(await deliver(services, {}, method="GET"), 405, "method_not_allowed")
