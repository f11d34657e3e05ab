"""One request of an HTTP function: find its route, authenticate the caller, call the handler, and answer errors as problems."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path

from reelgate.domain.errors import ReelgateError, Unavailable
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import HasBooks
from reelgate.ports.events import HasEvents
from reelgate.ports.identity import ANONYMOUS
from reelgate.ports.runtime import HasClock, HasFunctionName, HasIds
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin
from reelgate.web.http.answers import cors, rate_limit_fields
from reelgate.web.http.answers.problems import PROBLEM, WebProblem, answer_error, problem, web_problem
from reelgate.web.http.audit_middleware import with_audit
from reelgate.web.http.callers import Services as CallerServices
from reelgate.web.http.callers import caller_of, require_key_accepted
from reelgate.web.http.calls import Call, Route, Routes
from reelgate.web.http.logs import json_lines, request_log
from reelgate.web.http.request_limits import Services as LimitServices
from reelgate.web.http.request_limits import take_token

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # as openapi.yaml says, and as the local gateway has it
VERSION_1 = ("/v1/", "/watch/", "/console/")
"""Where routes of version 1 are; all others are those of the older services."""
IN_XML = "/v1/s3/"
"""Where errors are written as S3 does."""
_TRACE = re.compile(r"([0-9a-f]{32})")

_log = logging.getLogger("reelgate.web")


class HttpServices(
    CallerServices, LimitServices, HasBooks, HasClock, HasEvents, HasFunctionName, HasIds, HasUserLookup, Protocol
):
    """What every request of the API needs, beside what its route needs."""


async def answer[S: HttpServices](request: Request, routes: Routes[S], services: S, *, cors_origins: Sequence[str]) -> Response:
    """Answer a request of the API. Never raises: an unknown error is logged and answered with 500 without its text."""
    if request.method == "OPTIONS":
        response = await _preflight(request, routes, services, cors_origins)
    else:
        response = await guarded(request, lambda request_id: _dispatch(request, routes, services, request_id))
    cors.add_headers(request, response, cors_origins)
    return response


async def guarded(request: Request, work: Callable[[str], Awaitable[Response]]) -> Response:
    """Return what `work` answers, given the request's id. An exception of any kind becomes an answer."""
    version_1 = request.scope["path"].startswith(VERSION_1)
    request_id = _request_id(request)
    json_lines.request_id.set(request_id)
    json_lines.trace.set(_trace(request))
    request_log.begin(request.method)
    try:
        response = await work(request_id)
    except ReelgateError as error:
        request_log.refused(error)
        response = answer_error(error, request_id, version_1=version_1)
    except PathUnknown:
        request_log.refused_by_web(*WebProblem.PATH_UNKNOWN.value[:2])
        response = web_problem(WebProblem.PATH_UNKNOWN, "There is nothing at this address.", request_id, version_1=version_1)
    except MethodUnknown as error:
        request_log.refused_by_web(*WebProblem.METHOD_UNKNOWN.value[:2])
        detail = "This cannot be done here."
        hint, allow = f"This path answers to {error.allowed}.", {"Allow": error.allowed}
        response = web_problem(WebProblem.METHOD_UNKNOWN, detail, request_id, version_1=version_1, hint=hint, headers=allow)
    except ClientDisconnect:
        request_log.refused_by_web(*WebProblem.BODY_INCOMPLETE.value[:2])
        detail = "The request did not arrive completely. Try again."
        response = web_problem(WebProblem.BODY_INCOMPLETE, detail, request_id, version_1=version_1)
    except HTTPException as error:
        request_log.refused_by_web(error.status_code, "invalid_request")
        detail = str(error.detail)
        response = problem(error.status_code, "invalid_request", "Invalid request", detail, request_id, version_1=version_1)
    except Exception:
        _log.exception("unexpected error on %s %s", request.method, request.scope["path"])
        detail = "Something went wrong on our side, and has been logged. Try again later."
        response = web_problem(WebProblem.UNEXPECTED, detail, request_id, version_1=version_1)
    if response.media_type == PROBLEM and request.scope["path"].startswith(IN_XML):
        from reelgate.web.http.answers.xml_answers import as_xml  # noqa: PLC0415 - only `upload` needs it

        response = as_xml(response)
    response.headers.append("X-Request-Id", request_id)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.append("X-Content-Type-Options", "nosniff")
    return response


