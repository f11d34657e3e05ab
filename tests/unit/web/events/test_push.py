"""Pub/Sub's push requests: whose they must be, what counts as a message, and when it is delivered again."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from starlette.requests import Request

from reelgate.domain.errors import Unavailable
from reelgate.web.events.push import Pushed, answer_push
from tests.fixtures.memory_services import MemoryPushIdentity, MemoryServices

OURS = {"event_id": "video.ready:1", "type": "video.ready", "uid": "ada", "size": 7}


def envelope(data: object, **more: Any) -> bytes:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    message = {"data": base64.b64encode(text).decode(), "messageId": "1", "message_id": "1", "attributes": {}}
    return json.dumps({"message": message, "subscription": "projects/p/subscriptions/s", **more}).encode()


def push(
    body: bytes, *, method: str = "POST", token: str | None = None, also: str | None = None, query: bytes = b""
) -> Request:
    headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    headers += [] if also is None else [(b"x-serverless-authorization", f"Bearer {also}".encode())]
    scope = {"type": "http", "method": method, "path": "/", "query_string": query, "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


class Handler:
    def __init__(self) -> None:
        self.taken: list[Pushed] = []
        self.problem: Exception | None = None

    async def __call__(self, message: Pushed) -> str:
        if self.problem:
            raise self.problem
        self.taken.append(message)
        return "done"


async def test_a_message_of_ours_is_handed_on_with_its_attempt() -> None:
    handle = Handler()
    answer = await answer_push(push(envelope(OURS, deliveryAttempt=3)), MemoryServices(), handle)
    assert (answer.status_code, json.loads(answer.body)) == (200, {"result": "done"})
    assert handle.taken == [Pushed(event_id="video.ready:1", type="video.ready", uid="ada", data=OURS, attempt=3)]


async def test_what_google_adds_to_the_address_of_a_push_is_no_query_of_ours() -> None:
    handle = Handler()
    pushed = push(envelope(OURS), query=b"__GCP_CloudEventsMode=CUSTOM_PUBSUB_projects%2Fp%2Ftopics%2Ft")
    assert (await answer_push(pushed, MemoryServices(), handle)).status_code == 200
    assert len(handle.taken) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"7", {"type": "x", "uid": "ada"}, {**OURS, "event_id": 7}, {**OURS, "uid": None}]
)
async def test_what_is_no_message_of_ours_is_taken_off_the_queue(data: object) -> None:
    handle = Handler()
    answer = await answer_push(push(envelope(data)), MemoryServices(), handle)
    assert (answer.status_code, json.loads(answer.body)) == (200, {"result": "ignored"})
    assert handle.taken == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"message": 1}', b'{"message": {"data": "*"}}', b'{"message": {"data": 1}}']
)
async def test_what_is_no_push_request_is_refused(body: bytes) -> None:
    answer = await answer_push(push(body), MemoryServices(), Handler())
    assert answer.status_code == 400


async def test_a_failure_has_it_delivered_again() -> None:
    handle = Handler()
    handle.problem = Unavailable("not now")
    assert (await answer_push(push(envelope(OURS)), MemoryServices(), handle)).status_code == 503
    handle.problem = RuntimeError("unexpected")
    assert (await answer_push(push(envelope(OURS)), MemoryServices(), handle)).status_code == 500


async def test_only_post_is_answered() -> None:
    assert (await answer_push(push(b"", method="GET"), MemoryServices(), Handler())).status_code == 405


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("forged", 401), ("pubsub", 200)])
async def test_where_pushes_carry_tokens_only_pubsub_s_counts(token: str | None, status: int) -> None:
    handle = Handler()
    services = MemoryServices(push_identity=MemoryPushIdentity())
    assert (await answer_push(push(envelope(OURS), token=token), services, handle)).status_code == status
    assert len(handle.taken) == (status == 200)


@pytest.mark.parametrize(("also", "status"), [(None, 200), ("of an account that may call", 401), ("", 401)])
async def test_a_token_beside_the_one_that_cloud_run_checks_was_seen_by_nobody(also: str | None, status: int) -> None:
    services = MemoryServices(push_identity=MemoryPushIdentity())
    request = push(envelope(OURS), token=services.push_identity.unsigned, also=also)  # type: ignore[union-attr]
    assert (await answer_push(request, services, Handler())).status_code == status


async def test_a_body_beyond_all_our_messages_is_refused_unread() -> None:
    assert (await answer_push(push(envelope(b"x" * 1024 * 1024)), MemoryServices(), Handler())).status_code == 413
