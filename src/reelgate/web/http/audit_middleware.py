"""Audit middleware: publishes what a call did without a commit, and the refusals that the audit log keeps (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain.audit import Action, denial
from reelgate.domain.errors import LoginFailed, ReelgateError, TooManyAttempts
from reelgate.ports.events import HasEvents
from reelgate.ports.runtime import HasClock, HasFunctionName, HasIds
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event
from reelgate.web.http.answers.problems import members_of, message_of, status_of
from reelgate.web.http.calls import Call, Route
from reelgate.web.http.logs import request_log


class Services(HasClock, HasEvents, HasFunctionName, HasIds, Protocol):
    """What publishing audit events of calls needs."""


REQUEST = "request"
"""The action of a refusal by a route that has no action of its own, because it changes nothing."""


async def with_audit[S: Services](call: Call[S], handle: Callable[[Call[S]], Awaitable[Response]]) -> Response:
    """Return what `handle` answers, after its audit event was recorded or published.

    A call that commits carries its event into the commit (`Call.audit`). Publishing is awaited, because Cloud Run gives no
    processor time to what runs on after the answer. It has a time limit of its own, and its failure does not change the answer.
    """
    event = _event_of(call)
    call = replace(call, audit=event)
    try:
        response = await handle(call)
    except ReelgateError as error:
        await _publish_refusal(call, error)
        raise
    for refusal in call.refusals:
        request_log.refused(refusal, status=response.status_code)
        await _publish_refusal(call, refusal)
    if event is None or event.recorded or call.refusals:
        return response
    if response.status_code < 400 and call.request.method != "HEAD":
        await publish_audit_event(call.services, event.action_of(None, call.services.now()))
    return response


def _event_of(call: Call[Services]) -> PendingEvent | None:
    """Return what is known of the event before the call; None if it has none, or makes its own."""
    route, services = call.route, call.services
    if route.action is None or route.audits_itself:
        return None
    return PendingEvent(
        action_id=cache(services.new_id),  # not the request id: clients may choose that, and repeat it
        action=route.action,
        uid=call.caller.uid,
        service=services.function,
        request_id=call.request_id,
        notes=call.notes,
        named=route.named,
    )


async def _publish_refusal(call: Call[Services], error: ReelgateError) -> None:
    if not _is_audited(call.route, error):
        return
    route = call.route
    where = {} if route.action else {"method": route.method, "path": route.path}
    numbers = {name: value for name, value in members_of(error).items() if value is not None}
    details = {**where, **call.notes, "error": error.code, **numbers}
    services = call.services
    event = Action(
        # A full counter has its name and window as its id, so that it is recorded once.
        action_id=error.counter if isinstance(error, TooManyAttempts) and error.counter else services.new_id(),
        at=services.now(),
        action=route.action or REQUEST,
        uid=call.caller.uid or str(call.notes.get("user_id", "")),
        service=services.function,
        outcome="denied",
        description=denial(message_of(error), details),
        data=details,
        request_id=call.request_id,
    )
    await publish_audit_event(services, event)


def _is_audited(route: Route[Any], error: ReelgateError) -> bool:
    """Return whether the log keeps a refusal: of roles, budgets and rate limits, and failed logins.

    Mistakes in requests, unknown names and expired tokens happen all day. On public routes anybody could fill the log with
    refusals, so it keeps only those whose number a rate limit bounds.
    """
    if route.public:
        return isinstance(error, LoginFailed) or (isinstance(error, TooManyAttempts) and error.first)
    return status_of(type(error)) in {403, 429}
