"""Routes of version 1 in the `audit` function."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.responses import Response, StreamingResponse

from reelgate.domain.accounts.credentials import clean_email
from reelgate.domain.audit import about_user, about_video, area_of
from reelgate.domain.errors import InvalidRequest, ReelgateError, collect
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.audit import HasAuditLog, LogFilter, LoggedAction
from reelgate.ports.books import Page
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.audit.list_actions import about_address, list_actions
from reelgate.web.http.answers.ndjson import MEDIA_TYPE, PAGE, export, json_line
from reelgate.web.http.answers.problems import WebProblem
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import serialized, v1
from reelgate.web.v1.audit.audit_shapes import AuditEventList, AuditQuery, audit_event


class Services(HasAuditLog, HasClock, HasUserLookup, Protocol):
    """What these routes need."""


_NOTED = ("user_id", "email", "video_id", "request_id", "action", "outcome", "from", "to")


async def admin_list_audit_events(call: Call[Services], query: AuditQuery) -> AuditEventList | Response:
    """Search the audit log.

    By user, e-mail address, video, request, action, outcome and time; newest first. Reading the log is recorded in it.
    `user_id`, `email` and `video_id` exclude each other. With `format=ndjson` the answer is all of it, one action a line; if it
    cannot be continued, its last line has `code`, `detail` and the `next_cursor` that gives the rest.

    Refusals of everyday mistakes (400, 404, 409, 413, 415) are not in this log; the operator finds them by their request's id.
    """
    given = call.request.query_params
    email = _checked_email(query, limited="limit" in given)
    call.note(**{name: given[name] for name in _NOTED if name in given})
    services, now, which = call.services, call.services.now(), await _filter(call.services, query, email)

    async def page(limit: int, cursor: str | None) -> Page[LoggedAction]:
        return await list_actions(services, which, now=now, limit=limit, cursor=cursor)

    if query.format == "json":
        listed = await page(query.limit, call.cursor())
        return AuditEventList(
            items=[audit_event(one) for one in listed.items], next_cursor=call.next_cursor(listed.next_cursor)
        )
    call.note(export=True)
    first = await page(PAGE, call.cursor())
    if call.request.method == "HEAD":
        return Response(media_type=MEDIA_TYPE)
    lines = export(first, lambda cursor: page(PAGE, cursor), _line, lambda error, cursor: _last_line(call, error, cursor))
    return StreamingResponse(lines, media_type=MEDIA_TYPE)


def _checked_email(query: AuditQuery, *, limited: bool) -> str | None:
    """Return the address as it is stored. Raises InvalidRequest, naming all parameters that are wrong or contradict others."""
    with collect() as checks:
        email = None if query.email is None else checks.check(clean_email, query.email)
        subjects = [name for name in ("user_id", "email", "video_id") if getattr(query, name) is not None]
        if len(subjects) > 1:
            checks.add(
                InvalidRequest.of_fields("Search for a user, an e-mail address or a video, not for two of them.", *subjects)
            )
        instants = {name: instant for name, instant in (("from", query.from_), ("to", query.to)) if instant is not None}
        for name, instant in instants.items():
            if not 1 < instant.year < 9999:  # beyond, it has no date in other time zones
                checks.add(InvalidRequest("The year is not plausible.", field=name))
        if not checks.failed and query.from_ is not None and query.to is not None and query.to <= query.from_:
            checks.add(InvalidRequest.of_fields("The period ends before it begins.", "from", "to"))
        if limited and query.format == "ndjson":
            checks.add(InvalidRequest.of_fields("An export contains all matching actions.", "limit", "format"))
    return email


async def _filter(services: Services, query: AuditQuery, email: str | None) -> LogFilter:
    about: tuple[str, ...] = ()
    if query.user_id is not None:
        about = (about_user(query.user_id),)
    elif query.video_id is not None:
        about = (about_video(query.video_id),)
    elif email is not None:
        about = await about_address(services, email)
    of_area = query.action is not None and query.action.endswith(".*")
    return LogFilter(
        about=about,
        request_id=query.request_id,
        action=None if of_area else query.action,
        area=area_of(query.action) if of_area and query.action else None,
        outcome=query.outcome,
        since=query.from_,
        until=query.to,
    )


def _line(logged: LoggedAction) -> bytes:
    return serialized(audit_event(logged)) + b"\n"


def _last_line(call: Call[Any], error: ReelgateError | None, cursor: str | None) -> bytes:
    _, code, message = WebProblem.UNEXPECTED.value
    if error is not None:
        code, message = error.code, error.detail or error.message
    return json_line({"code": code, "detail": message, "request_id": call.request_id, "next_cursor": call.next_cursor(cursor)})


ROUTES = (
    v1(
        "GET",
        "/v1/admin/audit",
        admin_list_audit_events,
        takes=AuditQuery,
        gives=AuditEventList,
        action="logs.read",
        admin=True,
        media_types={MEDIA_TYPE: "All matching actions, one `AuditEvent` a line."},
    ),
)
