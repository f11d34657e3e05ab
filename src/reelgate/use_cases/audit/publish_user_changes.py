"""What admins changed about a user: one event for the directory, published, and one for the books, recorded in their commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from reelgate.domain.audit import Action, sentence
from reelgate.domain.value_types import value_type
from reelgate.ports.events import HasEvents
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock, HasFunctionName
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event


class Services(HasClock, HasEvents, HasFunctionName, Protocol):
    """What publishing audit events of user changes needs."""


ACTION = "user.changed"


@value_type
class ChangeAudit:
    """Who changes whom, in which request. `change_id` is the same for all attempts of this change."""

    services: Services
    caller: Caller
    uid: str
    change_id: str
    request_id: str | None

    def action(self, place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Action | None:
        """Return the event for the values in one place (directory or books) before and after; None if they are equal."""
        changed = [name for name in after if before[name] != after[name]]
        if not changed:
            return None
        details = {
            "user_id": self.uid,
            "before": {name: _json(before[name]) for name in changed},
            "after": {name: _json(after[name]) for name in changed},
        }
        return Action(
            action_id=f"{place}:{self.change_id}",
            at=self.services.now(),
            action=ACTION,
            uid=self.caller.uid,
            service=self.services.function,
            outcome="done",
            description=sentence(ACTION, details),
            data=details,
            request_id=self.request_id,
        )

    async def publish(self, place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Publish the event of `action`, if there is one."""
        event = self.action(place, before, after)
        if event is not None:
            await publish_audit_event(self.services, event)


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
