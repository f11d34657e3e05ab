"""Google's Firestore and Pub/Sub emulators: their programs started with Java itself, or their Docker image.

`gcloud emulators ... start` wraps the same programs in two more processes, which takes seconds and leaves the Java process
behind when the wrapper is killed.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.loopback import HOST

IMAGE = "google/cloud-sdk:emulators"
SNAPSHOTS_IN_CONTAINER = "/snapshots"
JVM = ("java", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Duser.language=en")
INSTALL_JAVA = "Java 11 or newer: apt-get install default-jre-headless, brew install openjdk, or https://adoptium.net"
INSTALL_GCLOUD = "Google Cloud CLI: https://cloud.google.com/sdk/docs/install"
INSTALL_COMPONENTS = (
    "Google's emulators: gcloud components install cloud-firestore-emulator pubsub-emulator\n"
    "    (or apt-get install google-cloud-cli-firestore-emulator google-cloud-cli-pubsub-emulator)"
)


def firestore_command(port: int, snapshots: Path) -> tuple[str, ...]:
    """Return the command of the Firestore emulator, which can read the folder `snapshots`. Raises CannotStartError."""
    if problems := missing():
        return _container("firestore", port, problems, "--volume", f"{snapshots}:{SNAPSHOTS_IN_CONTAINER}:ro")
    jar = _platform() / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
    program = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
    return (*JVM, "-cp", str(jar), program, "start", "--host", HOST, "--port", str(port))


def firestore_import(snapshots: Path, metadata: Path) -> tuple[str, ...]:
    """Return the further arguments that make the Firestore emulator import an export under `snapshots`."""
    path = firestore_import_path(snapshots, metadata)
    return (f"--import-data={path}",) if missing() else ("--seed_from_export", path)


def firestore_import_path(snapshots: Path, metadata: Path) -> str:
    """Return where the Firestore emulator sees the description of an export under `snapshots`."""
    return f"{SNAPSHOTS_IN_CONTAINER}/{metadata.relative_to(snapshots)}" if missing() else str(metadata)


def firestore_export_folder(port: int, folder: Path) -> Path:
    """Return the folder that the Firestore emulator must export to for `folder`: the same, or one in its container."""
    if not missing():
        return folder
    in_container = Path("/tmp/reelgate")  # noqa: S108  (inside the container)
    _docker("exec", _container_name("firestore", port), "sh", "-c", f"rm -rf {in_container} && mkdir {in_container}")
    return in_container


def fetch_firestore_export(port: int, exported: Path, folder: Path) -> None:
    """Copy an export from the emulator's container into `folder`; does nothing when Java runs it. Raises OSError."""
    if missing():
        _docker("cp", f"{_container_name('firestore', port)}:{exported}", str(folder))


def pubsub_command(port: int) -> tuple[str, ...]:
    """Return the command of the Pub/Sub emulator. Raises CannotStartError."""
    if problems := missing():
        return _container("pubsub", port, problems)
    return (*JVM, "-jar", str(_pubsub_jar()), f"--host={HOST}", f"--port={port}")


def container_clean_up(kind: str, port: int) -> tuple[str, ...]:
    """Return the command that removes the container of an emulator, empty when Java runs it."""
    return ("docker", "rm", "--force", _container_name(kind, port)) if missing() else ()


@cache
def missing() -> tuple[str, ...]:
    """Return what must be installed to run the emulators with Java; nothing if all is there."""
    problems = []
    if not _works("java", "-version"):
        problems.append(INSTALL_JAVA)
    if not shutil.which("gcloud"):
        problems += [INSTALL_GCLOUD, INSTALL_COMPONENTS]
    elif not (_platform() / "cloud-firestore-emulator").is_dir() or not _pubsub_jar():
        problems.append(INSTALL_COMPONENTS)
    return tuple(problems)


@cache
def _platform() -> Path:
    """Return the folder of the SDK's programs. `gcloud` often is a link into the SDK; asking it takes a second."""
    program = shutil.which("gcloud") or "gcloud"
    beside = Path(os.path.realpath(program)).parent.parent / "platform"
    if beside.is_dir():
        return beside
    asked = subprocess.run(
        [program, "info", "--format=value(installation.sdk_root)"], capture_output=True, text=True, check=False
    )
    return Path(asked.stdout.strip()) / "platform"


def _pubsub_jar() -> Path | None:
    return next(iter(sorted(_platform().glob("pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"))), None)


def _container(kind: str, port: int, problems: tuple[str, ...], *options: str) -> tuple[str, ...]:
    if not _works("docker", "info"):
        to_install = "\n  - ".join(problems)
        raise CannotStartError(
            f"Google's Firestore and Pub/Sub emulators cannot start. Please install\n  - {to_install}\n"
            f"or start a Docker engine: then the image {IMAGE} is used."
        )
    run = ("docker", "run", "--rm", "--init", "--name", _container_name(kind, port))
    if sys.platform == "linux":
        # The host's network, so that Pub/Sub can push to functions, which listen on the loopback interface alone.
        network, host = ("--network", "host"), HOST
    else:
        network, host = ("--publish", f"{HOST}:{port}:{port}"), "0.0.0.0"  # noqa: S104  (inside the container)
    return (
        *run,
        *network,
        *options,
        IMAGE,
        "gcloud",
        "beta",
        "emulators",
        kind,
        "start",
        f"--host-port={host}:{port}",
        "--quiet",
    )


def _container_name(kind: str, port: int) -> str:
    return f"reelgate-{kind}-{port}"


def _docker(*arguments: str) -> None:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"docker {arguments[0]}: {done.stderr.strip()}")


def _works(*command: str) -> bool:
    """Return whether a program exists and runs: macOS has a `java` that only prints how to install one."""
    if not shutil.which(command[0]):
        return False
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
