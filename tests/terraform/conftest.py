"""Terraform, a copy of the project for it, and a place for states. `make terraform` runs this ring."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelgate.web.console.files import PAGE
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
    """A copy of the project in which all configurations are initialised, with fewer modules in its archives.

    To Terraform an archive is a set of texts, and it compares all pairs of them several times.
    """
    copy = copy_project(tmp_path_factory.mktemp("project"))
    for room in ("adapters", "domain", "use_cases"):
        shutil.rmtree(copy / "src" / "reelgate" / room)
    for folder in ("terraform", *EXAMPLES):
        terraform.run(copy / folder, "init", "-input=false")
    return copy


@pytest.fixture(scope="session")
def small_project(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to be deployed, with states elsewhere and one module in the functions' archives, as there are many plans."""
    copy = copy_project(tmp_path_factory.mktemp("small"))
    kept = {copy / "src" / "reelgate" / "__init__.py", copy / "src" / CONSOLE / PAGE}
    for path in (copy / "src" / "reelgate").rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    for folder in EXAMPLES:
        (copy / folder / "backend_override.tf").write_text('terraform {\n  backend "http" {}\n}\n')
    return copy


@pytest.fixture(scope="session")
def states() -> Iterator[StateServer]:
    with state_server() as server:
        yield server
