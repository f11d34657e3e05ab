"""What holds for every request: paths, methods, bodies, ids, headers, and errors nobody thought of."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from localcloud.gateway.headers import request_id_of
from reelgate.web.http.bodies import MAX_JSON_BYTES
from tests.fixtures.api_client import ORIGINS, ROUTES, ApiClient, api_app, problem_of
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.openapi_document import document

JSON_ROUTES = [
    ("POST", "/upload"),
    ("POST", "/v1/uploads/check"),
    ("DELETE", "/delete-file"),
    ("POST", "/api/usage/check-upload-bandwidth"),
    ("POST", "/api/usage/log-upload"),
    ("POST", "/api/usage/log-deletion"),
    ("POST", "/api/usage/reset-daily"),
]


@pytest.mark.parametrize(
    "path", ["/nothing", "/files/", "/files/x/y", "/v1/uploads//resume", "/stream/direct/", "/stream/direct/a/b"]
)
async def test_unknown_paths(api: ApiClient, path: str) -> None:
    problem_of(await api.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/files", "GET, HEAD, OPTIONS"),
        ("PUT", "/upload", "OPTIONS, POST"),
        ("PATCH", "/v1/uploads/id-1", "DELETE, GET, HEAD, OPTIONS"),
        ("HEAD", "/upload", "OPTIONS, POST"),
    ],
)
async def test_unknown_methods(api: ApiClient, method: str, path: str, allowed: str) -> None:
    answer = await api.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content",
    [
        b"nonsense",
        b'{"size": 1,}',
        b"[]",
        b'"text"',
        b"null",
        b"1",
        b'{"size": NaN}',
        b'{"size": -Infinity}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"size": ' + b"9" * 5000 + b"}",
        b'{"filename": "\xff"}',
        rb'{"refresh_token": "\ud800"}',
        rb'{"refresh_token": {"\uDFFF": [1]}}',
        b'{"refresh_token": "\xed\xa0\x80"}',
        b"\x00",
    ],
    ids=lambda content: repr(content[:20]),
)
@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
async def test_what_is_no_json_object(
    admin: ApiClient, services: MemoryServices, method: str, path: str, content: bytes
) -> None:
    problem_of(await admin.request(method, path, content=content), 400, "invalid_request")
    assert await services.account("root") is None


@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
async def test_oversized_bodies_are_refused_early(admin: ApiClient, method: str, path: str) -> None:
    announced = await admin.request(method, path, content=b" " * (MAX_JSON_BYTES + 1))
    body = problem_of(announced, 413, "too_large")
    assert (body["limit"], body["requested"]) == (MAX_JSON_BYTES, MAX_JSON_BYTES + 1)

    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 100:
            taken += 1
            yield b" " * 4096

    unannounced = await admin.request(method, path, content=endless())
    assert problem_of(unannounced, 413, "too_large")["limit"] == MAX_JSON_BYTES
    assert taken == 17  # 16 fit


async def test_a_body_of_exactly_the_limit_is_read(api: ApiClient) -> None:
    text = b'{"file_size": 1}'
    assert (await api.post("/api/usage/check-upload-bandwidth", content=text.ljust(MAX_JSON_BYTES))).status_code == 200


async def test_request_ids(api: ApiClient) -> None:
    made = (await api.get("/files")).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert (await api.get("/files", headers={"X-Request-Id": "my-request_1"})).headers["x-request-id"] == "my-request_1"
    for bad in ["short", "x" * 65, "has space", 'quote"quote', "dots.in.it"]:
        assert (await api.get("/files", headers={"X-Request-Id": bad})).headers["x-request-id"] != bad


@pytest.mark.parametrize("given", ["x" * 7, "x" * 8, "A-b_c-12", "x" * 64, "x" * 65, "dots.in.it", "a b c d e", "\xe9" * 8, ""])
async def test_functions_gateway_and_document_have_one_rule_for_request_ids(api: ApiClient, given: str) -> None:
    kept = re.fullmatch(document()["components"]["headers"]["RequestId"]["schema"]["pattern"], given) is not None
    answer = await api.get("/files", headers={"X-Request-Id": given.encode("latin-1")})  # type: ignore[dict-item]
    assert (answer.headers["x-request-id"] == given) is kept
    assert (request_id_of(CIMultiDictProxy(CIMultiDict({"X-Request-Id": given}))) == given) is kept


async def test_answers_are_not_kept_or_guessed_at(api: ApiClient) -> None:
    for path in ("/files", "/nothing"):
        answer = await api.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_unexpected_error_tells_nothing(services: MemoryServices, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    services.books.videos = broken  # type: ignore[assignment, method-assign]
    transport = httpx.ASGITransport(api_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers={"Authorization": "Bearer ada"}) as client:
        answer = await client.get("/files")
    problem_of(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert "secret inside" in str(record.exc_info[1])


class TestCors:
    ORIGIN = ORIGINS[0]

    async def test_a_preflight_of_an_allowed_origin(self, api: ApiClient) -> None:
        answer = await api.options("/upload", headers={"Origin": self.ORIGIN, "Access-Control-Request-Method": "POST"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN
        assert "POST" in answer.headers["access-control-allow-methods"]
        for header in ("Authorization", "Content-Type", "Idempotency-Key"):
            assert header in answer.headers["access-control-allow-headers"]
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers

    @pytest.mark.parametrize(
        "asked",
        ["authorization", "traceparent", "tracestate", "baggage", "sentry-trace", "b3", "x-b3-traceid", "x-datadog-trace-id"],
    )
    async def test_pages_with_tracing_may_call(self, api: ApiClient, asked: str) -> None:
        headers = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": asked}
        answer = await api.options("/files", headers={"Origin": self.ORIGIN, **headers})
        assert asked in answer.headers["access-control-allow-headers"].lower().split(", ")

    async def test_options_lists_the_methods_of_the_path(self, api: ApiClient) -> None:
        paths = {"/files": "GET, HEAD, OPTIONS", "/upload": "OPTIONS, POST", "/nothing": "OPTIONS"}
        assert {path: (await api.options(path)).headers["allow"] for path in paths} == paths

    async def test_other_origins_get_nothing(self, api: ApiClient) -> None:
        for origin in ("https://evil.example", "https://app.example.evil.example", "null"):
            preflight = await api.options("/upload", headers={"Origin": origin})
            plain = await api.get("/files", headers={"Origin": origin})
            for answer in (preflight, plain):
                assert not [name for name in answer.headers if name.startswith("access-control-")]

    async def test_answers_and_errors_can_be_read(self, api: ApiClient) -> None:
        for path in ("/files", "/nothing", "/stream/direct/a.mp4"):
            answer = await api.get(path, headers={"Origin": self.ORIGIN})
            assert answer.headers["access-control-allow-origin"] == self.ORIGIN
            assert "Location" in answer.headers["access-control-expose-headers"]

    async def test_every_origin_where_the_deployment_says_so(self, services: MemoryServices) -> None:
        async with ApiClient(services, cors_origins=("*",)) as api:
            answer = await api.get("/files", headers={"Origin": "https://any.example"})
            assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", sorted(route.path for route in ROUTES if route.method == "GET" and route.shape))
async def test_head_is_answered_as_get(admin: ApiClient, path: str) -> None:
    asked = re.sub(r"\{\w+\}", "x", path)
    queries = {
        "/v1/admin/usage": {"from": "2026-11-01", "to": "2026-11-03"},
        "/v1/oembed": {"url": "http://api.example/watch/x"},
    }
    query = queries.get(path, {})
    got, head = await admin.get(asked, params=query), await admin.head(asked, params=query)
    assert got.status_code in {200, 404}
    assert (head.status_code, head.headers.get("content-type")) == (got.status_code, got.headers.get("content-type"))
