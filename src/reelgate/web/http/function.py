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
from reelgate.ports.identity import ANONYMOUS, HasIdentity
from reelgate.ports.runtime import HasClock, HasFunctionName, HasIds
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin
from reelgate.web.http import cors, logs
from reelgate.web.http.audit_middleware import with_audit
from reelgate.web.http.calls import Call, Route, Routes, bearer_token
from reelgate.web.http.problems import WebProblem, answer_error, problem, web_problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # as openapi.yaml says, and as the local gateway has it
_TRACE = re.compile(r"([0-9a-f]{32})")

_log = logging.getLogger("reelgate.web")


class HttpServices(HasBooks, HasClock, HasEvents, HasFunctionName, HasIdentity, HasIds, HasUserLookup, Protocol):
    """What every request of the API needs, beside what its route needs."""


async def answer[S: HttpServices](request: Request, routes: Routes[S], services: S, *, cors_origins: Sequence[str]) -> Response:
    """Answer a request of the API. Never raises: an unknown error is logged and answered with 500 without its text."""
    if request.method == "OPTIONS":
        allow = allowed_methods(routes, request.scope["path"]) or "OPTIONS"
        response = cors.preflight(request, cors_origins, allow=allow)
    else:
        response = await guarded(request, lambda request_id: _dispatch(request, routes, services, request_id))
    cors.add_headers(request, response, cors_origins)
    return response


async def guarded(request: Request, work: Callable[[str], Awaitable[Response]]) -> Response:
    """Return what `work` answers, given the request's id. An exception of any kind becomes an answer."""
    request_id = _request_id(request)
    logs.request_id.set(request_id)
    logs.trace.set(_trace(request))
    try:
        response = await work(request_id)
    except ReelgateError as error:
        refused = {"json_fields": {"refused": error.code}}  # counted by a metric (terraform/monitoring.tf)
        if isinstance(error, Unavailable):  # the cause is not in the answer
            _log.warning("%s: %s (%r)", error.code, error, error.__cause__, extra=refused)
        else:
            _log.info("refused: %s", error.code, extra=refused)
        response = answer_error(error, request_id)
    except PathUnknown:
        response = web_problem(WebProblem.PATH_UNKNOWN, "The API has no such path.", request_id)
    except MethodUnknown as error:
        detail = f"This path answers to {error.allowed}."
        response = web_problem(WebProblem.METHOD_UNKNOWN, detail, request_id, headers={"Allow": error.allowed})
    except ClientDisconnect:
        response = web_problem(WebProblem.BODY_INCOMPLETE, "The body did not arrive completely.", request_id)
    except HTTPException as error:
        response = problem(error.status_code, "invalid_request", "Invalid request", str(error.detail), request_id)
    except Exception:
        _log.exception("unexpected error on %s %s", request.method, request.scope["path"])
        response = web_problem(WebProblem.UNEXPECTED, "The error has been logged. Try again later.", request_id)
    response.headers.append("X-Request-Id", request_id)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.append("X-Content-Type-Options", "nosniff")
    return response


async def _dispatch[S: HttpServices](request: Request, routes: Routes[S], services: S, request_id: str) -> Response:
    # Not `request.url.path`: there a `?` or `#` of a file name stays percent-encoded.
    route, params = find_route(routes, request.method, request.scope["path"])
    caller = ANONYMOUS if route.public else await services.identity.verify(bearer_token(request))
    call = Call(route=route, services=services, request=request, caller=caller, params=params, request_id=request_id)
    return await with_audit(call, _handle)


async def _handle[S: HttpServices](call: Call[S]) -> Response:
    """Authorize, then validate: a refusal says nothing about a route to a caller who may not use it."""
    if call.route.admin:
        await require_acting_admin(call.services, call.caller)
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
