"""Audit middleware: publishes what a call did, and the refusals that the audit log keeps (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain.audit import Action, Outcome, denial, sentence
from reelgate.domain.errors import LoginFailed, ReelgateError, TooManyAttempts
from reelgate.ports import HasClock, HasEvents, HasFunctionName, HasIds
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event
from reelgate.web.http.calls import Call, Route
from reelgate.web.http.problems import members_of, message_of, status_of


class Services(HasClock, HasEvents, HasFunctionName, HasIds, Protocol):
    """What publishing audit events of calls needs."""


REQUEST = "request"
"""The action of a refusal by a route that has no action of its own, because it changes nothing."""


async def with_audit[S: Services](call: Call[S], handle: Callable[[Call[S]], Awaitable[Response]]) -> Response:
    """Return what `handle` answers, after its audit event was published.

    Publishing is awaited, because Cloud Run gives no processor time to what runs on after the answer. It has a time limit of
    its own, and its failure does not change the answer.
    """
    route = call.route
    try:
        response = await handle(call)
    except ReelgateError as error:
        await _publish_refusal(call, error)
        raise
    for refusal in call.refusals:
        await _publish_refusal(call, refusal)
    if route.action is None or route.audits_itself or call.refusals:
        return response
    if response.status_code < 400 and call.request.method != "HEAD":
        await _publish(call, route.action, "done", sentence(route.action, call.notes), call.notes)
    return response


async def _publish_refusal(call: Call[Services], error: ReelgateError) -> None:
    if not _is_audited(call.route, error):
        return
    route = call.route
    where = {} if route.action else {"method": route.method, "path": route.path}
    numbers = {name: value for name, value in members_of(error).items() if value is not None}
    details = {**where, **call.notes, "error": error.code, **numbers}
    counter = error.counter if isinstance(error, TooManyAttempts) else None
    description = denial(message_of(error), details)
    await _publish(call, route.action or REQUEST, "denied", description, details, action_id=counter)


def _is_audited(route: Route[Any], error: ReelgateError) -> bool:
    """Return whether the log keeps a refusal: of roles, budgets and rate limits, and failed logins.

    Mistakes in requests, unknown names and expired tokens happen all day. On public routes anybody could fill the log with
    refusals, so it keeps only those whose number a rate limit bounds.
    """
    if route.public:
        return isinstance(error, LoginFailed) or (isinstance(error, TooManyAttempts) and error.first)
    return status_of(type(error)) in {403, 429}


async def _publish(
    call: Call[Services],
    action: str,
    outcome: Outcome,
    description: str,
    details: Mapping[str, Any],
    *,
    action_id: str | None = None,
) -> None:
    """Publish an audit event. An `action_id` is recorded once: a full counter has its name and window as one."""
    services = call.services
    event = Action(
        action_id=action_id or services.new_id(),  # not the request id: clients may choose that, and repeat it
        at=services.now(),
        action=action,
        uid=call.caller.uid or str(call.notes.get("user_id", "")),
        service=services.function,
        outcome=outcome,
        description=description,
        data=dict(details),
        request_id=call.request_id,
    )
    await publish_audit_event(services, event)
