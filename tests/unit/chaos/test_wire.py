"""The chaos ring's wires lose and refuse whole requests, and pass on everything else as it is."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from tests.chaos.cloud.wire import HOST, LOSE_ANSWER, LOSE_REQUEST, PASS, REFUSE, Fates, Shares, Wire, to_port

NOTHING = Shares(lose_request=0, lose_answer=0, refuse=0)


class Server:
    """Answers each line with itself."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.lines.append(line)
            if line.endswith(b"\n"):
                writer.write(line)
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, int]]:
    made = Server()
    listening = await asyncio.start_server(made.serve, HOST, 0)
    yield made, listening.sockets[0].getsockname()[1]
    listening.close()


async def ask(port: int, *lines: bytes) -> list[bytes]:
    """Send lines one after the other over one connection; return the answers up to the first that does not come."""
    reader, writer = await asyncio.open_connection(HOST, port)
    answers = []
    for line in lines:
        try:
            writer.write(line)
            answer = await reader.readline()
        except ConnectionError:
            break
        if not answer:
            break
        answers.append(answer)
    writer.close()
    return answers


@pytest.mark.parametrize(
    ("shares", "fate", "answers", "arrived"),
    [
        (NOTHING, PASS, [b"one\n", b"two\n"], [b"one\n", b"two\n"]),
        (Shares(lose_request=1, lose_answer=0, refuse=0), LOSE_REQUEST, [], []),
        (Shares(lose_request=0, lose_answer=1, refuse=0), LOSE_ANSWER, [], [b"one\n"]),
        (Shares(lose_request=0, lose_answer=0, refuse=1), REFUSE, [b"HTTP/1.1 503 Service Unavailable\r\n"], []),
    ],
)
async def test_a_request_meets_its_fate(
    server: tuple[Server, int], shares: Shares, fate: str, answers: list[bytes], arrived: list[bytes]
) -> None:
    behind, port = server
    fates = Fates(random.Random(1), shares)
    wire = Wire(0, fates, to_port(port))
    await wire.start()
    assert (await ask(wire.port, b"one\n", b"two\n"))[: len(answers)] == answers
    assert [line for line in behind.lines if line.endswith(b"\n")] == arrived
    assert set(fates.counts) == {fate}
    await wire.stop()


async def test_a_server_that_is_gone_is_a_refusal() -> None:
    unused = await asyncio.start_server(lambda *_: None, HOST, 0)
    port = unused.sockets[0].getsockname()[1]
    unused.close()
    wire = Wire(0, Fates(random.Random(1), NOTHING), to_port(port))
    await wire.start()
    assert await ask(wire.port, b"one\n") == [b"HTTP/1.1 503 Service Unavailable\r\n"]
    await wire.stop()
