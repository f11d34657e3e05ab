"""openapi.yaml under the default rules of Spectral and Redocly. ops/openapi/tools says which rules are replaced, and why."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.node_packages import node_packages
from tests.fixtures.openapi_document import ROOT

TOOLS = ROOT / "ops" / "openapi" / "tools"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
"""Redocly's tool sends nothing to its makers."""


@pytest.fixture(scope="module")
def tools() -> Path:
    return node_packages(TOOLS) / ".bin"


def found(*command: object) -> Any:
    """Return what a linter found, which it prints as JSON."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, env={**os.environ, **QUIET}
    )
    assert done.returncode in {0, 1}, done.stderr
    return json.loads(done.stdout)


def spectral(tools: Path, document: Path) -> list[str]:
    """Return what Spectral finds, from its hints to errors."""
    rules = ["--ruleset", TOOLS / ".spectral.yaml", "--fail-severity", "hint"]
    problems = found(tools / "spectral", "lint", document, *rules, "--format", "json", "--quiet")
    return [f"{one['code']} at {'/'.join(map(str, one['path']))}: {one['message']}" for one in problems]


def redocly(tools: Path, document: Path) -> list[str]:
    """Return what Redocly finds, warnings and errors."""
    problems = found(tools / "redocly", "lint", document, "--config", TOOLS / "redocly.yaml", "--format", "json")["problems"]
    return [f"{one['ruleId']} at {one['location'][0].get('pointer')}: {one['message']}" for one in problems]


@pytest.mark.parametrize("linter", [spectral, redocly])
def test_nothing_is_found(tools: Path, linter: Any) -> None:
    assert linter(tools, ROOT / "openapi.yaml") == []


@pytest.mark.parametrize(
    ("linter", "rule"),
    [(spectral, "operation-description"), (redocly, "rule/operation-succeeds"), (redocly, "security-defined")],
)
def test_what_is_wrong_is_found(tools: Path, tmp_path: Path, linter: Any, rule: str) -> None:
    wrong = tmp_path / "openapi.yaml"
    wrong.write_text(
        "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/x: {get: {responses: {'404': {description: x}}}}}\n"
    )
    assert any(problem.startswith(f"{rule} at ") for problem in linter(tools, wrong))
