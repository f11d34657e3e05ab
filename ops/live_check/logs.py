"""What the functions logged since the check began: some facts are nowhere else, such as what a gateway does to a header."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx

MAX_LINES = 200
READ_SECONDS = 2.0
"""Between two questions to Cloud Logging, which takes 60 a minute for a project (Cloud Logging docs, "Quotas and limits")."""

BUSY_SECONDS, TRIES = 30.0, 3
SKEW = timedelta(minutes=1)
"""How far this machine's clock may be ahead of Google's."""

BEFORE = timedelta(hours=24)
"""How far back one looks for what an instance says only once: it may have started before the check."""


class CannotRead(Exception):
    """The logs cannot be read; the text says what is missing."""


class Logs(Protocol):
    """The functions' logs."""

    def lines(self, function: str, member: str, *, before: bool = False) -> list[dict[str, Any]]:
        """Return the JSON lines of a function that have a member (`push.uid` is one within another).

        Args:
            function: its name as in `functions/`.
            before: also those from before the check.

        Raises:
            CannotRead.
        """

    def mentions(self, text: str) -> int:
        """Return how many lines of the functions have a text in them, since the check began. Raises CannotRead."""


@dataclass
class CloudLogs:
    """Cloud Logging, read as the operator (Cloud Logging docs, "Method: entries.list" and "Logging query language")."""

    project: str
    prefix: str
    credentials: Callable[[], Mapping[str, str]] | None
    web: httpx.Client
    url: str = "https://logging.googleapis.com"
    since: datetime = field(default_factory=lambda: datetime.now(UTC) - SKEW)
    wait: Callable[[float], None] = time.sleep

    def lines(self, function: str, member: str, *, before: bool = False) -> list[dict[str, Any]]:
        """See `Logs.lines`."""
        service = f"{self.prefix}-{function.replace('_', '-')}"
        entries = self._entries(f'resource.labels.service_name="{service}" AND jsonPayload.{member}:*', before=before)
        return [payload for entry in entries if isinstance(payload := entry.get("jsonPayload"), dict)]

    def mentions(self, text: str) -> int:
        """See `Logs.mentions`."""
        return len(self._entries(f'resource.labels.service_name:"{self.prefix}-" AND textPayload:"{text}"', before=False))

    def _entries(self, filter_text: str, *, before: bool) -> list[dict[str, Any]]:
        if self.credentials is None:
            raise CannotRead("no credentials for Google's APIs: gcloud auth application-default login")
        since = self.since - BEFORE if before else self.since
        full = f'resource.type="cloud_run_revision" AND timestamp>="{since.isoformat()}" AND {filter_text}'
        body = {
            "resourceNames": [f"projects/{self.project}"],
            "filter": full,
            "orderBy": "timestamp desc",
            "pageSize": MAX_LINES,
        }
        answer = self._asked(body, self.credentials())
        if answer.status_code != 200:
            command = f"gcloud logging read '{filter_text}' --project {self.project} --freshness 1h --limit 5"
            raise CannotRead(f"reading the logs: {answer.status_code}; grant yourself roles/logging.viewer, or ask: {command}")
        entries: list[dict[str, Any]] = answer.json().get("entries", [])
        return entries

    def _asked(self, body: Mapping[str, Any], credentials: Mapping[str, str]) -> httpx.Response:
        pause = READ_SECONDS
        for _ in range(TRIES):
            self.wait(pause)
            try:
                answer = self.web.post(f"{self.url}/v2/entries:list", json=body, headers=dict(credentials))
            except httpx.HTTPError as error:
                raise CannotRead(f"Cloud Logging does not answer: {type(error).__name__}") from None
            if answer.status_code not in {429, 503}:
                break
            pause = BUSY_SECONDS
        return answer


class LocalLogs:
    """The log files of the local cloud."""

    def __init__(self, folder: Path) -> None:
        """Skip what the files contain already: it is from before the check."""
        self._folder = folder
        self._begin = {path: path.stat().st_size for path in folder.glob("*.log")}

    def lines(self, function: str, member: str, *, before: bool = False) -> list[dict[str, Any]]:
        """See `Logs.lines`."""
        found = []
        for line in self._text(self._folder / f"{function}.log", before=before).splitlines():
            if not line.startswith("{"):
                continue
            try:
                content = json.loads(line)
            except ValueError:  # the last line is still being written
                continue
            if _has(content, member.split(".")):
                found.append(content)
        return found

    def mentions(self, text: str) -> int:
        """See `Logs.mentions`."""
        return sum(self._text(path, before=False).count(text) for path in self._folder.glob("*.log"))

    def _text(self, path: Path, *, before: bool) -> str:
        try:
            with path.open("rb") as file:
                file.seek(0 if before else self._begin.get(path, 0))
                return file.read().decode(errors="replace")
        except OSError as error:
            raise CannotRead(f"{path}: {error.strerror}") from None


def _has(content: Any, names: list[str]) -> bool:
    for name in names:
        if not isinstance(content, dict) or name not in content:
            return False
        content = content[name]
    return True
