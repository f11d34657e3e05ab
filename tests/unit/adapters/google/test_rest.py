"""Google's REST APIs: what is sent, what they share, and what becomes of every kind of answer."""

import asyncio
import ssl
import threading
from collections.abc import Iterator

import pytest

from reelgate.adapters.google.connections import MAX_CONNECTIONS, Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest, NoAccessToken
from tests.fixtures.scripted_server import Answer, Asked, ScriptedServer, scripted_server
from tests.fixtures.scripted_tokens import answering


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def connections() -> Iterator[Connections]:
    opened = Connections()
    yield opened
    opened.close()


def api(server: ScriptedServer, connections: Connections, *, path: str = "", **options: object) -> GoogleRest:
    return GoogleRest(f"http://{server.host}{path}", connections=connections, **options)  # type: ignore[arg-type]


async def test_without_a_token_source_no_token_is_sent(server: ScriptedServer, connections: Connections) -> None:
    rest = api(server, connections)
    await rest.post("/a", {"b": 1}, seconds=60)
    [asked] = server.asked
    assert "authorization" not in asked.headers
    assert (asked.method, asked.target, asked.body) == ("POST", "/a", b'{"b":1}')
    assert asked.headers["content-type"] == "application/json"
    rest.close()


async def test_paths_begin_as_the_endpoint_does(server: ScriptedServer, connections: Connections) -> None:
    rest = api(server, connections, path="/identity/")
    answer = await rest.call("GET", "/v1/keys?a=b", seconds=60)
    assert answer.status == 200
    [asked] = server.asked
    assert (asked.method, asked.target, asked.body) == ("GET", "/identity/v1/keys?a=b", b"")
    rest.close()


async def test_apis_of_one_server_share_its_connections(server: ScriptedServer, connections: Connections) -> None:
    first, second = api(server, connections), api(server, connections)
    await first.post("/a", {}, seconds=60)
    first.close()
    await second.post("/b", {}, seconds=60)
    second.close()
    assert (len(server.asked), server.connections) == (2, 1)


async def test_an_api_that_hangs_holds_up_no_other(server: ScriptedServer, connections: Connections) -> None:
    released = threading.Event()

    def hang_in_a(asked: Asked) -> Answer:
        if asked.target == "/a":
            released.wait(20)
        return Answer()

    server.script = hang_in_a
    slow, quick = api(server, connections), api(server, connections)
    hanging = [slow.post("/a", {}, seconds=60) for _ in range(10)]
    tasks = [asyncio.create_task(call) for call in hanging]
    assert (await quick.post("/b", {}, seconds=60))[0] == 200
    assert not any(task.done() for task in tasks)
    released.set()
    await asyncio.gather(*tasks)
    slow.close()
    quick.close()


async def test_an_answer_that_is_too_long_is_none(server: ScriptedServer, connections: Connections) -> None:
    rest = api(server, connections)
    server.script = lambda _: Answer(200, b"x" * 500_000)
    with pytest.raises(NoAnswer, match="more than 999 bytes"):
        await rest.call("GET", "/", seconds=60, max_bytes=999)
    assert (await rest.call("GET", "/", seconds=60, max_bytes=500_000)).body == b"x" * 500_000
    assert (await rest.call("GET", "/", seconds=60, max_bytes=500_000)).body == b"x" * 500_000
    assert server.connections == 2  # the first one had unread bytes on it
    rest.close()


async def test_answers_that_are_too_long_use_up_no_connections(server: ScriptedServer, connections: Connections) -> None:
    rest = api(server, connections)
    server.script = lambda _: Answer(200, b"x" * 500_000)
    for _ in range(MAX_CONNECTIONS + 1):
        with pytest.raises(NoAnswer, match="more than 999 bytes"):
            await rest.call("GET", "/", seconds=5, max_bytes=999)
    rest.close()


async def test_a_call_waits_no_longer_for_a_connection_than_for_an_answer(
    server: ScriptedServer, connections: Connections
) -> None:
    arrived, released = threading.Semaphore(0), threading.Event()

    def hang(_: Asked) -> Answer:
        arrived.release()
        released.wait(20)
        return Answer()

    server.script = hang
    slow = GoogleRest(f"http://{server.host}", connections=connections)
    tasks = [asyncio.create_task(slow.post("/", {}, seconds=60)) for _ in range(MAX_CONNECTIONS)]
    for _ in tasks:
        await asyncio.to_thread(arrived.acquire, timeout=20)
    other = api(server, connections)
    with pytest.raises(NoAnswer, match="TimeoutError"):
        await asyncio.wait_for(other.post("/", {}, seconds=0.01), 10)
    released.set()
    await asyncio.gather(*tasks)
    slow.close()
    other.close()


async def test_a_redirect_is_an_answer(server: ScriptedServer, connections: Connections) -> None:
    rest = api(server, connections)
    server.script = lambda _: Answer(302, b"", {"Location": f"http://{server.host}/elsewhere"})
    assert (await rest.call("GET", "/", seconds=60)).status == 302
    assert len(server.asked) == 1
    rest.close()


@pytest.mark.parametrize("answer", [None, Answer(200, b"secret, but not JSON"), Answer(502, b"<html>")], ids=str)
async def test_no_clear_answer_is_retryable(server: ScriptedServer, connections: Connections, answer: Answer | None) -> None:
    rest = api(server, connections)
    server.script = lambda _: answer
    with pytest.raises(NoAnswer) as failed:
        await rest.post("/?key=secret", {"a": "secret"}, seconds=60)
    assert failed.value.retryable
    assert "secret" not in str(failed.value)
    assert len(server.asked) == 1
    rest.close()


async def test_without_a_token_nothing_is_sent(server: ScriptedServer, connections: Connections) -> None:
    def no_token() -> str:
        raise NoAccessToken("the metadata server answered 404")

    rest = api(server, connections, token=answering(no_token))
    with pytest.raises(NoAnswer, match="no access token: the metadata server answered 404"):
        await rest.post("/", {}, seconds=60)
    assert server.asked == []
    rest.close()


async def test_a_token_that_does_not_come_in_time_is_no_answer(server: ScriptedServer, connections: Connections) -> None:
    never = asyncio.Event()

    async def hang() -> str:
        await never.wait()
        return "token"

    rest = api(server, connections, token=hang)
    with pytest.raises(NoAnswer, match="TimeoutError"):
        await rest.post("/", {}, seconds=0.01)
    assert server.asked == []


@pytest.mark.parametrize(("status", "forgotten"), [(401, ["old"]), (403, []), (200, [])])
async def test_a_token_that_was_refused_is_forgotten(
    server: ScriptedServer, connections: Connections, status: int, forgotten: list[str]
) -> None:
    refused: list[str] = []
    rest = api(server, connections, token=answering(lambda: "old"), forget_token=refused.append)
    server.script = lambda _: Answer(status)
    await rest.post("/", {}, seconds=60)
    assert refused == forgotten
    assert server.asked[0].headers["authorization"] == "Bearer old"
    rest.close()


def test_one_tls_context_serves_all_servers(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    make = ssl.create_default_context

    def counted() -> ssl.SSLContext:
        made.append(None)
        return make()

    monkeypatch.setattr(ssl, "create_default_context", counted)
    for host in ("a.example", "b.example", "a.example"):
        connections.server(f"https://{host}/path")
    assert len(made) == 1
