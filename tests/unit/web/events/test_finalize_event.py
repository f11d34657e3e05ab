"""What the finalize function makes of a request: a real event, somebody else's, or garbage."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from reelgate.web.events.finalize_event import answer_finalized
from reelgate.web.events.storage_event import FINALIZED, MAX_EVENT_BYTES
from tests.fixtures.api_client import problem_of
from tests.fixtures.memory_services import MemoryServices

HEADERS = {
    "ce-id": "1",
    "ce-specversion": "1.0",
    "ce-type": FINALIZED,
    "ce-source": "//storage.googleapis.com/projects/_/buckets/media",
    "ce-subject": "objects/somewhere/else",
    "content-type": "application/json",
}


async def deliver(
    services: MemoryServices, data: Any, *, method: str = "POST", path: str = "/", **headers: str
) -> httpx.Response:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (await answer_finalized(Request(scope, receive), services))(scope, receive, send)

    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://finalize") as client:
        return await client.request(method, path, content=content, headers={**HEADERS, **named})


def event(services: MemoryServices, name: str) -> dict[str, object]:
    found = services.media.objects.get(name)
    return {"bucket": "media", "name": name, "generation": str(found.generation if found else 1), "size": "1"}


async def test_an_event_settles_the_upload_and_its_duplicate_does_nothing(services: MemoryServices) -> None:
    name = services.send(await services.grant("Ünï çödé?.mp4", 300))
    answers = [(await deliver(services, event(services, name))) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json() for answer in answers] == [{"verdict": v, "reason": None} for v in ("ready", "duplicate")]
    assert (await services.existing_account()).stored == 300  # what the bucket has, not the event's size


async def test_what_eventarc_adds_to_the_address_is_no_query_of_ours(services: MemoryServices) -> None:
    name = services.send(await services.grant())
    answer = await deliver(services, event(services, name), path="/?__GCP_CloudEventsMode=GCS_NOTIFICATION")
    assert (answer.status_code, answer.json()["verdict"]) == (200, "ready")


async def test_verdicts_that_can_never_change_are_taken_off_the_queue(services: MemoryServices) -> None:
    name = services.send(await services.grant(), b"too short")
    absent = await deliver(services, event(services, "ada/id-9/x.mp4"))
    stale = await deliver(services, event(services, name) | {"generation": "999"})
    rejected = await deliver(services, event(services, name))
    assert [a.status_code for a in (absent, stale, rejected)] == [200] * 3
    assert [a.json()["verdict"] for a in (absent, stale, rejected)] == ["absent", "stale", "rejected"]
    assert rejected.json()["reason"] == "rejected: size is 9 bytes, granted were 100"


@pytest.mark.parametrize(
    "change",
    [
        {"bucket": "other"},
        {"bucket": None},
        {"name": None},
        {"name": ""},
        {"name": 7},
        {"generation": "x"},
        {"generation": None},
    ],
)
async def test_events_about_something_else_are_ignored(services: MemoryServices, change: dict[str, object]) -> None:
    name = services.send(await services.grant())
    answer = await deliver(services, event(services, name) | change)
    assert (answer.status_code, answer.json()) == (200, {"verdict": "ignored"})
    assert (await services.existing_account()).stored == 0


async def test_other_types_of_events_are_ignored(services: MemoryServices) -> None:
    name = services.send(await services.grant())
    answer = await deliver(services, event(services, name), ce_type="google.cloud.storage.object.v1.deleted")
    assert answer.json() == {"verdict": "ignored"}
    assert (await deliver(services, ["no", "object"])).json() == {"verdict": "ignored"}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
async def test_garbage_is_no_event(services: MemoryServices, data: bytes) -> None:
    answer = await deliver(services, data)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.json() == {"verdict": "ignored"}


async def test_a_request_without_the_event_s_headers(services: MemoryServices) -> None:
    answer = await deliver(services, {}, ce_specversion="", ce_type="")
    problem_of(answer, 400, "invalid_request")
    problem_of(await deliver(services, b"", method="GET"), 405, "method_not_allowed")
    problem_of(await deliver(services, b" " * (MAX_EVENT_BYTES + 1)), 413, "too_large")


async def test_what_cannot_be_done_now_is_delivered_again(services: MemoryServices) -> None:
    name = services.send(await services.grant())
    body = event(services, name)
    services.media.unavailable = True
    answer = await deliver(services, body)
    problem_of(answer, 503, "unavailable")
    assert "retry-after" in answer.headers
    services.media.unavailable = False
    assert (await deliver(services, body)).json()["verdict"] == "ready"
