"""Both examples with both front doors: made, changed, and taken away again. Needs the stand-ins, and no project."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from reelgate.web.console.files import BUILD, PAGE
from reelgate.web.watch.assets import FETCH, HLS
from tests.fixtures.function_archives import ASSETS, CONSOLE, archive_of
from tests.fixtures.terraform.program import Terraform
from tests.fixtures.terraform.state import StateServer
from tests.terraform.deployment import Deployment, module_of
from tests.terraform.promises import PROMISES


@pytest.fixture(params=["minimal", "complete"])
def deployment(request: pytest.FixtureRequest, terraform: Terraform, states: StateServer, project: Path) -> Deployment:
    if not terraform.stands_in:
        pytest.skip("applying needs the stand-ins: REELGATE_TERRAFORM_TOOLS names their folder")
    deployment = Deployment(terraform=terraform, states=states, project=project, example=request.param)
    deployment.start()
    return deployment


def test_the_life_of_a_deployment(deployment: Deployment) -> None:
    minimal = deployment.example == "minimal"
    first, last = ("api_gateway", "load_balancer") if minimal else ("load_balancer", "api_gateway")
    if minimal:
        without_what_browsers_load_it_says_how_to_get_it(deployment, first)
    deployment.apply(front_door=first)
    archives_are_as_the_functions_ring_installs_them(deployment)
    for promise in PROMISES:
        promise(deployment)
    if minimal:
        what_is_no_part_of_a_function_changes_nothing(deployment, first)

    nothing_is_replaced_but_pauses(deployment.plan(front_door=last))
    deployment.apply_plan()
    for promise in PROMISES:
        promise(deployment)
    if minimal:
        functions_are_deployed_when_their_content_changes(deployment, last)
    else:
        deployment.assert_nothing_to_do(front_door=last)
        what_is_protected_outlives_a_destroy(deployment, last)
    deployment.destroy(front_door=last, **({} if minimal else {"deletion_protection": "false"}))
    assert deployment.states.read(deployment.example)["resources"] == []


def without_what_browsers_load_it_says_how_to_get_it(deployment: Deployment, door: str) -> None:
    files = {path: path.read_bytes() for path in (deployment.sources / ASSETS / HLS, deployment.sources / CONSOLE / PAGE)}
    for path in files:
        path.unlink()
    objects = [f"{module_of(function)}.google_storage_bucket_object.source" for function in ("stream_url", "console")]
    said = deployment.refused_plan(objects, front_door=door)
    for path, content in files.items():
        path.write_bytes(content)
    said = re.sub(r"\x1b\[\d+m|│", "", said)  # colours, and the frame around a message
    said = " ".join(said.split())
    assert FETCH in said
    assert f"run: {BUILD}" in said
    assert "console = false" in said


def archives_are_as_the_functions_ring_installs_them(deployed: Deployment) -> None:
    for function in deployed.expected_functions:
        [path] = deployed.folder.glob(f".build/*-{function.replace('_', '-')}.zip")
        with zipfile.ZipFile(path) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        assert found == archive_of(function, deployed.project)


def nothing_is_replaced_but_pauses(planned: dict[str, str]) -> None:
    """A grant that is taken away and given again is missing for minutes, a bucket for ever."""
    assert planned
    replaced = {address for address, action in planned.items() if action == "replace"}
    assert replaced <= {"module.reelgate.time_sleep.apis"}


def what_is_no_part_of_a_function_changes_nothing(deployed: Deployment, door: str) -> None:
    cached = deployed.sources / "reelgate" / "__pycache__" / "x.cpython-311.pyc"
    for unseen in (cached, deployed.project / "functions" / "usage" / "notes.md"):
        unseen.parent.mkdir(exist_ok=True)
        unseen.write_text("not part of a function")
    (deployed.project / "functions" / "usage" / "main.py").chmod(0o755)
    deployed.assert_nothing_to_do(front_door=door)


def functions_are_deployed_when_their_content_changes(deployed: Deployment, door: str) -> None:
    """And nothing else is, so a plan without changes would be empty."""
    changed_and_restored(deployed, deployed.project / "functions" / "usage" / "main.py", door, functions=("usage",))
    shared = deployed.sources / "reelgate" / "__init__.py"
    changed_and_restored(deployed, shared, door, functions=deployed.expected_functions)


def changed_and_restored(deployed: Deployment, path: Path, door: str, *, functions: tuple[str, ...]) -> None:
    before = path.read_text()
    path.write_text(before + "# changed\n")
    planned = deployed.plan(front_door=door)
    path.write_text(before)
    expected = {}
    for name in functions:
        expected[f"{module_of(name)}.google_storage_bucket_object.source"] = "replace"
        expected[f"{module_of(name)}.google_cloudfunctions2_function.this"] = "update"
    assert planned == expected


def what_is_protected_outlives_a_destroy(deployed: Deployment, door: str) -> None:
    said = deployed.destroy(good=(1,), front_door=door)
    assert said.count('deletion_policy is "PREVENT"') >= 2, said[-3000:]
    assert len(deployed.all("google_firestore_database")) == 2
    assert any(bucket["name"].endswith("-media") for bucket in deployed.all("google_storage_bucket").values())
    assert len(deployed.all("google_bigquery_table")) == 1
    deployed.apply(front_door=door, deletion_protection="false")  # and all is back
