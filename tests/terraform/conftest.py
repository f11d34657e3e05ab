"""Terraform, a copy of the project for it, and a place for states. `make terraform` runs this ring."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    """A copy of the project in which all configurations are initialised, to be deployed with states elsewhere.

    Its functions' archives have few modules, and files of each kind: to Terraform an archive is a set of texts, and it compares
    all pairs of them several times.
    """
    copy = copy_project(tmp_path_factory.mktemp("project"))
    package = copy / "src" / "reelgate"
    for path in package.rglob("*"):
        if path.is_file() and path.parent != package and not path.is_relative_to(package / "web"):
            path.unlink()
    for room in ("compat", "events", "http", "v1"):
        shutil.rmtree(package / "web" / room)
    for folder in EXAMPLES:
        (copy / folder / "backend_override.tf").write_text('terraform {\n  backend "http" {}\n}\n')
    for folder in ("terraform", *EXAMPLES):
        terraform.run(copy / folder, "init", "-input=false", "-backend=false")
    return copy


@pytest.fixture(scope="session")
def states() -> Iterator[StateServer]:
    with state_server() as server:
        yield server
