"""The functions' logs: no error that nobody expected, whatever the answer said."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.chaos.checks.findings import Findings

EXPECTED = ("delivery evt_", "could not publish the audit event")
"""Beginnings of messages of errors that the faults cause: a mail that was refused, or may have arrived; a refusal for which
Pub/Sub could not be reached. So does what ends with `UNAVAILABLE`, which the sweep's next run makes up for."""
UNAVAILABLE = "reelgate.domain.errors.base.Unavailable"


def check_logs(folder: Path, findings: Findings) -> None:
    """Check the logs of all instances."""
    errors: Counter[str] = Counter()
    for log in folder.glob("*.log"):
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                findings.count_checked("lines of logs")
                entry = _entry(line)
                lines = str(entry.get("message", "")).splitlines() or [""]
                first, last = lines[0], lines[-1]
                is_error = entry.get("severity") in {"ERROR", "CRITICAL"}
                if is_error and not first.startswith(EXPECTED) and not last.startswith(UNAVAILABLE):
                    errors[f"{log.stem}: {first[:300]}{f' ... {last[:300]}' if len(lines) > 1 else ''}"] += 1
            elif line.startswith("Traceback"):
                errors[f"{log.stem}: a traceback outside of the log"] += 1
    for error, times in errors.most_common():
        findings.problem(f"{times} times in the log of {error}")


def _entry(line: str) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except ValueError:  # the process was killed while it wrote
        return {}
    return entry if isinstance(entry, dict) else {}
