"""The usage line of each command is what an operator types."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.unit.ops.programs.conftest import ROOT


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("ops", "python -m ops"),
        ("ops.sign_faster", "python -m ops.sign_faster"),
        ("ops.live_check", "python -m ops.live_check"),
        ("localcloud.gcs", "python -m localcloud.gcs"),
    ],
)
def test_it_names_the_command(module: str, command: str) -> None:
    shown = subprocess.run([sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(f"usage: {command} [-h]")
