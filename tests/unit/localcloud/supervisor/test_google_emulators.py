"""Where Google's emulators come from, with programs of our own on the path."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.services import google_emulators
from localcloud.supervisor.services.google_emulators import (
    container_clean_up,
    fetch_firestore_export,
    firestore_command,
    firestore_export_folder,
    firestore_import,
    missing,
    pubsub_command,
)


class Machine:
    """A machine with the programs that a test puts on it."""

    def __init__(self, folder: Path) -> None:
        self._programs = folder / "bin"
        self._programs.mkdir()
        self.sdk = folder / "google-cloud-sdk"
        self.snapshots = folder / "snapshots"

    def install(self, name: str, script: str = "exit 0") -> None:
        program = self._programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def install_components(self) -> None:
        for jar in (
            "cloud-firestore-emulator/cloud-firestore-emulator.jar",
            "pubsub-emulator/lib/cloud-pubsub-emulator-1.2.3-all.jar",
        ):
            path = self.sdk / "platform" / jar
            path.parent.mkdir(parents=True)
            path.touch()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    caches = (google_emulators.missing, google_emulators._platform)
    for cache in caches:
        cache.cache_clear()
    yield made
    for cache in caches:
        cache.cache_clear()


def test_with_java_and_the_sdk_the_programs_run_without_gcloud(machine: Machine) -> None:
    machine.install("java")
    machine.install("gcloud", f"echo {machine.sdk}")
    machine.install_components()
    assert missing() == ()
    firestore, pubsub = firestore_command(7, machine.snapshots), pubsub_command(8)
    assert firestore[0] == pubsub[0] == "java"
    assert str(machine.sdk / "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar") in firestore
    assert firestore[-4:] == ("--host", "127.0.0.1", "--port", "7")
    assert pubsub[-2:] == ("--host=127.0.0.1", "--port=8")
    assert any(word.endswith("cloud-pubsub-emulator-1.2.3-all.jar") for word in pubsub)
    assert container_clean_up("pubsub", 8) == ()
    export = machine.snapshots / "000001" / "firestore" / "metadata"
    assert firestore_import(machine.snapshots, export) == ("--seed_from_export", str(export))
    assert firestore_export_folder(7, machine.snapshots) == machine.snapshots
    fetch_firestore_export(7, machine.snapshots, machine.snapshots)


def test_without_anything_it_says_what_to_install(machine: Machine) -> None:
    with pytest.raises(CannotStartError) as refused:
        firestore_command(7, machine.snapshots)
    for wanted in ("Java 11", "docs/install", "gcloud components install", "Docker"):
        assert wanted in str(refused.value)


def test_what_is_there_is_not_asked_for(machine: Machine) -> None:
    machine.install("java")
    machine.install("gcloud", f"echo {machine.sdk}")
    assert missing() == (google_emulators.INSTALL_COMPONENTS,)
    machine.install("java", "exit 1")  # as on macOS, where it only tells to install one
    missing.cache_clear()
    assert google_emulators.INSTALL_JAVA in missing()


def test_docker_takes_over_where_it_runs(machine: Machine) -> None:
    machine.install("docker", '[ "$1" = info ]')
    command = pubsub_command(8)
    assert command[:3] == ("docker", "run", "--rm")
    assert google_emulators.IMAGE in command
    assert container_clean_up("pubsub", 8) == ("docker", "rm", "--force", "reelgate-pubsub-8")
    if sys.platform == "linux":
        assert command[-2] == "--host-port=127.0.0.1:8"


def test_books_go_into_a_container_and_out_of_it(machine: Machine, tmp_path: Path) -> None:
    machine.install(
        "docker", f'echo "$*" >> {tmp_path}/said; [ "$1" != cp ] || [ "$3" != {tmp_path}/full ] || {{ echo no >&2; exit 1; }}'
    )
    command = firestore_command(7, machine.snapshots)
    assert command[command.index("--volume") + 1] == f"{machine.snapshots}:/snapshots:ro"
    assert command.index("--volume") < command.index(google_emulators.IMAGE)
    export = machine.snapshots / "000001" / "firestore" / "metadata"
    assert firestore_import(machine.snapshots, export) == ("--import-data=/snapshots/000001/firestore/metadata",)
    inside = firestore_export_folder(7, tmp_path)
    fetch_firestore_export(7, inside / "firestore", tmp_path)
    said = (tmp_path / "said").read_text()
    assert f"exec reelgate-firestore-7 sh -c rm -rf {inside} && mkdir {inside}" in said
    assert f"cp reelgate-firestore-7:{inside}/firestore {tmp_path}" in said
    with pytest.raises(OSError, match="docker cp: no"):
        fetch_firestore_export(7, inside / "firestore", tmp_path / "full")


def test_a_docker_client_without_an_engine_is_no_help(machine: Machine) -> None:
    machine.install("docker", "exit 1")
    with pytest.raises(CannotStartError, match="start a Docker engine"):
        pubsub_command(8)
