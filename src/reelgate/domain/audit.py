"""Audit events: who did what, through which service, and whether it was allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from reelgate.domain.value_types import value_type

Outcome = Literal["done", "denied"]
OUTCOMES: tuple[Outcome, ...] = ("done", "denied")
_SUBJECTS = ("filename", "user_id", "file_id", "path")


class EventAction(StrEnum):
    """What is recorded without a request of its owner: of storage events, of the sweep, and of viewers. The others are named by
    their routes.
    """

    UPLOAD_FINISHED = "upload.finished"
    UPLOAD_REJECTED = "upload.rejected"
    UPLOAD_EXPIRED = "upload.expired"
    OBJECT_REMOVED = "object.removed"
    OBJECT_RESTORED = "object.restored"
    FILE_PURGED = "file.purged"
    GRANT_PLAYED = "grant.played"


@value_type
class Action:
    """One action to record. `data` holds JSON values only and never a secret: no URL, no token, no password.

    Attributes:
        action_id: identifies the action, so that repeated deliveries are recognised.
        action: what was done or requested (`upload.granted`, `login`, ...).
        uid: the user who did it, else the user whose account it concerns; empty if neither is known.
        service: the function in which it happened.
        description: one sentence for a person.
        request_id: the id of the request that caused it (clients may choose it); None if no request did.
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


def area_of(action: str) -> str:
    """Return the part of an action's name before the first dot. `GET /v1/admin/audit` can filter by it (`upload.*`)."""
    return action.partition(".")[0]


def about_user(uid: str) -> str:
    """Return the reference to a user: of what they did, and of what was done to their account."""
    return f"user:{uid}"


def about_email(address: str) -> str:
    """Return the reference to an e-mail address, in any case of its letters."""
    return f"email:{address.lower()}"


def about_video(video_id: str) -> str:
    """Return the reference to a video, or to the upload that it was or was to be: both have one id."""
    return f"video:{video_id}"


_REFERENCES: dict[str, Callable[[str], str]] = {
    "user_id": about_user,
    "email": about_email,
    "file_id": about_video,
    "video_id": about_video,
    "upload_id": about_video,
}


def references(action: Action) -> list[str]:
    """Return what an action is about: its user, and the users, addresses and videos that its details name. Sorted, each once.

    The log can be searched for each of them (`LogFilter.about`).
    """
    named = ((reference, action.data.get(name)) for name, reference in _REFERENCES.items())
    found = {reference(value) for reference, value in named if isinstance(value, str) and value}
    return sorted(found | ({about_user(action.uid)} if action.uid else set()))


def action_of_message(kind: str, uid: str, content: Mapping[str, Any]) -> Action:
    """Return the action in a message of type `kind`.

    Raises:
        ValueError: the message is not a valid audit event.
    """
    try:
        at = datetime.fromisoformat(content["at"])
        texts = {name: content[name] for name in ("action_id", "service", "description")}
        outcome, request_id, details = content["outcome"], content.get("request_id"), content.get("details", {})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{error} is missing or not a string") from None
    if at.tzinfo is None or not 2000 <= at.year < 3000:
        raise ValueError("'at' has no time zone, or its year is not plausible")
    if not kind or not all(isinstance(text, str) and text for text in texts.values()):
        raise ValueError("a required string is missing or empty")
    if outcome not in OUTCOMES:
        raise ValueError("'outcome' is neither done nor denied")
    if not isinstance(request_id, str | None) or not isinstance(details, dict):
        raise ValueError("'request_id' or 'details' has the wrong type")
    return Action(at=at, action=kind, uid=uid, outcome=outcome, data=details, request_id=request_id, **texts)


def sentence(action: str, details: Mapping[str, Any]) -> str:
    """Return a description of an action, from its name, its subject and its reason: `Upload granted: a.mp4`."""
    words = action.replace(".", " ").replace("_", " ").capitalize()
    subject, reason = _subject(details), details.get("reason")
    about = words if subject is None else f"{words}: {subject}"
    return f"{about} ({reason})" if reason else about


def denial(reason: str, details: Mapping[str, Any]) -> str:
    """Return a description of a denied action, from the reason and its subject: `Denied: Forbidden (/logs)`."""
    subject = _subject(details)
    return f"Denied: {reason}" if subject is None else f"Denied: {reason} ({subject})"


def _subject(details: Mapping[str, Any]) -> str | None:
    return next((str(details[name]) for name in _SUBJECTS if details.get(name)), None)
