"""The lines that functions have logged about one request: Cloud Logging's, or those of the local cloud's log files."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from localcloud.supervisor.ports import DEFAULT_BASE, FUNCTIONS
from localcloud.supervisor.state.folder import StateFolder
from ops.access.gcloud import Gcloud

LIMIT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `at` is None in the local cloud, whose lines have no time."""

    function: str
    at: datetime | None
    fields: Mapping[str, Any]


def lines_of(given: argparse.Namespace, request_id: str) -> list[Line]:
    """Return up to 100 lines about a request, oldest first. `request_id` must have the form of one. Raises GcloudFailed."""
    if given.project is None:
        return list(_local(request_id))
    query = f'resource.type="cloud_run_revision" AND jsonPayload.request_id="{request_id}"'
    arguments = ("logging", "read", query, f"--freshness={given.since}", "--order=asc", f"--limit={LIMIT}")
    entries: list[dict[str, Any]] = Gcloud(given.project).json(*arguments) or []
    return [_line(entry, given.prefix) for entry in entries]


def _line(entry: Mapping[str, Any], prefix: str) -> Line:
    service: str = entry["resource"]["labels"]["service_name"]
    fields = {"severity": entry.get("severity"), **entry["jsonPayload"]}
    return Line(service.removeprefix(f"{prefix}-"), datetime.fromisoformat(entry["timestamp"]), fields)


def _local(request_id: str) -> Iterator[Line]:
    logs = _state().path / "logs"
    for function in FUNCTIONS:
        for log in (logs / f"{function}.log.1", logs / f"{function}.log"):
            yield from (Line(function, None, fields) for fields in _objects(log, request_id))


def _objects(log: Path, request_id: str) -> Iterator[Mapping[str, Any]]:
    try:
        with log.open(errors="replace") as file:
            for text in file:
                if request_id in text and (fields := _object(text)).get("request_id") == request_id:
                    yield fields
    except FileNotFoundError:
        return


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:  # a line of the server itself
        return {}
    return found if isinstance(found, dict) else {}


def _state() -> StateFolder:
    """Return the folder of the local cloud that the environment names, as `./emulator.sh` finds it."""
    folder = os.environ.get("REELGATE_STATE")
    port = urlsplit(os.environ.get("REELGATE_URL", "")).port or DEFAULT_BASE
    return StateFolder(port, Path(folder) if folder else None)
