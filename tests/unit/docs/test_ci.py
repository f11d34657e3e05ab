"""What the forge's CI runs is what anybody can run: .ci/run, with the versions that CONTRIBUTING.md asks for."""

from __future__ import annotations

import os
import re
from typing import Any

import yaml

from tests.fixtures.openapi_document import ROOT


def steps() -> list[dict[str, Any]]:
    """Return the steps of the workflow's only job."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    [job] = workflow["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def settings_of(action: str) -> dict[str, str]:
    """Return what the step that uses an action gives it."""
    [found] = [step.get("with", {}) for step in steps() if step.get("uses", "").partition("@")[0] == action]
    return found


def test_it_runs_the_script_and_nothing_else() -> None:
    assert [step["run"] for step in steps() if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_action_is_pinned() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert len(used) >= 5
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})", action)] == []


def test_it_has_what_contributing_asks_for() -> None:
    asked = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"the functions run on {settings_of('actions/setup-python')['python-version']}" in asked
    assert f"Node {settings_of('actions/setup-node')['node-version']}" in asked
    [java] = re.findall(r"Java (\d+) or newer", asked)
    assert int(settings_of("actions/setup-java")["java-version"]) >= int(java)
    components = settings_of("google-github-actions/setup-gcloud")["install_components"].split(",")
    assert {"cloud-firestore-emulator", "pubsub-emulator"} <= set(components)
