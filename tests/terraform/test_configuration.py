"""The configuration is well-formed, valid, and keeps what tests/*.tftest.hcl say of its plans."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.terraform.program import ROOT, TOOLS, Terraform

FOLDERS = ("terraform", "terraform/examples/minimal", "terraform/examples/complete")


def test_files_are_formatted(terraform: Terraform, project: Path) -> None:
    assert terraform.run(project / "terraform", "fmt", "-check", "-recursive") == ""


@pytest.mark.parametrize("folder", FOLDERS)
def test_valid(terraform: Terraform, project: Path, folder: str) -> None:
    assert "The configuration is valid" in terraform.run(project / folder, "validate")


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_static_check_finds_nothing(terraform: Terraform, folder: str) -> None:
    if not (TOOLS / "tfcheck.py").is_file():
        pytest.skip(f"no tfcheck.py in {TOOLS}")
    done = subprocess.run(
        [sys.executable, TOOLS / "tfcheck.py", folder], env=terraform.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "terraform" / "tests").glob("*.tftest.hcl")))
def test_plans_validations_and_promises(terraform: Terraform, project: Path, file: str) -> None:
    said = terraform.run(project / "terraform", "test", f"-filter=tests/{file}")
    assert "Success!" in said
    assert " 0 failed" in said
