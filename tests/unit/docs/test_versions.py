"""Everything that is released has the version of the newest release in the changelog (docs/releasing.md)."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
import yaml

from tests.fixtures.openapi_document import ROOT


def newest() -> str:
    """Return the version at the top of the changelog."""
    found = re.search(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("project", ["pyproject.toml", "localcloud/pyproject.toml", "clients/python/pyproject.toml"])
def test_python_projects(project: str) -> None:
    assert tomllib.loads((ROOT / project).read_text(encoding="utf-8"))["project"]["version"] == newest()


@pytest.mark.parametrize("package", ["clients/js/package.json", "clients/console/package.json"])
def test_packages_of_node(package: str) -> None:
    assert json.loads((ROOT / package).read_text(encoding="utf-8"))["version"] == newest()


def test_the_api_and_the_readme() -> None:
    frame = yaml.safe_load((ROOT / "ops/openapi/frame.yaml").read_text(encoding="utf-8"))
    assert frame["info"]["version"] == newest()
    assert f"Version {newest()}" in (ROOT / "README.md").read_text(encoding="utf-8")
