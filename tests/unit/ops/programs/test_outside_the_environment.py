"""A command that is started with another Python than that of `.venv` says what to do, in a sentence."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.fixtures.openapi_document import ROOT

COMMANDS = ("ops", "bench", "ops.live_check", "ops.openapi", "ops.sign_faster", "localcloud")


@pytest.mark.parametrize("name", COMMANDS)
def test_it_says_what_to_do(name: str) -> None:
    # -S leaves out what is installed, as in a Python that has nothing of ours.
    command = [sys.executable, "-S", "-m", name]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f".venv/bin/python -m {name}" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_older_pythons_can_read_as_far_as_the_sentence(name: str) -> None:
    asking = next(
        file
        for file in ("__init__.py", "__main__.py")
        if "require_it(" in (ROOT.joinpath(*name.split(".")) / file).read_text(encoding="utf-8")
    )
    folder = name.replace(".", "/")
    for file in (f"{folder}/__init__.py", f"{folder}/{asking}", "localcloud/supervisor/virtual_environment.py"):
        ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("module", ["bench.signing", "ops.live_check.report"])
def test_so_do_their_modules(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", module], cwd=ROOT, env={}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_they_are_all_that_can_be_started_by_name() -> None:
    assert {
        ".".join(path.parent.relative_to(ROOT).parts) for path in [*ROOT.glob("*/__main__.py"), *ROOT.glob("ops/*/__main__.py")]
    } == set(COMMANDS)
