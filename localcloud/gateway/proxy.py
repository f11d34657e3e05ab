"""Forwards requests to functions and returns their answers, streaming both ways."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from urllib.parse import unquote

import aiohttp
from aiohttp import web
from yarl import URL

from localcloud.auth.placeholder_token import TokenCache
from localcloud.gateway import cors, headers, problems
from localcloud.gateway.routes import RouteTable, UnknownPath, WrongMethod

HEALTH_PATH = "/_gateway/health"
MAX_BODY_BYTES = 32 * 1024 * 1024  # Cloud Run, HTTP/1
MAX_REQUESTS_AT_ONCE = 80
"""How many requests one instance gets at once; further ones wait in the order in which they came, as at Cloud Run's front end
(`concurrency` in terraform/functions.tf; an instance of `notify` gets fewer there). A function that had all requests of a burst
at once would do the first step of each before the second step of any: all would be answered at the end, and many too late."""
GATEWAY_ACCOUNT = "gateway@demo-reelgate.iam.gserviceaccount.com"
# Bodies up to this size are sent in one piece: it saves several wake-ups per request and needs little memory.
_ONE_PIECE_BYTES = 64 * 1024
# Functions run under gunicorn, which closes a connection after 2 idle seconds. Shorter here, so that a request is never
# written to a connection that is just being closed.
_IDLE_CONNECTION_SECONDS = 1.0
_ADDED_BY_AIOHTTP = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


def open_backend_pool() -> aiohttp.ClientSession:
    """Return a client that adds nothing, decodes nothing, keeps no cookies and reuses connections.

    Connecting has no time limit of its own: a function that is down refuses at once on this machine, and one on a busy machine
    may take longer than any such limit to accept. The gateway's deadline includes connecting.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_CONNECTION_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        skip_auto_headers=_ADDED_BY_AIOHTTP,
        max_line_size=65536,
        max_field_size=65536,
    )


class Gateway:
    """Answers every request of the API's one address.

    Args:
        backends: origin (`http://127.0.0.1:PORT`) per function name.
        deadline_seconds: how long a function may take to begin its answer; waiting for its turn included.
        cors_origins: web sites whose scripts may read the gateway's own answers; `*` for all.
        at_once: how many requests a function gets at once, until their answers are complete.
    """

    def __init__(
        self,
        routes: RouteTable,
        backends: Mapping[str, str],
        pool: aiohttp.ClientSession,
        *,
        deadline_seconds: float,
        cors_origins: Sequence[str] = (),
        at_once: int = MAX_REQUESTS_AT_ONCE,
    ) -> None:
        self._routes = routes
        self._backends = backends
        self._pool = pool
        self._deadline_seconds = deadline_seconds
        self._cors_origins = cors_origins
        self._tokens = TokenCache(GATEWAY_ACCOUNT)
        self._turns = {name: asyncio.Semaphore(at_once) for name in backends}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Route one request and answer it; never raises."""
        request_id = headers.request_id_of(request.headers)
        target = _origin_form(request.raw_path)
        path = target.partition("?")[0]
        if path == HEALTH_PATH:
            return web.json_response({"status": "ok", "functions": sorted(self._backends)})
        try:
            function = self._function_for(request, path)
            return await self._forward(request, function, target, request_id)
        except problems.Refused as refused:
            readable = cors.headers_for(request.headers, self._cors_origins)
            return problems.answer(refused, request_id, readable, version_1=path.startswith("/v1/"))

    def _function_for(self, request: web.BaseRequest, path: str) -> str:
        try:
            return self._routes.find(path, request.method, request.headers.get("Access-Control-Request-Method", ""))
        except UnknownPath:
            raise problems.not_found(unquote(path)) from None
        except WrongMethod as wrong:
            raise problems.method_not_allowed(request.method, wrong.allowed) from None

    async def _forward(self, request: web.BaseRequest, function: str, target: str, request_id: str) -> web.StreamResponse:
        origin = self._backends[function]
        body = _Body(request)
        body.check_declared_size()
        await _answer_expectation(request)
        sent_headers = headers.to_backend(request, token=self._tokens.token_for(origin), request_id=request_id)
        answers_by = asyncio.get_running_loop().time() + self._deadline_seconds
        try:
            async with asyncio.timeout_at(answers_by):
                await self._turns[function].acquire()
            try:
                async with asyncio.timeout_at(answers_by):
                    answered = await self._pool.request(
                        request.method,
                        URL(origin + target, encoded=True),
                        headers=sent_headers,
                        data=await body.to_send(),
                        allow_redirects=False,
                    )
                async with answered:
                    return await _relay(request, answered, request_id)
            finally:
                self._turns[function].release()
        except TimeoutError:
            raise problems.deadline_exceeded(function, self._deadline_seconds) from None
        except (aiohttp.ClientError, OSError):
            if body.grew_too_large:
                raise problems.too_large(MAX_BODY_BYTES) from None
            raise problems.unavailable(function) from None


class _Body:
    """The body of a request, counted while it is forwarded."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.grew_too_large = False

    def check_declared_size(self) -> None:
        if (self._request.content_length or 0) > MAX_BODY_BYTES:
            raise problems.too_large(MAX_BODY_BYTES)

    async def to_send(self) -> bytes | AsyncIterator[bytes] | None:
        if not self._request.body_exists:
            return None
        length = self._request.content_length
        if length is not None and length <= _ONE_PIECE_BYTES:
            return await self._request.read()
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        seen_bytes = 0
        async for piece in self._request.content.iter_any():
            seen_bytes += len(piece)
            if seen_bytes > MAX_BODY_BYTES:
                self.grew_too_large = True
                raise problems.too_large(MAX_BODY_BYTES)
            yield piece


async def _relay(request: web.BaseRequest, answered: aiohttp.ClientResponse, request_id: str) -> web.StreamResponse:
    kept = headers.to_client(answered.headers, request_id=request_id)
    length = answered.content_length
    if length is not None and (length <= _ONE_PIECE_BYTES or request.method == "HEAD"):
        body = await answered.read()
        return web.Response(status=answered.status, reason=answered.reason, headers=kept, body=body)
    response = web.StreamResponse(status=answered.status, reason=answered.reason, headers=kept)
    await response.prepare(request)
    try:
        async for piece in answered.content.iter_any():
            await response.write(piece)
        await response.write_eof()
    except (aiohttp.ClientError, OSError):
        # The status has been sent. Only a broken connection shows the client that the body is incomplete.
        if request.transport is not None:
            request.transport.close()
    return response


async def _answer_expectation(request: web.BaseRequest) -> None:
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


def _origin_form(target: str) -> str:
    """Return the request target as `/path?query`, untouched but for a scheme and host in front (RFC 9112, 3.2.2)."""
    target = target.partition("#")[0]
    if target.startswith("/") or "://" not in target:
        return target
    _, _, rest = target.partition("://")
    return "/" + rest.partition("/")[2]
