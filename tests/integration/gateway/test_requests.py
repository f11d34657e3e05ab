"""What reaches the function, and what the gateway answers instead."""

import asyncio
import base64
import json
import re
from io import BytesIO

import pytest
from aiohttp import web

from localcloud.gateway.proxy import MAX_BODY_BYTES
from tests.fixtures.openapi_document import document

from .conftest import Cloud, assert_problem


async def test_the_raw_target_arrives_untouched(cloud: Cloud) -> None:
    for target in ("/files/a%2Fb%20c%E6%9D%B1.mp4?x=%20+&y=a%2fb&&z", "/files/..", "/files/%2e%2E", "/files/a;b=c,d'(e)*~!@:$"):
        answer = await cloud.raw(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        assert (answer.status, cloud.product.target) == (200, target)


async def test_an_absolute_target_is_taken_as_its_path(cloud: Cloud) -> None:
    answer = await cloud.raw(b"GET http://somewhere.example/files/a%20b?c HTTP/1.1\r\nHost: somewhere.example\r\n\r\n")
    assert (answer.status, cloud.product.target) == (200, "/files/a%20b?c")


async def test_authorization_is_the_gateways_own_and_the_callers_is_passed_on(cloud: Cloud) -> None:
    await cloud.http.get(f"{cloud.origin}/echo", headers={"Authorization": "Bearer caller"})

    headers = cloud.product.headers
    assert headers["x-forwarded-authorization"] == "Bearer caller"
    scheme, _, token = headers["authorization"].partition(" ")
    header, claims, signature = token.split(".")
    assert (scheme, signature) == ("Bearer", "")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "none"
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["aud"] == cloud.product.origin


async def test_a_forwarded_authorization_cannot_be_smuggled_in(cloud: Cloud) -> None:
    forged = {"X-Forwarded-Authorization": "Bearer forged", "x-forwarded-AUTHORIZATION": "Bearer forged too"}
    await cloud.http.get(f"{cloud.origin}/echo", headers=forged)
    assert "x-forwarded-authorization" not in cloud.product.headers

    await cloud.http.get(f"{cloud.origin}/echo", headers={**forged, "Authorization": "Bearer caller"})
    assert cloud.product.headers["x-forwarded-authorization"] == "Bearer caller"


async def test_forwarding_headers_tell_where_the_request_came_in(cloud: Cloud) -> None:
    sent = {
        "X-Forwarded-For": "10.1.2.3",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Host": "api.local",
    }
    await cloud.http.get(f"{cloud.origin}/echo", headers=sent)

    headers = cloud.product.headers
    assert headers["x-forwarded-for"] == "10.1.2.3, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-host"]) == ("http", "api.local")
    assert headers["host"] == cloud.product.origin.removeprefix("http://")


async def test_a_request_id_is_kept_if_valid_and_made_if_not(cloud: Cloud) -> None:
    kept_ones = ("abc-12_3", "a" * 64)
    for given in (*kept_ones, "abc-1_3", "a" * 65, "abc-1.2_3", "abcdefg h", "abcdefgh\t<script>", None):
        headers = {} if given is None else {"X-Request-Id": given}
        async with cloud.http.get(f"{cloud.origin}/echo", headers=headers) as answer:
            seen = cloud.product.headers["x-request-id"]
            assert answer.headers["X-Request-Id"] == seen
            assert (seen == given) is (given in kept_ones)
            assert re.fullmatch(document()["components"]["headers"]["RequestId"]["schema"]["pattern"], seen)


async def test_headers_of_the_connection_stay_behind(cloud: Cloud) -> None:
    answer = await cloud.raw(
        b"GET /echo HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
        b"TE: trailers\r\nProxy-Authorization: Basic eA==\r\nX-Stays: yes\r\nAccept-Encoding: br\r\n\r\n"
    )
    assert answer.status == 200
    assert cloud.product.headers["x-stays"] == "yes"
    assert cloud.product.headers["accept-encoding"] == "br"
    assert not {"x-hop", "keep-alive", "te", "proxy-authorization"} & set(cloud.product.headers)


