"""The configuration is well-formed, valid, and keeps what tests/*.tftest.hcl say of its plans."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reelgate.web.console.files import BUILD, PAGE
from reelgate.web.watch.assets import FETCH, HLS
from tests.fixtures.function_archives import ASSETS, CONSOLE, WITHOUT_USAGE_LOGS, archive_of
from tests.fixtures.terraform.program import ROOT, TOOLS, Terraform
from tests.terraform.deployment import module_of

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
def test_plans_validations_and_promises(terraform: Terraform, small_project: Path, file: str) -> None:
    terraform.run(small_project / "terraform", "init", "-input=false")
    said = terraform.run(small_project / "terraform", "test", f"-filter=tests/{file}")
    assert "Success!" in said
    assert " 0 failed" in said


def test_archives_are_as_the_functions_ring_installs_them(terraform: Terraform, project: Path) -> None:
    plan_of(terraform, project, [f"{module_of(function)}.data.archive_file.source" for function in WITHOUT_USAGE_LOGS])
    for function in WITHOUT_USAGE_LOGS:
        with zipfile.ZipFile(minimal(project) / ".build" / f"reelgate-{function.replace('_', '-')}.zip") as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == archive_of(function, project)


def test_without_what_browsers_load_it_says_how_to_get_it(terraform: Terraform, project: Path, tmp_path: Path) -> None:
    files = [project / "src" / ASSETS / HLS, project / "src" / CONSOLE / PAGE]
    for file in files:
        file.rename(tmp_path / file.name)
    try:
        sources = [f"{module_of(function)}.google_storage_bucket_object.source" for function in ("stream_url", "console")]
        said = plan_of(terraform, project, sources, good=(1,))
    finally:
        for file in files:
            (tmp_path / file.name).rename(file)
    said = re.sub(r"\x1b\[\d+m|│", "", said)  # colours, and the frame around a message
    said = " ".join(said.split())
    assert FETCH in said
    assert f"run: {BUILD}" in said
    assert "console = false" in said


def plan_of(terraform: Terraform, project: Path, parts: list[str], *, good: tuple[int, ...] = (0,)) -> str:
    """Plan parts of the minimal example, and return what was said."""
    if not terraform.stands_in:
        pytest.skip("a plan needs the stand-ins, or a Google account")
    targets = [f"-target={part}" for part in parts]
    return terraform.run(minimal(project), "plan", "-input=false", *targets, good=good, project_id="demo-project-1")


def minimal(project: Path) -> Path:
    return project / "terraform" / "examples" / "minimal"
