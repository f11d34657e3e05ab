"""Around a route: the audit log is told what it did, and what it denied for a reason worth knowing (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from reelgate.domain.audit import Action, Outcome, denial, sentence
from reelgate.domain.errors import ReelgateError, TooManyAttempts
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event
from reelgate.web.http.calls import Call, Route
from reelgate.web.http.problems import members_of, status_of

REQUEST = "request"
"""What is denied where a route's looking needs no name of its own in the log."""


async def run(route: Route, call: Call) -> Response:
    """Return the answer of a route, once the audit log was told of it.

    Publishing is awaited: what runs on after the answer gets no processor time on Cloud Run. It has its own time limit, and
    its failure changes nothing about the answer.
    """
    try:
        if route.admin:
            await require_acting_admin(call.services, call.caller)
        response = await route.handler(call)
    except ReelgateError as error:
        await _tell_denied(route, call, error)
        raise
    for refusal in call.refusals:
        await _tell_denied(route, call, refusal)
    if route.action is None or route.audits_itself or call.refusals:
        return response
    if response.status_code < 400 and call.request.method != "HEAD":
        await _tell(call, route.action, "done", sentence(route.action, call.notes), call.notes)
    return response


async def _tell_denied(route: Route, call: Call, error: ReelgateError) -> None:
    """Tell of roles, budgets and throttles; of wrong credentials only where somebody signs in with them.

    Mistakes in requests, names that do not exist and expired tokens are everyday. Whoever has no token must not be able to
    fill the log: of their refusals it gets those that a throttle bounds.
    """
    worth_knowing = error.bounded if route.public else status_of(type(error)) in {403, 429}
    if not worth_knowing:
        return
    where = {} if route.action else {"method": route.method, "path": route.path}
    numbers = {name: value for name, value in members_of(error).items() if value is not None}
    details = {**where, **call.notes, "error": error.code, **numbers}
    counter = error.counter if isinstance(error, TooManyAttempts) else None
    await _tell(call, route.action or REQUEST, "denied", denial(error.message, details), details, action_id=counter)


async def _tell(
    call: Call, action: str, outcome: Outcome, description: str, details: Mapping[str, Any], *, action_id: str | None = None
) -> None:
    """Tell of an action. One `action_id` is recorded once, however often it is told: a full counter by its name and window."""
    services = call.services
    told = Action(
        action_id=action_id or services.new_id(),  # not the request's, which clients may choose: one would hide another
        at=services.now(),
        action=action,
        uid=call.caller.uid or str(call.notes.get("user_id", "")),
        service=services.function,
        outcome=outcome,
        description=description,
        data=dict(details),
        request_id=call.request_id,
    )
    await publish_audit_event(services, told)
