"""The audit log as version 1 of the API shows it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from reelgate.domain.audit import Outcome
from reelgate.domain.files.names import MAX_USER_ID_CHARACTERS
from reelgate.ports.audit import LoggedAction
from reelgate.web.http.shapes import Instant, ListQuery

_DETAILS = {
    "file_id": "video_id",
    "error": "code",
    "chunk_index": "index",
    "action_type": "action",
    "service_name": "function",
}
"""Details whose names in the log are those of the older services' requests and answers."""
_LIMITS = {"storage_limit": "storage", "daily_limit": "bandwidth", "alert_percents": "alert_percents"}
_CHANGES = ("before", "after", "changes")
"""Details of a changed user, which have the names of accounts."""

UserId = Annotated[str, Meta(min_length=1, max_length=MAX_USER_ID_CHARACTERS)]
Email = Annotated[str, Meta(max_length=254)]
VideoId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
RequestId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
ActionOrArea = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,39}(\.([a-z_]{1,40}|\*))?$")]


class AuditQuery(ListQuery, kw_only=True):
    """Which actions to list. Only those are shown that match every parameter."""

    user_id: Annotated[UserId | None, Meta(description="What this user did, and what was done to their account.")] = None
    email: Annotated[
        Email | None,
        Meta(
            description="The same by the user's address, and what carries the address itself, such as failed logins.",
            examples=["ada@example.org"],
        ),
    ] = None
    video_id: Annotated[VideoId | None, Meta(description="What happened to this video, or to its upload.")] = None
    request_id: Annotated[
        RequestId | None, Meta(description="What this request did. Clients may choose the id of a request.")
    ] = None
    action: Annotated[
        ActionOrArea | None,
        Meta(description="An action, or `upload.*` for all of an area.", examples=["upload.*", "login"]),
    ] = None
    outcome: Annotated[Outcome | None, Meta(description="`done`, or `denied` by a role, a limit or a throttle.")] = None
    from_: Annotated[Instant | None, Meta(description="The earliest instant.")] = field(name="from", default=None)
    to: Annotated[Instant | None, Meta(description="The first instant that is not shown any more.")] = None
    format: Annotated[
        Literal["json", "ndjson"], Meta(description="`json` for a page; `ndjson` for all actions, one a line, without `limit`.")
    ] = "json"


class AuditEvent(Struct, kw_only=True):
    """What was done, or denied."""

    event_id: Annotated[str, Meta(description="The id in the log.")]
    at: Annotated[Instant, Meta(description="When it was done.")]
    user_id: Annotated[
        str | None, Meta(description="Who did it; before sign-in, whose account it concerns. null if neither is known.")
    ]
    action: Annotated[str, Meta(examples=["upload.granted"])]
    outcome: Outcome
    description: Annotated[str, Meta(description="One sentence.", examples=["Upload granted: holiday.mp4"])]
    function: Annotated[str, Meta(description="The function in which it happened.", examples=["upload"])]
    request_id: Annotated[
        str | None, Meta(description="The request that did it; null for storage events and scheduled work. It proves nothing.")
    ]
    details: Annotated[
        dict[str, Any],
        Meta(description="What else is known: docs/audit.md lists it for each action. `code` is that of a denial."),
    ]


class AuditEventList(Struct, kw_only=True):
    """A page of the audit log, newest first."""

    items: list[AuditEvent]
    next_cursor: str | None


def audit_event(logged: LoggedAction) -> AuditEvent:
    """Return an action as the API shows it."""
    action = logged.action
    return AuditEvent(
        event_id=logged.id,
        at=action.at,
        user_id=action.uid or None,
        action=action.action,
        outcome=action.outcome,
        description=action.description,
        function=action.service,
        request_id=action.request_id,
        details={
            _DETAILS.get(name, name): _changes(value) if name in _CHANGES and isinstance(value, dict) else value
            for name, value in action.data.items()
        },
    )


def _changes(values: dict[str, Any]) -> dict[str, Any]:
    """Return what was changed of a user, as `PATCH /v1/admin/users/{user_id}` takes it."""
    limits = {shown: values[name] for name, shown in _LIMITS.items() if name in values}
    others = {name: value for name, value in values.items() if name not in _LIMITS}
    return {**others, "limits": limits} if limits else others
