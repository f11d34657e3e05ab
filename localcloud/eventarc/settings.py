"""The bridge's configuration: the source of events, their targets, and the retry policy."""

import json
from dataclasses import dataclass, fields
from typing import Any


class InvalidSettings(Exception):
    """The configuration cannot be used; `problems` names every reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Sends events of one type from one bucket to one URL. Type and bucket match exactly, as Eventarc's filters do."""

    name: str
    type: str
    bucket: str
    url: str

    def matches(self, event_type: str, bucket: str) -> bool:
        """Return whether an event belongs to this trigger."""
        return event_type == self.type and bucket == self.bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How a Pub/Sub push subscription delivers; waits are shorter than Pub/Sub's 10 to 600 s, for quick local tests."""

    ack_deadline_seconds: float = 600.0
    min_backoff_seconds: float = 0.2
    max_backoff_seconds: float = 10.0
    retention_seconds: float = 24 * 3600.0
    max_in_flight: int = 20

    def wait_seconds(self, failed_attempts: int) -> float:
        """Return how long to wait after `failed_attempts` (1 or more): doubling from the minimum to the maximum."""
        doublings = min(failed_attempts - 1, 60)
        return float(min(self.max_backoff_seconds, self.min_backoff_seconds * 2**doublings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The bridge's configuration file."""

    storage_url: str
    triggers: tuple[Trigger, ...]
    retry: RetryPolicy


def read_settings(text: str) -> Settings:
    """Return the settings in a JSON text.

    Raises:
        InvalidSettings: with every problem: not JSON, missing, unknown or impossible members, a trigger name given twice.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InvalidSettings([f"not JSON: {error}"]) from None
    if not isinstance(document, dict):
        raise InvalidSettings(["a JSON object is expected"])
    problems: list[str] = []
    storage_url = document.pop("storage_url", None)
    if not _is_url(storage_url):
        problems.append(f"storage_url: an http URL is expected, found {storage_url!r}")
    triggers = _triggers(document.pop("triggers", None), problems)
    retry = _retry_policy(document, problems)
    if problems:
        raise InvalidSettings(problems)
    return Settings(storage_url=str(storage_url).rstrip("/"), triggers=triggers, retry=retry)


def _triggers(given: object, problems: list[str]) -> tuple[Trigger, ...]:
    if not isinstance(given, list) or not given:
        problems.append("triggers: a list with at least one trigger is expected")
        return ()
    members = {field.name for field in fields(Trigger)}
    triggers: list[Trigger] = []
    for position, one in enumerate(given):
        if not isinstance(one, dict) or set(one) != members or not all(isinstance(value, str) for value in one.values()):
            problems.append(f"triggers[{position}]: texts {', '.join(sorted(members))} are expected")
        elif not _is_url(one["url"]):
            problems.append(f"triggers[{position}].url: an http URL is expected, found {one['url']!r}")
        elif any(trigger.name == one["name"] for trigger in triggers):
            problems.append(f"triggers[{position}].name: {one['name']!r} is given twice")
        else:
            triggers.append(Trigger(**one))
    return tuple(triggers)


def _retry_policy(given: dict[str, Any], problems: list[str]) -> RetryPolicy:
    members = {field.name for field in fields(RetryPolicy)}
    usable: dict[str, Any] = {}
    for name, value in given.items():
        if name not in members:
            problems.append(f"{name}: unknown")
        elif isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            problems.append(f"{name}: a number above zero is expected, found {value!r}")
        else:
            usable[name] = int(value) if name == "max_in_flight" else float(value)
    return RetryPolicy(**usable)


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))
