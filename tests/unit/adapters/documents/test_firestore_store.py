"""Firestore over its REST API: what it sends, and what becomes of every kind of answer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, ConflictError, Write
from reelgate.adapters.documents.firestore_store import (
    FirestoreClient,
    FirestoreDocumentStore,
    FirestoreError,
    FirestoreUnreachable,
)
from reelgate.adapters.google.connections import MAX_CONNECTIONS
from reelgate.adapters.google.rest import NoAccessToken
from reelgate.domain.errors import Unavailable
from tests.fixtures.scripted_server import Answer, ScriptedServer, scripted_server
from tests.fixtures.scripted_tokens import answering

ROOT = "projects/demo-rest/databases/(default)/documents"
ADA, BOB = Address(("users",), "ada"), Address(("users",), "bob")


def refusal(http_status: int, status: str, *, streamed: bool = False) -> Answer:
    """An error as Google's JSON transcoding sends it."""
    error: Any = {"error": {"code": http_status, "message": "as the test wants it", "status": status}}
    return Answer(http_status, json.dumps([error] if streamed else error).encode())


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[FirestoreClient]:
    opened = FirestoreClient("demo-rest", token=answering(lambda: "ya29.secret"), endpoint=f"http://{server.host}")
    yield opened
    opened.close()


@pytest.fixture
def store(client: FirestoreClient) -> FirestoreDocumentStore:
    """What answers is waited for, however busy the machine is."""
    return FirestoreDocumentStore(client, timeout_seconds=60)


@pytest.fixture
def impatient(client: FirestoreClient) -> FirestoreDocumentStore:
    """What is not to answer is not waited for."""
    return FirestoreDocumentStore(client, timeout_seconds=1.0)


async def test_calls_are_posts_with_a_token(server: ScriptedServer, client: FirestoreClient) -> None:
    server.script = lambda _: Answer(200, b'{"commitTime": "t"}')
    assert await client.call("commit", {"writes": []}, seconds=60) == {"commitTime": "t"}
    [asked] = server.asked
    assert (asked.method, asked.target) == ("POST", f"/v1/{ROOT}:commit")
    assert json.loads(asked.body) == {"writes": []}
    assert asked.headers["authorization"] == "Bearer ya29.secret"


async def test_a_parent_is_escaped(server: ScriptedServer, client: FirestoreClient) -> None:
    await client.call("runQuery", {}, seconds=60, parent="users/Zoë|%2F?#")
    assert server.asked[0].target == f"/v1/{ROOT}/users/Zo%C3%AB%7C%252F%3F%23:runQuery"


async def test_connections_are_kept(server: ScriptedServer, client: FirestoreClient) -> None:
    for _ in range(5):
        await client.call("commit", {}, seconds=60)
    assert (len(server.asked), server.connections) == (5, 1)


async def test_many_calls_run_at_once(server: ScriptedServer, client: FirestoreClient) -> None:
    everybody_is_here = threading.Barrier(MAX_CONNECTIONS)

    def answer_when_all_ask(_: object) -> Answer:
        everybody_is_here.wait(20)
        return Answer()

    server.script = answer_when_all_ask
    await asyncio.gather(*(client.call("commit", {}, seconds=30) for _ in range(MAX_CONNECTIONS)))
    assert server.connections == MAX_CONNECTIONS


@pytest.mark.parametrize("status", ["FAILED_PRECONDITION", "ALREADY_EXISTS", "ABORTED", "NOT_FOUND"])
async def test_a_lost_race_is_a_conflict(server: ScriptedServer, store: FirestoreDocumentStore, status: str) -> None:
    server.script = lambda _: refusal(409, status)
    with pytest.raises(ConflictError, match=status):
        await store.commit([Write(ADA, None)])
    assert (store.operations.writes, store.operations.deletes) == (0, 0)


PASSING = [
    refusal(503, "UNAVAILABLE"),
    refusal(429, "RESOURCE_EXHAUSTED"),
    refusal(504, "DEADLINE_EXCEEDED"),
    refusal(500, "INTERNAL"),
    refusal(500, "UNKNOWN"),
    refusal(503, "UNAVAILABLE", streamed=True),
    Answer(502, b"<html>Bad Gateway</html>"),
    Answer(503, b"{}"),
    Answer(200, b"half of an ans"),
    None,
]


