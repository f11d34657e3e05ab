"""What comes back: the function's answer, as it is and as soon as it is there."""

import asyncio

import pytest
from aiohttp import web

from .conftest import Cloud


async def test_status_headers_and_body_come_back_as_they_are(cloud: Cloud) -> None:
    async def teapot(_: web.BaseRequest) -> web.Response:
        headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Mine", "yes"), ("X-Hop", "1"), ("Connection", "X-Hop")]
        return web.Response(status=418, reason="Short and stout", body=b"\x00\xff", headers=headers)

    cloud.product.handler = teapot
    async with cloud.http.get(f"{cloud.origin}/echo") as answer:
        assert (answer.status, answer.reason, await answer.read()) == (418, "Short and stout", b"\x00\xff")
        assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
        assert answer.headers["X-Mine"] == "yes"
        assert "X-Hop" not in answer.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_passed_through(cloud: Cloud, status: int) -> None:
    signed = "http://127.0.0.1:1/bucket/a%2Fb%20c?X-Goog-Signature=00ff&response-content-disposition=attachment%3B%20x"

    async def redirect(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, headers={"Location": signed})

    cloud.product.handler = redirect
    answer = await cloud.raw(b"GET /files/a.mp4 HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (answer.status, answer.headers["location"]) == (status, signed)
    assert cloud.product.requests == 1


async def test_an_encoded_answer_is_not_decoded(cloud: Cloud) -> None:
    compressed = bytes.fromhex("1f8b08000000000000ff")

    async def encoded(_: web.BaseRequest) -> web.Response:
        return web.Response(body=compressed, headers={"Content-Encoding": "gzip"})

    cloud.product.handler = encoded
    async with cloud.http.get(f"{cloud.origin}/echo") as answer:
        assert (await answer.read(), answer.headers["Content-Encoding"]) == (compressed, "gzip")


async def test_head_has_the_length_and_no_body(cloud: Cloud) -> None:
    async def head(request: web.BaseRequest) -> web.Response:
        assert request.method == "HEAD"
        return web.Response(headers={"Content-Length": "123456789", "Content-Type": "video/mp4"})

    cloud.product.handler = head
    async with cloud.http.head(f"{cloud.origin}/files/a.mp4") as answer:
        assert (answer.status, answer.headers["Content-Length"], await answer.read()) == (200, "123456789", b"")
        assert answer.headers["Content-Type"] == "video/mp4"


async def test_an_answer_without_a_body_stays_without(cloud: Cloud) -> None:
    async def nothing(_: web.BaseRequest) -> web.Response:
        return web.Response(status=204)

    cloud.product.handler = nothing
    for _ in range(2):  # the connection is left in order for the next request
        async with cloud.http.get(f"{cloud.origin}/echo") as answer:
            assert (answer.status, await answer.read()) == (204, b"")
            assert "Content-Type" not in answer.headers


async def test_an_answer_is_passed_on_piece_by_piece(cloud: Cloud) -> None:
    go_on = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"first")
        await go_on.wait()
        await response.write(b"second")
        await response.write_eof()
        return response

    cloud.product.handler = slow
    async with cloud.http.get(f"{cloud.origin}/echo") as answer:
        assert await answer.content.readany() == b"first"
        go_on.set()
        assert await answer.content.read() == b"second"


async def test_a_body_is_passed_on_piece_by_piece(cloud: Cloud) -> None:
    arrived = asyncio.Event()

    async def note(request: web.BaseRequest) -> web.Response:
        first = await request.content.readany()
        arrived.set()
        return web.Response(body=first + await request.content.read())

    async def pieces() -> asyncio.Future[bytes]:  # type: ignore[misc]
        yield b"first"
        await arrived.wait()
        yield b"second"

    cloud.product.handler = note
    async with cloud.http.post(f"{cloud.origin}/echo", data=pieces()) as answer:
        assert await answer.read() == b"firstsecond"


async def test_an_answer_may_come_before_the_body_has_gone(cloud: Cloud) -> None:
    async def refuse(_: web.BaseRequest) -> web.Response:
        return web.Response(status=401)

    cloud.product.handler = refuse
    reader, writer = await asyncio.open_connection("127.0.0.1", cloud.port)
    writer.write(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\npart")
    assert b" 401 " in await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_a_large_answer_is_whole(cloud: Cloud) -> None:
    body = bytes(range(256)) * 40_000

    async def large(_: web.BaseRequest) -> web.Response:
        return web.Response(body=body)

    cloud.product.handler = large
    async with cloud.http.get(f"{cloud.origin}/echo") as answer:
        assert await answer.read() == body


@pytest.mark.parametrize("chunked", [True, False])
async def test_an_answer_cut_short_is_seen_as_cut_short(cloud: Cloud, chunked: bool) -> None:
    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={} if chunked else {"Content-Length": "1000000"})
        await response.prepare(request)
        await response.write(b"beginning")
        assert request.transport is not None
        request.transport.close()
        return response

    cloud.product.handler = cut
    answer = await cloud.raw(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
    assert answer.status == 200
    assert b"beginning" in answer.body
    assert not answer.body.endswith(b"0\r\n\r\n")
    assert answer.complete is chunked  # by length it is incomplete; chunked lacks its last chunk


async def test_a_client_that_goes_away_ends_the_functions_request(cloud: Cloud) -> None:
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.Response:
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return web.Response()

    cloud.product.handler = hang
    _, writer = await asyncio.open_connection("127.0.0.1", cloud.port)
    writer.write(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
    await arrived.wait()
    writer.close()
    async with asyncio.timeout(5):
        await cancelled.wait()


async def test_connections_to_the_function_are_used_again(cloud: Cloud) -> None:
    peers = set()

    async def note(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response()

    cloud.product.handler = note
    for _ in range(5):
        async with cloud.http.get(f"{cloud.origin}/echo") as answer:
            assert answer.status == 200
    assert len(peers) == 1
