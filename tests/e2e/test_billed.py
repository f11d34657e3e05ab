"""What a user's actions are billed for is written down, and what is written down is what is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.conftest import ROOT


def test_nothing_costs_more_operations_than_is_written_down(cloud: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "billed.json"
    command = [sys.executable, "-m", "bench.billed", "--uploads", "1", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, env=dict(cloud), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    measured, written = json.loads(file.read_text()), json.loads((ROOT / "bench" / "billed.json").read_text())
    assert measured.keys() == written.keys()
    steps = measured.keys() - {"sweep, nothing to do"}  # other tests have left something to do
    more = {
        f"{step}: {kind}": (number, written[step][kind])
        for step in steps
        for kind, number in measured[step].items()
        if number > written[step][kind]
    }
    assert more == {}, "run python -m bench billed, and bring bench/billed.json and terraform/README.md up to date"
