"""One HTTP connection: what is read from any bytes in any pieces, and when the connection may be used again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reelgate.adapters.google.http_connection import MAX_HEAD_BYTES, Answer, HttpConnection, NoAnswer

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\n\r\n"
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a:  2 \r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: t\r\n\r\n"
NO_BODY = b"HTTP/1.1 204 No Content\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
UNTIL_THE_END = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello"
OLD = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"
HELLO = (200, b"hello")


class Wire(asyncio.Transport):
    """The other end of a connection: it keeps what was sent, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.aborted = False

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.sent += data

    def abort(self) -> None:
        self.aborted = True


def connected() -> tuple[HttpConnection, Wire]:
    connection, wire = HttpConnection(), Wire()
    connection.connection_made(wire)
    return connection, wire


async def asked(
    connection: HttpConnection,
    pieces: Sequence[bytes],
    *,
    eof: bool = False,
    head_only: bool = False,
    max_bytes: int | None = None,
) -> Answer:
    """Send a request, let the pieces of an answer arrive, and return what was read."""
    exchange = asyncio.create_task(connection.exchange(REQUEST, head_only=head_only, max_bytes=max_bytes))
    await asyncio.sleep(0)
    for piece in pieces:
        connection.data_received(piece)
    if eof:
        connection.eof_received()
        connection.connection_lost(None)
    return await exchange


def split(whole: bytes, places: Sequence[int]) -> list[bytes]:
    edges = sorted({0, len(whole), *(place % len(whole) for place in places)})
    return [whole[start:end] for start, end in pairwise(edges)]


places = st.lists(st.integers(0, 1000), max_size=12)
EVERY_BYTE = list(range(1000))


@given(places)
@example(EVERY_BYTE)
@pytest.mark.parametrize(
    ("answer", "result", "reusable"),
    [
        (LENGTH, HELLO, True),
        (CHUNKED, HELLO, True),
        (NO_BODY, (204, b""), True),
        (NOT_MODIFIED, (304, b""), True),
        (INTERIM + LENGTH, HELLO, True),
        (LAST, HELLO, False),
        (OLD, HELLO, False),
        (LENGTH + LENGTH, HELLO, False),
        (LENGTH + b"rubbish", HELLO, False),
    ],
)
async def test_an_answer_is_the_same_in_any_pieces(
    answer: bytes, result: object, reusable: bool, places: Sequence[int]
) -> None:
    connection, wire = connected()
    got = await asked(connection, split(answer, places))
    assert (got.status, got.body) == result
    assert (connection.is_usable, wire.sent) == (reusable, REQUEST)


@given(places)
@example(EVERY_BYTE)
async def test_an_answer_of_unknown_length_ends_with_the_connection(places: Sequence[int]) -> None:
    connection, _ = connected()
    assert (await asked(connection, split(UNTIL_THE_END, places), eof=True)).body == b"hello"
    assert not connection.is_usable


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, INTERIM + LENGTH])
async def test_an_answer_that_ends_too_early_is_none(answer: bytes) -> None:
    for end in range(len(answer)):
        connection, _ = connected()
        with pytest.raises(ConnectionResetError):
            await asked(connection, [answer[:end]] if end else [], eof=True)
        assert not connection.is_usable


@given(places, st.integers(0, len(LENGTH) - 1), st.integers(0, 255))
async def test_one_wrong_byte_gives_an_answer_or_none_but_nothing_else(places: Sequence[int], at: int, byte: int) -> None:
    connection, wire = connected()
    try:
        got = await asked(connection, split(LENGTH[:at] + bytes([byte]) + LENGTH[at + 1 :], places), eof=True)
    except (NoAnswer, ConnectionResetError):
        assert wire.aborted
    else:
        assert isinstance(got, Answer)


