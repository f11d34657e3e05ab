"""What a user's actions are billed for is written down, and what is written down is what is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT

TRIES = 2
"""An event that is delivered twice on a busy machine is billed twice; what costs more in each measurement costs more."""


def test_nothing_costs_more_operations_than_is_written_down(cloud: Mapping[str, str], tmp_path: Path) -> None:
    written = json.loads((ROOT / "bench" / "billed" / "billed.json").read_text())
    for attempt in range(TRIES):
        measured = _measure(cloud, tmp_path / f"billed-{attempt}.json")
        assert measured.keys() == written.keys()
        steps = measured.keys() - {"sweep, nothing to do"}  # other tests have left something to do
        more = {
            f"{step}: {kind}": (number, written[step][kind])
            for step in steps
            for kind, number in measured[step].items()
            if number > written[step][kind]
        }
        if not more:
            return
    pytest.fail(f"{more}: run python -m bench billed, and bring bench/billed/billed.json and terraform/README.md up to date")


def _measure(cloud: Mapping[str, str], file: Path) -> dict[str, dict[str, int]]:
    command = [sys.executable, "-m", "bench.billed", "--uploads", "1", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, env=dict(cloud), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    measured: dict[str, dict[str, int]] = json.loads(file.read_text())
    return measured
