"""The request log: one line for each request that is refused, which says why in numbers and names.

`python -m ops explain REQUEST_ID` finds the line (docs/operations.md, "A user's upload was refused"). It never holds a value
that a client made up, except ids in the form of ours: no sentence of the answer, because those quote what was sent, no file
name, no address, no token.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from reelgate.domain.errors import InvalidRequest, ReelgateError, TooManyAttempts, TooManyRequests, Unavailable
from reelgate.web.http.answers.problems import members_of, status_of

_IDS = ("upload_id", "video_id", "file_id", "delivery_id", "key_id", "grant_id")
_NUMBERS = ("limit", "used", "reserved", "requested", "retry_at", "state", "reason", "missing", "left_over")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}(\[\d{1,4}\])?(\.[a-z_]{1,40})?")
_MAX_FIELDS = 10

_log = logging.getLogger("reelgate.web")
_known: ContextVar[dict[str, Any] | None] = ContextVar("known", default=None)


def begin(method: str) -> None:
    """Forget the request before; this one is not yet known."""
    _known.set({"method": method})


def know(**facts: Any) -> None:
    """Add what is known of the request: `route` (the path's template), `user_id`, and ids by name in `params` and `notes`."""
    (_known.get() or {}).update(facts)


def refused(error: ReelgateError, *, status: int | None = None) -> None:
    """Write the line of an error. `refused` is counted by a metric (terraform/monitoring.tf).

    Args:
        status: the answer's, where it is not the usual one of the error.
    """
    line = {"refused": error.code, "refusal": {**_request(status or status_of(type(error))), **_numbers(error)}}
    if isinstance(error, Unavailable):  # the cause is not in the answer
        _log.warning("%s: %s (%r)", error.code, error, error.__cause__, extra={"json_fields": line})
    else:
        _log.info("refused: %s", error.code, extra={"json_fields": line})


def refused_by_web(status: int, code: str) -> None:
    """Write the line of what the web layer refuses by itself."""
    _log.info("refused: %s", code, extra={"json_fields": {"refused": code, "refusal": _request(status)}})


def _request(status: int) -> dict[str, Any]:
    known = _known.get() or {}
    ids = {**_ids(known.get("params", {})), **_ids(known.get("notes", {}))}
    said = {"status": status, **{name: known.get(name) or None for name in ("method", "route", "user_id")}, **ids}
    return {name: value for name, value in said.items() if value is not None}


def _ids(named: Mapping[str, Any]) -> dict[str, str]:
    return {name: named[name] for name in _IDS if isinstance(named.get(name), str) and _ID.fullmatch(named[name])}


def _numbers(error: ReelgateError) -> dict[str, Any]:
    members = members_of(error)
    numbers = {name: members[name] for name in _NUMBERS if members.get(name) is not None}
    if isinstance(error, InvalidRequest) and error.errors:
        numbers["fields"] = _fields([wrong.field for wrong in error.errors])
    if isinstance(error, TooManyAttempts | TooManyRequests):
        numbers["retry_after_seconds"] = error.retry_after_seconds
    return numbers


def _fields(names: Sequence[str]) -> list[str]:
    """Return the names of fields; `?` for what does not look like one, because clients choose the names of unknown fields."""
    return [name if _FIELD.fullmatch(name) else "?" for name in names[:_MAX_FIELDS]]
