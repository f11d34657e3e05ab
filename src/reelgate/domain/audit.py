"""What the audit log tells: who did what, through which service, and whether it was allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from reelgate.domain.books.days import rfc3339
from reelgate.domain.books.messages import Message

Outcome = Literal["done", "denied"]
OUTCOMES: tuple[Outcome, ...] = ("done", "denied")
_SUBJECTS = ("filename", "user_id", "file_id", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action worth knowing. `data` holds JSON values only and never a secret: no URL, no token, no password.

    Attributes:
        action_id: makes it one and the same however often it is delivered.
        action: what was done or asked for (`upload.granted`, `login`, ...).
        uid: who did it; whose account it is about where nobody in particular did it; empty where neither is known.
        service: the function that tells of it.
        description: one sentence for a person.
        request_id: of the request that did it, as its client may have named it; None for what no request did.
    """

    action_id: str
    at: datetime
    action: str
    uid: str
    service: str
    outcome: Outcome
    description: str
    data: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None

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
                "request_id": self.request_id,
                "details": dict(self.data),
            },
        )


def area_of(action: str) -> str:
    """Return the part of an action's name before the first dot, which `GET /logs` can ask for (`upload.*`)."""
    return action.partition(".")[0]


def action_of_message(kind: str, uid: str, content: Mapping[str, Any]) -> Action:
    """Return the action that a message of type `kind` tells of.

    Raises:
        ValueError: it tells of none.
    """
    try:
        at = datetime.fromisoformat(content["at"])
        texts = {name: content[name] for name in ("action_id", "service", "description")}
        outcome, request_id, details = content["outcome"], content.get("request_id"), content.get("details", {})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{error} is missing or no text") from None
    if at.tzinfo is None or not 2000 <= at.year < 3000:
        raise ValueError("'at' has no time zone, or is not of this age")
    if not kind or not all(isinstance(text, str) and text for text in texts.values()):
        raise ValueError("a text is missing or empty")
    if outcome not in OUTCOMES:
        raise ValueError("'outcome' is neither done nor denied")
    if not isinstance(request_id, str | None) or not isinstance(details, dict):
        raise ValueError("'request_id' or 'details' is of the wrong kind")
    return Action(at=at, action=kind, uid=uid, outcome=outcome, data=details, request_id=request_id, **texts)


def sentence(action: str, details: Mapping[str, Any]) -> str:
    """Return what was done, in words, from the action's name and what it was done to: `Upload granted: a.mp4`."""
    words = action.replace(".", " ").replace("_", " ").capitalize()
    subject = _subject(details)
    return words if subject is None else f"{words}: {subject}"


def denial(reason: str, details: Mapping[str, Any]) -> str:
    """Return why something was denied, in words, and what it would have been done to: `Denied: Forbidden (/logs)`."""
    subject = _subject(details)
    return f"Denied: {reason}" if subject is None else f"Denied: {reason} ({subject})"


def _subject(details: Mapping[str, Any]) -> str | None:
    return next((str(details[name]) for name in _SUBJECTS if details.get(name)), None)
