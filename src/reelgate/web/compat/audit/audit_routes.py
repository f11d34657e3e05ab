"""Routes of the `audit` function: the audit log, for admins (the logging service of the streaming backend)."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.responses import Response, StreamingResponse

from reelgate.domain.errors import InvalidRequest, ReelgateError
from reelgate.ports.audit import HasAuditLog, LoggedAction
from reelgate.ports.books import Page
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.audit.list_actions import list_actions
from reelgate.web.compat.audit.log_filters import FILTERS, filter_of
from reelgate.web.http.answers.json_answers import as_json, instant
from reelgate.web.http.answers.ndjson import MEDIA_TYPE, PAGE, export, json_line
from reelgate.web.http.answers.problems import message_of
from reelgate.web.http.calls import LIST, Call, Route


class Services(HasAuditLog, HasClock, Protocol):
    """What these routes need."""


async def get_logs(call: Call[Services]) -> Response:
    """List actions, newest first: a page as JSON, or all of them as lines of JSON."""
    query = call.request.query_params
    which = filter_of(query)
    call.note(**{name: query[name] for name in FILTERS if name in query})
    services, now = call.services, call.services.now()

    async def page(limit: int, cursor: str | None) -> Page[LoggedAction]:
        return await list_actions(services, which, now=now, limit=limit, cursor=cursor)

    if not _wants_lines(call):
        listed = await page(call.limit(), call.cursor())
        return as_json({"logs": [log_json(one) for one in listed.items], "next_cursor": call.next_cursor(listed.next_cursor)})
    if "limit" in query:
        raise InvalidRequest(
            "An export contains all matching actions.", field="limit", hint="Leave out 'limit', or ask for JSON."
        )
    call.note(export=True)
    first = await page(PAGE, call.cursor())  # before the answer starts, so that an error still has a status
    if call.request.method == "HEAD":
        return Response(media_type=MEDIA_TYPE)
    lines = export(first, lambda cursor: page(PAGE, cursor), _line, lambda error, cursor: _last_line(call, error, cursor))
    return StreamingResponse(lines, media_type=MEDIA_TYPE)


def log_json(logged: LoggedAction) -> dict[str, Any]:
    """Return an action: the columns of the streaming backend's table of logs, and further members."""
    action = logged.action
    return {
        "id": logged.id,
        "user_id": action.uid or None,
        "action_type": action.action,
        "description": action.description,
        "service_name": action.service,
        "created_at": instant(action.at),
        "outcome": action.outcome,
        "request_id": action.request_id,
        "details": dict(action.data),
    }


def _line(logged: LoggedAction) -> bytes:
    return json_line(log_json(logged))


def _last_line(call: Call[Services], error: ReelgateError | None, cursor: str | None) -> bytes:
    code, message = (error.code, message_of(error)) if error else ("internal_error", "Internal error")
    return json_line({"error": message, "code": code, "request_id": call.request_id, "cursor": call.next_cursor(cursor)})


def _wants_lines(call: Call[Services]) -> bool:
    """Return whether the client wants lines of JSON, by `format` or else by the Accept header."""
    asked = call.request.query_params.get("format")
    if asked not in (None, "json", "ndjson"):
        raise InvalidRequest("The format must be json or ndjson.", field="format")
    return asked == "ndjson" if asked else MEDIA_TYPE in call.request.headers.get("accept", "").lower()


ROUTES = (Route("GET", "/logs", get_logs, action="logs.read", admin=True, query=(*FILTERS, *LIST, "format")),)
