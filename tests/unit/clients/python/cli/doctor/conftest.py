"""`reelgate doctor` against a deployment in memory, in which one thing after the other is wrong."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reelgate_client.cli.doctor.subjects import messages, uploading
from tests.doubles import fake_deployment
from tests.doubles.fake_deployment import FakeDeployment

Diagnosis = Callable[..., "Diagnosed"]


class Diagnosed:
    """What a run said."""

    def __init__(self, code: int, document: Mapping[str, Any]) -> None:
        self.code = code
        self.items = document["items"]

    def of(self, state: str) -> dict[str, dict[str, Any]]:
        """Return the lines of a kind, by subject and question."""
        return {f"{item['subject']}: {item['question']}": item for item in self.items if item["state"] == state}

    def one_wrong(self) -> dict[str, Any]:
        """Return the only thing that is wrong."""
        [line] = self.of("wrong").values()
        assert self.code == 1
        assert line["mend"]
        return line


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDeployment:
    token = fake_deployment.token()
    monkeypatch.setenv("REELGATE_TOKEN", token)
    return FakeDeployment(valid_tokens={token})


@pytest.fixture
def doctor(reelgate, monkeypatch: pytest.MonkeyPatch) -> Diagnosis:
    """Run `reelgate doctor ARGUMENTS --json`. Nothing is waited for: what has not come yet never does."""
    for module, names in ((uploading, ("FINALIZE_SECONDS", "POLL_SECONDS")), (messages, ("SECONDS", "POLL_SECONDS"))):
        for name in names:
            monkeypatch.setattr(module, name, 0)
    monkeypatch.setenv("PATH", "")

    def run(*arguments: str, key: str | None = None) -> Diagnosed:
        ran = reelgate("doctor", *arguments, "--json", key=key)
        assert ran.out, ran.err
        return Diagnosed(ran.code, json.loads(ran.out))

    return run


@pytest.fixture
def gcloud(doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Any]], None]:
    """Have a `gcloud` that shows these settings of buckets, and knows no others."""

    def install(buckets: Mapping[str, Any]) -> None:
        program = tmp_path / "bin" / "gcloud"
        program.parent.mkdir(exist_ok=True)
        cases = "".join(f"gs://{name}) echo '{json.dumps(settings)}' ;;\n" for name, settings in buckets.items())
        program.write_text(
            f'#!/bin/sh\n[ "$1 $2 $3" = "storage buckets describe" ] || exit 9\ncase "$4" in\n{cases}'
            "*) echo 'ERROR: you do not have permission' >&2; exit 1 ;;\nesac\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(program.parent))

    return install
