"""Environments with a function's requirements and nothing else, one for each different list of them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.function_archives import ROOT

INSTALL_SECONDS = 600


@pytest.fixture(scope="session")
def python_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the Python of an environment for a function, as Google's builder makes one: pip, and the hashes hold."""
    made: dict[str, Path] = {}

    def python(function: str) -> Path:
        requirements = ROOT / "functions" / function / "requirements.txt"
        key = hashlib.sha256(requirements.read_bytes()).hexdigest()
        if key not in made:
            folder = tmp_path_factory.mktemp("environment")
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
            made[key] = folder / "bin" / "python"
            install = [
                sys.executable,
                "-m",
                "pip",
                "--python",
                made[key],
                "install",
                "--no-compile",  # most of it is never imported
                "--require-hashes",
                "--only-binary=:all:",
                "-r",
                requirements,
            ]
            env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            done = subprocess.run(install, env=env, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
            assert done.returncode == 0, done.stderr[-3000:]
        return made[key]

    return python
