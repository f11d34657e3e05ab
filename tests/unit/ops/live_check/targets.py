"""A deployment that a test plays: answers by a function, logs by a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.live_check.logs import CannotRead
from ops.live_check.report import Report
from ops.live_check.target import Target


@dataclass
class ScriptedLogs:
    """Implements `Logs`: what each function has logged, or why nobody can know."""

    written: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    killed: int = 0
    closed: str = ""

    def lines(self, function: str, member: str, *, before: bool = False) -> list[dict[str, Any]]:
        if self.closed:
            raise CannotRead(self.closed)
        return [line for line in self.written.get(function, []) if member.partition(".")[0] in line]

    def mentions(self, text: str) -> int:
        if self.closed:
            raise CannotRead(self.closed)
        return self.killed if text == "WORKER TIMEOUT" else 0


def target_of(
    answer: Callable[[httpx.Request], httpx.Response],
    logs: ScriptedLogs | None = None,
    credentials: Callable[[], Mapping[str, str]] | None = None,
) -> Target:
    """Return a target whose every request is answered by a function, and that waits for nothing."""
    return Target(
        project="my-videos-1",
        api_url="https://api.example",
        storage_url="https://storage.example",
        iam_url="https://iam.example",
        bucket="media",
        derived_bucket="derived",
        log_bucket="usage-logs",
        signers={"upload": "up@example", "read": "read@example"},
        report=Report(say=lambda _: None),
        logs=logs or ScriptedLogs(),
        credentials=credentials,
        web=httpx.Client(transport=httpx.MockTransport(answer)),
        wait=lambda _: None,
    )


def found(target: Target) -> dict[str, tuple[str, str]]:
    """Return what was seen and the verdict, by question."""
    return {one.question: (one.seen, one.verdict) for one in target.report.findings}