async def _preflight[S: HttpServices](
    request: Request, routes: Routes[S], services: S, cors_origins: Sequence[str]
) -> Response:
    path = request.scope["path"]
    allow = allowed_methods(routes, path) or "OPTIONS"
    route = next((one for one in routes if one.opens is not None and _pattern(one.path).fullmatch(path)), None)
    if route is None:
        return cors.preflight(request, cors_origins, allow=allow)

    async def ask(request_id: str) -> Response:
        params = find_route(routes, route.method, path)[1]
        request_log.know(route=route.path, params=params)
        call = Call(route=route, services=services, request=request, caller=ANONYMOUS, params=params, request_id=request_id)
        await take_token(request, route, ANONYMOUS, services)
        await _find_readers(call)
        return cors.preflight(request, cors_origins, allow=allow)

    cors.set_readers(request, ("*",))
    return await guarded(request, ask)


async def _find_readers[S](call: Call[S]) -> None:
    """Find out which pages may read. What refuses the request itself is said by its own answer, which they can read then."""
    try:
        if call.route.opens is not None:
            await call.route.opens(call)
    except Unavailable:
        raise
    except ReelgateError as error:
        request_log.refused(error, status=204)


async def _dispatch[S: HttpServices](request: Request, routes: Routes[S], services: S, request_id: str) -> Response:
    # Not `request.url.path`: there a `?` or `#` of a file name stays percent-encoded.
    route, params = find_route(routes, request.method, request.scope["path"])
    request_log.know(route=route.path, params=params)
    if route.opens is not None:  # until it has said who may read, anybody may read that there is nothing
        cors.set_readers(request, ("*",))
    caller = await caller_of(request, route, services)
    call = Call(route=route, services=services, request=request, caller=caller, params=params, request_id=request_id)
    if caller.key_id is not None:
        call.note(key_id=caller.key_id)
    request_log.know(user_id=caller.uid, notes=call.notes)
    # Not audited: who asks too often would fill the audit log, too.
    allowance = await take_token(request, route, caller, services)
    if allowance is None:
        return await with_audit(call, _handle)
    try:
        response = await with_audit(call, _handle)
    finally:
        allowance.settle()
    rate_limit_fields.add_fields(response, allowance)
    return response


async def _handle[S: HttpServices](call: Call[S]) -> Response:
    """Authorize, then validate: a refusal says nothing about a route to a caller who may not use it."""
    require_key_accepted(call.route, call.caller)
    if call.route.admin:
        await require_acting_admin(call.services, call.caller)
    if call.route.shape is None:
        call.check_query()
    return await call.route.handler(call)


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _trace(request: Request) -> str | None:
    """The trace of X-Cloud-Trace-Context (`TRACE/SPAN;o=1`) or traceparent (`00-TRACE-SPAN-01`)."""
    header = request.headers.get("x-cloud-trace-context") or request.headers.get("traceparent") or ""
    found = _TRACE.search(header)
    return found.group(1) if found else None


class PathUnknown(Exception):
    """No route has this path."""


class MethodUnknown(Exception):
    """The path exists, for the methods in `allowed`."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def find_route[S](routes: Routes[S], method: str, path: str) -> tuple[Route[S], Mapping[str, str]]:
    """Return the route and the parameters of the path. HEAD has the routes of GET.

    Raises PathUnknown or MethodUnknown.
    """
    served_by = "GET" if method == "HEAD" else method
    for route in routes:
        match = _pattern(route.path).fullmatch(path)
        if match is not None and route.method == served_by:
            return route, match.groupdict()
    allowed = allowed_methods(routes, path)
    if not allowed:
        raise PathUnknown
    raise MethodUnknown(allowed)


def allowed_methods(routes: Routes[Any], path: str) -> str:
    """Return the methods of a path as the Allow header lists them; empty for a path that no route has."""
    methods = {route.method for route in routes if _pattern(route.path).fullmatch(path)}
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""


@cache
def _pattern(template: str) -> re.Pattern[str]:
    pattern, _, _ = compile_path(template)
    return pattern


class _AnyPath(PathConvertor):
    regex = "(?s:.*)"


def take_every_path() -> None:
    """Let every path reach the function, also one with a line break (`%0A`). To be called before the framework builds its app.

    The functions framework routes by Starlette's convertor `path`, whose `.*` ends at a line break: it would answer such a path
    itself, with a 404 in plain text.
    """
    register_url_convertor("path", _AnyPath())
