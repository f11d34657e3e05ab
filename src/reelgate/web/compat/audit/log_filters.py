"""The filters of `GET /logs`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from reelgate.domain.audit import OUTCOMES, Outcome
from reelgate.domain.errors import InvalidRequest
from reelgate.ports.audit import LogFilter

FILTERS = ("user_id", "action_type", "service_name", "outcome", "from", "to")
_MAX_USER_ID = 200
_ACTION = re.compile(r"([a-z][a-z_]{0,39})(\.[a-z_]{1,40}|\.\*)?")
_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
# RFC 3339, section 5.6; seconds may be left out.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")


def filter_of(query: Mapping[str, str]) -> LogFilter:
    """Return the filter that a query describes. Raises InvalidRequest."""
    action, area = _action(query.get("action_type"))
    since, until = _instant(query, "from"), _instant(query, "to")
    if since is not None and until is not None and until <= since:
        raise InvalidRequest(
            "The period ends before it begins.", field="to", hint="'to' is the first instant that is not shown."
        )
    return LogFilter(
        uid=_user_id(query.get("user_id")),
        action=action,
        area=area,
        service=_service(query.get("service_name")),
        outcome=_outcome(query.get("outcome")),
        since=since,
        until=until,
    )


def _user_id(value: str | None) -> str | None:
    if value is not None and not (0 < len(value) <= _MAX_USER_ID and value.isprintable()):
        raise InvalidRequest(f"A user's id has 1 to {_MAX_USER_ID} printable characters.", field="user_id")
    return value


def _action(value: str | None) -> tuple[str | None, str | None]:
    """Return the action or the area to list, of which one at most is given."""
    if value is None:
        return None, None
    match = _ACTION.fullmatch(value)
    if match is None:
        raise InvalidRequest(
            "There are no such actions.",
            field="action_type",
            hint="'action_type' is an action such as upload.granted, or upload.* for all of that area.",
        )
    return (None, match[1]) if match[2] == ".*" else (value, None)


def _service(value: str | None) -> str | None:
    if value is not None and not _SERVICE.fullmatch(value):
        raise InvalidRequest(
            "There is no such service.", field="service_name", hint="It is the name of a function, such as upload."
        )
    return value


def _outcome(value: str | None) -> Outcome | None:
    if value is not None and value not in OUTCOMES:
        raise InvalidRequest(f"The outcome must be {' or '.join(OUTCOMES)}.", field="outcome")
    return value


def _instant(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text.upper()) if _INSTANT.fullmatch(text) else None
        if instant is not None and 1 < instant.year < 9999:  # beyond, it has no date in other time zones
            return instant
    except ValueError:
        pass
    raise InvalidRequest(
        "This is not a point in time.",
        field=name,
        hint=f"'{name}' is an instant (RFC 3339) such as 2026-01-02T03:04:05Z; in a URL, + is written %2B.",
    )