async def test_nothing_is_added_to_a_bare_request(cloud: Cloud) -> None:
    await cloud.raw(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
    added = {"host", "authorization", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"}
    assert set(cloud.product.headers) == added


async def test_an_unknown_path_is_a_problem(cloud: Cloud) -> None:
    answer = await cloud.raw(b"GET /nowhere%20here HTTP/1.1\r\nHost: h\r\nX-Request-Id: my-own-id\r\n\r\n")
    assert_problem(404, "not_found", answer.headers, answer.body, answer.status)
    assert answer.headers["x-request-id"] == "my-own-id"
    assert cloud.product.requests == 0


async def test_a_problem_of_version_1_has_no_short_sentence_of_the_older_services(cloud: Cloud) -> None:
    answer = await cloud.raw(b"GET /v1/uplods HTTP/1.1\r\nHost: h\r\n\r\n")
    assert_problem(404, "not_found", answer.headers, answer.body, answer.status, version_1=True)


async def test_a_wrong_method_is_a_problem_that_lists_the_right_ones(cloud: Cloud) -> None:
    answer = await cloud.raw(b"DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n")
    assert_problem(405, "method_not_allowed", answer.headers, answer.body, answer.status)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST, PUT"
    assert cloud.product.requests == 0


async def test_a_preflight_is_answered_by_the_function(cloud: Cloud) -> None:
    async def answer_preflight(_: web.BaseRequest) -> web.Response:
        return web.Response(status=204, headers={"Access-Control-Allow-Origin": "https://console.example"})

    cloud.product.handler = answer_preflight
    headers = {"Origin": "https://console.example", "Access-Control-Request-Method": "POST"}
    async with cloud.http.options(f"{cloud.origin}/echo", headers=headers) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "https://console.example")
    assert cloud.product.method == "OPTIONS"
    assert cloud.product.headers["origin"] == "https://console.example"


async def test_an_unreachable_function_is_unavailable(cloud: Cloud) -> None:
    answer = await cloud.raw(b"GET /away HTTP/1.1\r\nHost: h\r\n\r\n")
    assert_problem(503, "unavailable", answer.headers, answer.body, answer.status)
    assert answer.headers["retry-after"] == "1"


async def test_a_function_that_dies_before_it_answers_is_unavailable(cloud: Cloud) -> None:
    async def die(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    cloud.product.handler = die
    answer = await cloud.raw(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
    assert_problem(503, "unavailable", answer.headers, answer.body, answer.status)


async def test_bodies_arrive_as_sent_small_large_and_chunked(cloud: Cloud) -> None:
    for body in (b"", b"small", b"l" * 3_000_000):
        async with cloud.http.post(f"{cloud.origin}/echo", data=BytesIO(body)) as answer:
            assert answer.status == 200
        assert cloud.product.body == body
        assert cloud.product.headers["content-length"] == str(len(body))
        assert "transfer-encoding" not in cloud.product.headers

    answer_chunked = await cloud.raw(
        b"PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    )
    assert (answer_chunked.status, cloud.product.body) == (200, b"abcdefg")


async def test_an_encoded_body_is_not_decoded_on_the_way(cloud: Cloud) -> None:
    compressed = bytes.fromhex("1f8b08000000000000ff")  # the beginning of a gzip stream: decoding it would fail
    async with cloud.http.post(f"{cloud.origin}/echo", data=compressed, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 200
    assert (cloud.product.body, cloud.product.headers["content-encoding"]) == (compressed, "gzip")


async def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(cloud: Cloud) -> None:
    head = f"POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    answer = await cloud.raw(head.encode())
    assert_problem(413, "too_large", answer.headers, answer.body, answer.status)
    assert cloud.product.requests == 0


async def test_a_body_that_grows_too_large_is_refused(cloud: Cloud) -> None:
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    head = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await cloud.raw(head + chunk * (MAX_BODY_BYTES // 0x100000 + 1))
    assert_problem(413, "too_large", answer.headers, answer.body, answer.status)


async def test_a_body_of_exactly_the_limit_passes(cloud: Cloud) -> None:
    async with cloud.http.post(f"{cloud.origin}/echo", data=BytesIO(bytes(MAX_BODY_BYTES))) as answer:
        assert answer.status == 200
    assert len(cloud.product.body) == MAX_BODY_BYTES


async def test_a_client_that_waits_for_permission_gets_it(cloud: Cloud) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", cloud.port)
    writer.write(b"POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"body")
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert cloud.product.body == b"body"
    assert "expect" not in cloud.product.headers


async def test_health_is_the_gateways_own(cloud: Cloud) -> None:
    async with cloud.http.get(f"{cloud.origin}/_gateway/health") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "ok")
    assert cloud.product.requests == 0


class TestDeadline:
    @pytest.fixture
    def deadline_seconds(self) -> float:
        return 0.1

    async def test_a_function_that_does_not_answer_in_time_is_a_gateway_timeout(self, cloud: Cloud) -> None:
        never = asyncio.Event()

        async def hang(_: web.BaseRequest) -> web.Response:
            await never.wait()
            return web.Response()

        cloud.product.handler = hang
        answer = await cloud.raw(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
        assert_problem(504, "deadline_exceeded", answer.headers, answer.body, answer.status)
        never.set()
