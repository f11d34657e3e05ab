"""A gcloud that keeps keys and secrets in a file, on PATH before any real one, and writes down how it was called."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.memory_services import MemoryServices

ROOT = Path(__file__).resolve().parents[4]
FAKE = Path(__file__).with_name("fake_gcloud.py")


@dataclass
class FakeGcloud:
    """The state of the fake, and the command under test with it on PATH."""

    folder: Path

    @property
    def state(self) -> dict[str, Any]:
        """Keys, secrets and functions as they are."""
        state: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        return state

    def set(self, **changes: Any) -> None:
        """Change the state: `functions`, `now`, `fail` ({"words of a command": how many times}), or what it then `says`."""
        (self.folder / "state.json").write_text(json.dumps({**self.state, **changes}))

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of all calls so far."""
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module for project `videos-1`."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments, "--project=videos-1"],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _run_here(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Do what `run` does, without the start of a process."""
        command, out, err = [*arguments, "--project=videos-1"], io.StringIO(), io.StringIO()
        at_end = signal.getsignal(signal.SIGTERM)  # which the command sets for its process
        try:
            with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
                for name, value in self._environment().items():
                    patch.setenv(name, value)
                code = import_module(f"{module}.__main__").main(command)
        finally:
            signal.signal(signal.SIGTERM, at_end)
        return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())

    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}:{os.environ['PATH']}", "FAKE_GCLOUD": str(self.folder)}

    def sign_faster(self, *arguments: str, own_process: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the command, in this process if not told otherwise, and let nothing of what it wrote be a secret."""
        run = self.run if own_process else self._run_here
        done = run("ops.sign_faster", *arguments, f"--file={self.key_file}")
        seen = done.stdout + done.stderr + json.dumps(self.calls)
        seen += self.key_file.read_text() if self.key_file.exists() else ""
        for secret in self.state["made_secrets"]:
            assert secret not in seen
        return done

    @property
    def key_file(self) -> Path:
        """Where the command names its keys."""
        return self.folder / "hmac.auto.tfvars.json"

    def named(self) -> dict[str, dict[str, str]]:
        """Return the keys as Terraform is told of them."""
        named: dict[str, dict[str, str]] = json.loads(self.key_file.read_text())["hmac_access_ids"]
        return named

    def keys(self) -> dict[str, str]:
        """Return the state of each key that is not deleted."""
        return {access_id: key["state"] for access_id, key in self.state["keys"].items()}


@pytest.fixture
def gcloud(tmp_path: Path) -> FakeGcloud:
    """A project with the two empty secrets that Terraform makes, and no function yet."""
    program = tmp_path / "gcloud"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {FAKE} "$@"\n')
    program.chmod(0o755)
    secrets: dict[str, dict[str, str]] = {"reelgate-hmac-upload": {}, "reelgate-hmac-read": {}}
    start = {"keys": {}, "secrets": secrets, "functions": [], "fail": {}, "logs": [], "made_secrets": [], "clock": 0}
    (tmp_path / "state.json").write_text(json.dumps(start))
    (tmp_path / "calls").touch()
    return FakeGcloud(tmp_path)


@pytest.fixture
def services() -> MemoryServices:
    """Services in memory."""
    return MemoryServices()