@pytest.mark.parametrize("answer", PASSING, ids=str)
async def test_a_commit_without_a_clear_answer_is_a_conflict(
    server: ScriptedServer, store: FirestoreDocumentStore, answer: Answer | None
) -> None:
    server.script = lambda _: answer
    with pytest.raises(ConflictError):
        await store.commit([])
    assert len(server.asked) == 1  # nothing is repeated blindly


@pytest.mark.parametrize("answer", PASSING, ids=str)
async def test_a_read_without_a_clear_answer_is_repeated(
    server: ScriptedServer, store: FirestoreDocumentStore, answer: Answer | None
) -> None:
    server.script = lambda _: answer if len(server.asked) == 1 else Answer(200, b'[{"missing": "n", "readTime": "t"}]')
    assert await store.get(ADA) == {}
    assert len(server.asked) == 2
    assert store.operations.reads == 1


async def test_what_is_followed_is_read_as_of_the_instant_of_the_first_answer(
    server: ScriptedServer, store: FirestoreDocumentStore
) -> None:
    server.script = lambda _: Answer(200, b'[{"missing": "n", "readTime": "2026-11-03T12:00:00.000001Z"}]')
    await store.get(ADA, follow=lambda _: [ADA, BOB])
    first, second = (json.loads(asked.body) for asked in server.asked)
    assert first == {"documents": [f"{ROOT}/users/ada"]}
    assert second == {"documents": [f"{ROOT}/users/bob"], "readTime": "2026-11-03T12:00:00.000001Z"}
    assert store.operations.reads == 2


async def test_an_error_at_the_end_of_a_stream_is_an_error(server: ScriptedServer, store: FirestoreDocumentStore) -> None:
    whole = b'[{"missing": "n"}, {"missing": "m"}]'
    broken = b'[{"missing": "n"}, {"error": {"code": 503, "status": "UNAVAILABLE"}}]'
    server.script = lambda _: Answer(200, broken if len(server.asked) == 1 else whole)
    await store.get(ADA, BOB)
    assert len(server.asked) == 2


async def test_a_server_that_keeps_failing_is_unavailable(server: ScriptedServer, impatient: FirestoreDocumentStore) -> None:
    server.script = lambda _: refusal(503, "UNAVAILABLE")
    with pytest.raises(Unavailable):
        await impatient.get(ADA)
    assert len(server.asked) > 1


async def test_a_server_that_hangs_is_unavailable(server: ScriptedServer, impatient: FirestoreDocumentStore) -> None:
    done = threading.Event()

    def hang(_: object) -> None:
        done.wait(20)

    server.script = hang
    try:
        with pytest.raises(Unavailable):
            await impatient.get(ADA)
        with pytest.raises(ConflictError):
            await impatient.commit([])
    finally:
        done.set()


@pytest.mark.parametrize("status", ["PERMISSION_DENIED", "INVALID_ARGUMENT", "UNAUTHENTICATED"])
async def test_what_waiting_cannot_mend_is_raised_at_once(
    server: ScriptedServer, store: FirestoreDocumentStore, status: str
) -> None:
    server.script = lambda _: refusal(400, status)
    with pytest.raises(FirestoreError, match=status):
        await store.get(ADA)
    with pytest.raises(FirestoreError, match=status):
        await store.commit([])
    assert len(server.asked) == 2


async def test_a_refused_token_is_not_used_again(server: ScriptedServer) -> None:
    refused: list[str] = []
    client = FirestoreClient(
        "demo-rest", token=answering(lambda: "ya29.old"), forget_token=refused.append, endpoint=f"http://{server.host}"
    )
    server.script = lambda _: refusal(401, "UNAUTHENTICATED")
    with pytest.raises(FirestoreError) as failed:
        await client.call("commit", {}, seconds=60)
    assert refused == ["ya29.old"]
    assert "ya29" not in str(failed.value)
    client.close()


async def test_without_a_token_nothing_is_sent(server: ScriptedServer) -> None:
    def no_token() -> str:
        raise NoAccessToken("as the test wants it")

    client = FirestoreClient("demo-rest", token=answering(no_token), endpoint=f"http://{server.host}")
    with pytest.raises(FirestoreUnreachable):
        await client.call("commit", {}, seconds=60)
    with pytest.raises(Unavailable):
        await FirestoreDocumentStore(client, timeout_seconds=0.05).get(ADA)
    assert server.asked == []
    client.close()
