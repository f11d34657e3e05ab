"""Parsing the list of webhook endpoints. Error messages contain no secrets and no URLs."""

from __future__ import annotations

import json
import re
from typing import Any

from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.domain.notifications.webhook_signatures import signing_key
from reelgate.domain.notifications.webhook_targets import parse_target

MAX_ENDPOINTS = 20
MAX_SECRETS = 5
MAX_EVENTS = 50

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_EVENT = re.compile(r"\*|[a-z]+(\.[a-z_]+)*(\.\*)?")
_FIELDS = {"id", "url", "secrets", "events"}


def parse_endpoints(json_text: str, *, private_allowed: bool) -> tuple[Endpoint, ...]:
    """Return the endpoints of a JSON list of `{"id", "url", "secrets", "events"}`; all events by default.

    Raises:
        ValueError: names every problem of every endpoint, by its number and id.
    """
    try:
        items = json.loads(json_text)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(items, list) or len(items) > MAX_ENDPOINTS:
        raise ValueError(f"must be a JSON list of at most {MAX_ENDPOINTS} endpoints")
    problems: list[str] = []
    for number, item in enumerate(items):
        problems += [f"endpoint {number}: {problem}" for problem in _problems(item, private_allowed=private_allowed)]
    if problems:
        raise ValueError("; ".join(problems))
    ids = [item["id"] for item in items]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"id {', '.join(twice)}: listed twice")
    return tuple(_endpoint(item) for item in items)


def _endpoint(item: dict[str, Any]) -> Endpoint:
    return Endpoint(
        id=item["id"],
        url=item["url"],
        secrets=tuple(signing_key(secret) for secret in item["secrets"]),
        events=tuple(item.get("events") or ["*"]),
    )


def _problems(item: object, *, private_allowed: bool) -> list[str]:
    if not isinstance(item, dict):
        return ["must be an object"]
    problems = ["has unknown fields; known are " + ", ".join(sorted(_FIELDS))] if item.keys() - _FIELDS else []
    identifier, url, secrets, events = (item.get(name) for name in ("id", "url", "secrets", "events"))
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier) or identifier == "mail":
        problems.append("id must be 1 to 24 lower case letters, digits and '-', and not 'mail'")
    if not isinstance(url, str):
        problems.append("url is missing")
    else:
        try:
            parse_target(url, private_allowed=private_allowed)
        except ValueError as error:
            problems.append(f"url {error}")
    problems += _problems_of_secrets(secrets)
    if events is not None and not _is_list_of_events(events):
        problems.append(f"events must be a list of 1 to {MAX_EVENTS} types such as video.ready, audio.* or *")
    return problems


def _problems_of_secrets(secrets: object) -> list[str]:
    if not isinstance(secrets, list) or not 1 <= len(secrets) <= MAX_SECRETS:
        return [f"secrets must be a list of 1 to {MAX_SECRETS} texts"]
    problems = []
    for number, secret in enumerate(secrets):
        try:
            signing_key(secret if isinstance(secret, str) else "")
        except ValueError as error:
            problems.append(f"secret {number} {error}")
    return problems


def _is_list_of_events(events: object) -> bool:
    return (
        isinstance(events, list)
        and 1 <= len(events) <= MAX_EVENTS
        and all(isinstance(event, str) and _EVENT.fullmatch(event) for event in events)
    )
