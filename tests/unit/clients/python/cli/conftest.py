"""`reelgate` in this process, against a deployment in memory."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from reelgate_client.cli import app, command, context
from reelgate_client.core.retries import RetryPolicy
from tests.doubles.fake_reelgate import API


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Its results, as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A machine's home folder."""
    return tmp_path / "home"


@pytest.fixture
def reelgate(fake, home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run `reelgate ARGUMENTS`."""
    monkeypatch.setattr(command, "Cli", functools.partial(context.Cli, transport=fake.transport))
    monkeypatch.setattr(context, "RETRIES", RetryPolicy(retries=1, first_wait=0.0))
    for name in ("REELGATE_API_KEY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REELGATE_URL", API)

    def run(*arguments: object, stdin: str = "", key: str | None = "rgk_abc", home: Path = home) -> Ran:
        monkeypatch.setenv("HOME", str(home))
        if key:
            monkeypatch.setenv("REELGATE_API_KEY", key)
        else:
            monkeypatch.delenv("REELGATE_API_KEY", raising=False)
        result = CliRunner().invoke(app.app, [str(one) for one in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder of files, two of them with the same content."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(5):
        (folder / f"film {number}.mp4").write_bytes(bytes([number % 4]) * (300_000 + 1000 * (number % 4)))
    return folder
