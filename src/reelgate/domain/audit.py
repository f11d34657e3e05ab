"""What the audit log tells: who did what, through which service, and whether it was allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from reelgate.domain.days import rfc3339
from reelgate.domain.messages import Message

Outcome = Literal["done", "denied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action worth knowing. `data` holds JSON values only and never a secret: no URL, no token, no password.

    Attributes:
        action_id: makes it one and the same however often it is delivered.
        action: what was done or asked for (`upload.granted`, `login`, ...).
        uid: who did it; empty where nobody is known.
        service: the function that tells of it.
        description: one sentence for a person.
    """

    action_id: str
    at: datetime
    action: str
    uid: str
    service: str
    outcome: Outcome
    description: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def message(self) -> Message:
        """Return the message that carries it to the audit log."""
        return Message(
            event_id=f"audit:{self.action_id}",
            topic="audit",
            type=self.action,
            uid=self.uid,
            data={
                "action_id": self.action_id,
                "at": rfc3339(self.at),
                "service": self.service,
                "outcome": self.outcome,
                "description": self.description,
                "details": dict(self.data),
            },
        )
