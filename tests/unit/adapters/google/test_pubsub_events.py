"""The lean publisher: what it sends, what travels together, and what becomes of every kind of answer."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest

from reelgate.adapters.google.pubsub_client import PubsubClient
from reelgate.adapters.google.pubsub_events import AT_ONCE, MAX_BYTES, MAX_MESSAGES, PubsubEvents
from reelgate.adapters.google.rest import GoogleRest
from reelgate.domain.books.messages import Message
from reelgate.domain.errors import Unavailable
from tests.fixtures.scripted_server import Answer, Asked, ScriptedServer, scripted_server
from tests.fixtures.scripted_tokens import answering

AT = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
OK = Answer(200, b'{"messageIds": ["1"]}')


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def client_of(server: ScriptedServer, **options: Any) -> PubsubClient:
    rest = GoogleRest(f"http://{server.host}", **{"token": answering(lambda: "ya29.secret"), **options})
    return PubsubClient("demo", rest)


@pytest.fixture
def events(server: ScriptedServer) -> Iterator[PubsubEvents]:
    client = client_of(server)
    yield PubsubEvents(client, {"audit": "au+dit", "videos": "videos"}, publish_seconds=60)
    client.close()


def message(n: int = 1, *, topic: Any = "audit", **data: object) -> Message:
    return Message(event_id=f"m{n}", topic=topic, type="t", uid="ada", data=data)


def ids(asked: Asked) -> list[str]:
    """Return the event ids in a publish request."""
    return [json.loads(base64.b64decode(sent["data"]))["event_id"] for sent in json.loads(asked.body)["messages"]]


def refusal(status: int, name: str) -> Answer:
    return Answer(status, json.dumps({"error": {"code": status, "status": name, "message": "as the test wants it"}}).encode())


class Held:
    """A script that answers nothing until it is released."""

    def __init__(self, server: ScriptedServer, arrivals: int) -> None:
        self._released = threading.Event()
        self._arrived = threading.Semaphore(0)
        self._arrivals = arrivals
        server.script = self

    def __call__(self, _: Asked) -> Answer:
        self._arrived.release()
        self._released.wait(20)
        return OK

    async def arrived(self) -> None:
        """Wait until the server has that many requests."""
        for _ in range(self._arrivals):
            assert await asyncio.to_thread(self._arrived.acquire, timeout=20)

    def release(self) -> None:
        self._released.set()


async def test_a_publish_is_one_post_with_a_token(server: ScriptedServer, events: PubsubEvents) -> None:
    server.script = lambda _: OK
    await events.publish(message(size=3), at=AT)
    [asked] = server.asked
    assert (asked.method, asked.target) == ("POST", "/v1/projects/demo/topics/au%2Bdit:publish")
    assert asked.headers["authorization"] == "Bearer ya29.secret"
    [sent] = json.loads(asked.body)["messages"]
    assert sent["attributes"] == {"event_id": "m1", "type": "t", "uid": "ada"}
    assert json.loads(base64.b64decode(sent["data"])) == message(size=3).content(AT)


async def test_what_waits_travels_together_and_in_order(server: ScriptedServer, events: PubsubEvents) -> None:
    held = Held(server, AT_ONCE)
    first = [asyncio.create_task(events.publish(message(n), at=AT)) for n in range(AT_ONCE)]
    for task in first:  # let each find a sender of its own
        await asyncio.sleep(0)
        assert not task.done()
    await asyncio.sleep(0)
    later = [asyncio.create_task(events.publish(message(n), at=AT)) for n in range(100, 100 + MAX_MESSAGES + 10)]
    await asyncio.sleep(0)
    held.release()
    await asyncio.gather(*first, *later)
    sent = [ids(asked) for asked in server.asked]
    assert sorted(chain(*sent)) == sorted(f"m{n}" for n in [*range(AT_ONCE), *range(100, 100 + MAX_MESSAGES + 10)])
    assert max(map(len, sent)) == MAX_MESSAGES
    assert len(sent) <= 2 * AT_ONCE
    for batch in sent:
        assert batch == sorted(batch, key=lambda name: int(name[1:]))


async def test_no_request_grows_beyond_its_bytes(server: ScriptedServer, events: PubsubEvents) -> None:
    server.script = lambda _: OK
    large = "x" * (MAX_BYTES // 3)
    await asyncio.gather(*(events.publish(message(n, text=large), at=AT) for n in range(6)))
    assert sorted(chain(*map(ids, server.asked))) == [f"m{n}" for n in range(6)]
    assert all(len(asked.body) < 1.1 * MAX_BYTES for asked in server.asked)


async def test_a_topic_does_not_wait_for_another(server: ScriptedServer, events: PubsubEvents) -> None:
    stuck = threading.Event()

    def only_videos(asked: Asked) -> Answer:
        if "videos" not in asked.target:
            stuck.wait(20)
        return OK

    server.script = only_videos
    waiting = [asyncio.create_task(events.publish(message(n), at=AT)) for n in range(10)]
    await events.publish(message(topic="videos"), at=AT)
    assert not any(task.done() for task in waiting)
    stuck.set()
    await asyncio.gather(*waiting)


async def test_publishing_goes_on_after_a_pause(server: ScriptedServer, events: PubsubEvents) -> None:
    server.script = lambda _: OK
    for n in range(20):  # each comes when the sender before is just about to end, or has
        await events.publish(message(n), at=AT)
    assert [ids(asked) for asked in server.asked] == [[f"m{n}"] for n in range(20)]
    assert server.connections == 1


PASSING = [refusal(503, "UNAVAILABLE"), refusal(500, "INTERNAL"), refusal(429, "RESOURCE_EXHAUSTED"),
           refusal(401, "UNAUTHENTICATED"), Answer(502, b"<html>"), Answer(200, b"half of"), None]  # fmt: skip


@pytest.mark.parametrize("answer", PASSING, ids=str)
async def test_what_passes_is_tried_once_more(server: ScriptedServer, events: PubsubEvents, answer: Answer | None) -> None:
    server.script = lambda _: answer if len(server.asked) == 1 else OK
    await events.publish(message(), at=AT)
    assert len(server.asked) == 2


@pytest.mark.parametrize("answer", PASSING, ids=str)
async def test_and_then_given_up(server: ScriptedServer, events: PubsubEvents, answer: Answer | None) -> None:
    server.script = lambda _: answer
    with pytest.raises(Unavailable):
        await events.publish(message(), at=AT)
    assert len(server.asked) == 2


@pytest.mark.parametrize("answer", [refusal(403, "PERMISSION_DENIED"), refusal(404, "NOT_FOUND")], ids=str)
async def test_what_cannot_pass_fails_at_once_for_all(server: ScriptedServer, events: PubsubEvents, answer: Answer) -> None:
    server.script = lambda _: answer
    ends = await asyncio.gather(*(events.publish(message(n), at=AT) for n in range(50)), return_exceptions=True)
    assert all(isinstance(end, Unavailable) for end in ends)
    assert str(json.loads(answer.body)["error"]["status"]) in str(ends[0])
    assert len(server.asked) <= AT_ONCE


async def test_one_that_pub_sub_does_not_like_takes_none_with_it(server: ScriptedServer, events: PubsubEvents) -> None:
    server.script = lambda asked: refusal(400, "INVALID_ARGUMENT") if "m13" in ids(asked) else OK
    ends = await asyncio.gather(*(events.publish(message(n), at=AT) for n in range(40)), return_exceptions=True)
    assert [n for n, end in enumerate(ends) if end is not None] == [13]
    assert isinstance(ends[13], Unavailable)


async def test_waiting_has_an_end(server: ScriptedServer) -> None:
    held = Held(server, 1)
    client = client_of(server)
    events = PubsubEvents(client, {"audit": "audit"}, publish_seconds=0.2)
    try:
        with pytest.raises(Unavailable):
            await events.publish(message(), at=AT)
    finally:
        held.release()
    server.script = lambda _: OK
    events._seconds = 60.0  # what answers is waited for, however busy the machine is
    topic = events._topics["audit"]
    topic._retries = replace(topic._retries, deadline_seconds=60.0)
    await events.publish(message(2), at=AT)  # and it works again
    client.close()


async def test_what_nobody_waits_for_is_not_sent(server: ScriptedServer, events: PubsubEvents) -> None:
    held = Held(server, AT_ONCE)
    first = []
    for n in range(AT_ONCE):
        first.append(asyncio.create_task(events.publish(message(n), at=AT)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await held.arrived()
    gone = asyncio.create_task(events.publish(message(50), at=AT))
    await asyncio.sleep(0)
    gone.cancel()
    kept = asyncio.create_task(events.publish(message(51), at=AT))
    await asyncio.sleep(0)
    held.release()
    await asyncio.gather(*first, kept)
    assert sorted(chain(*map(ids, server.asked))) == ["m0", "m1", "m51"]


async def test_a_refused_token_is_not_used_again(server: ScriptedServer) -> None:
    tokens = ["ya29.old", "ya29.new"]
    client = client_of(server, token=answering(lambda: tokens[0]), forget_token=tokens.remove)
    server.script = lambda asked: OK if "new" in asked.headers["authorization"] else refusal(401, "UNAUTHENTICATED")
    await PubsubEvents(client, {"audit": "audit"}).publish(message(), at=AT)
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer ya29.old", "Bearer ya29.new"]
    client.close()
