"""Terraform, a copy of the project for it, and a place for states. `make terraform` runs this ring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.function_archives import CONSOLE
from tests.fixtures.terraform.program import NoTerraformError, Terraform, copy_project, find_terraform
from tests.fixtures.terraform.state import StateServer, state_server

EXAMPLES = ("terraform/examples/minimal", "terraform/examples/complete")


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    try:
        return find_terraform(tmp_path_factory.mktemp("terraform"))
    except NoTerraformError as error:
        pytest.skip(f"TERRAFORM IS NOT CHECKED: {error}")


@pytest.fixture(scope="session")
def project(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which all configurations are initialised."""
    copy = copy_project(tmp_path_factory.mktemp("project"))
    for folder in ("terraform", *EXAMPLES):
        terraform.run(copy / folder, "init", "-input=false")
    return copy


@pytest.fixture(scope="session")
def small_project(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to be deployed, with states elsewhere and little in the functions' archives.

    What they hold is text to Terraform, which takes its time for each file and each plan; there are many plans.
    """
    copy = copy_project(tmp_path_factory.mktemp("small"))
    for path in (copy / "src" / "reelgate").rglob("*"):
        if path.is_file() and path.name != "__init__.py" and path != copy / "src" / CONSOLE / "index.html":
            path.unlink()
    for folder in EXAMPLES:
        (copy / folder / "backend_override.tf").write_text('terraform {\n  backend "http" {}\n}\n')
    return copy


@pytest.fixture(scope="session")
def states() -> Iterator[StateServer]:
    with state_server() as server:
        yield server
