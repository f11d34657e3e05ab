"""openapi.yaml held against the running gateway, by schemathesis, in a pytest of its own.

Schemathesis makes its cases while tests are collected, which takes minutes of CPU for a document of this size; each of several
processes of tests would do so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CASES = Path(__file__).with_name("documented_answers.py")
SET_BY_XDIST = ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID", "PYTEST_CURRENT_TEST")


def test_every_answer_is_documented(cloud: Mapping[str, str]) -> None:
    environment = {name: value for name, value in {**os.environ, **cloud}.items() if name not in SET_BY_XDIST}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:xdist", "-p", "no:cacheprovider", str(CASES)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout.splitlines()[-1], "no case was found"