async def test_headers_have_lower_case_names_and_repeated_ones_are_joined() -> None:
    connection, _ = connected()
    assert (await asked(connection, [LENGTH])).headers == {"content-length": "5", "x-a": "1, 2"}
    assert "x-trailer" not in (await asked(connection, [CHUNKED])).headers


async def test_one_answer_after_another() -> None:
    connection, wire = connected()
    for answer in (LENGTH, CHUNKED, NO_BODY, INTERIM + CHUNKED, NOT_MODIFIED, LENGTH):
        await asked(connection, [answer])
    assert connection.is_usable
    assert (await asked(connection, [LENGTH])).headers["x-a"] == "1, 2"
    assert wire.sent == REQUEST * 7


async def test_an_answer_to_head_has_no_body() -> None:
    connection, _ = connected()
    assert await asked(connection, [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"], head_only=True) == Answer(
        200, {"content-length": "5"}, b""
    )
    assert not connection.is_usable


@pytest.mark.parametrize(
    "answer",
    [
        b"secret, but not HTTP",
        b"HTTP/1.1 200 OK\r\nsecret without a colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: secret\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: secret\r\n\r\nsecret",
    ],
)
async def test_what_cannot_be_read_is_no_answer_and_is_not_quoted(answer: bytes) -> None:
    connection, wire = connected()
    with pytest.raises(NoAnswer) as failed:
        await asked(connection, [answer])
    assert "secret" not in f"{failed.value}{failed.value.__cause__!r}{failed.value.__context__!r}"
    assert wire.aborted


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED])
async def test_a_body_may_have_a_limit(answer: bytes) -> None:
    connection, _ = connected()
    assert (await asked(connection, [answer], max_bytes=5)).body == b"hello"
    with pytest.raises(NoAnswer, match="HTTP 200 with more than 4 bytes"):
        await asked(connection, [answer], max_bytes=4)
    assert not connection.is_usable


MANY = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(MAX_HEAD_BYTES // 1000 + 1))
LONG = b"x" * (2 * MAX_HEAD_BYTES)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + MANY + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + LONG,
        b"HTTP/1.1 200 " + LONG,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + MANY + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + LONG,
    ],
    ids=["many headers", "long header", "long reason", "many trailers", "long chunk extension"],
)
async def test_a_head_has_a_limit(answer: bytes) -> None:
    connection, wire = connected()
    pieces = [answer[at : at + 1000] for at in range(0, len(answer), 1000)]
    with pytest.raises(NoAnswer, match="too long a"):
        await asked(connection, pieces, eof=True)
    assert wire.aborted


async def test_an_answer_to_nothing_closes_the_connection() -> None:
    connection, wire = connected()
    connection.data_received(LENGTH)
    assert wire.aborted
    with pytest.raises(ConnectionResetError):
        await connection.exchange(REQUEST)
    assert wire.sent == b""


async def test_a_connection_that_the_server_closed_is_not_used() -> None:
    connection, wire = connected()
    await asked(connection, [LENGTH])
    connection.eof_received()
    assert not connection.is_usable
    connection.connection_lost(None)
    with pytest.raises(ConnectionResetError):
        await connection.exchange(REQUEST)
    assert wire.sent == REQUEST


async def test_a_call_that_gives_up_closes_the_connection() -> None:
    connection, wire = connected()
    exchange = asyncio.create_task(connection.exchange(REQUEST))
    await asyncio.sleep(0)
    connection.data_received(LENGTH[:20])
    exchange.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exchange
    assert wire.aborted
    assert not connection.is_usable
    connection.data_received(LENGTH[20:])  # what arrives late goes to no one
    connection.connection_lost(None)
    assert connection.lost.done()


async def test_the_reason_of_a_broken_connection_is_kept() -> None:
    connection, _ = connected()
    exchange = asyncio.create_task(connection.exchange(REQUEST))
    await asyncio.sleep(0)
    connection.connection_lost(BrokenPipeError())
    with pytest.raises(BrokenPipeError):
        await exchange
