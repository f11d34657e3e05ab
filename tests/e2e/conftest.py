"""The running system, reached over HTTP only. Uses the local cloud that the environment names, or starts one of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from localcloud.demo.video import make_video
from localcloud.supervisor.commands.cli_commands import environment_in, temporary_cloud
from tests.e2e.curl import Curl
from tests.e2e.own_function import own_function
from tests.e2e.people import Person, sign_up

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def cloud() -> Iterator[Mapping[str, str]]:
    """Return the local cloud's environment (`./emulator.sh env`)."""
    if os.environ.get("REELGATE_URL"):
        yield os.environ
        return
    with temporary_cloud() as state:
        yield environment_in(state)


@pytest.fixture
def person(cloud: Mapping[str, str]) -> Iterator[Person]:
    """A new user with an empty account."""
    with sign_up(cloud) as new:
        yield new


@pytest.fixture
def another(cloud: Mapping[str, str]) -> Iterator[Person]:
    """Somebody else."""
    with sign_up(cloud) as new:
        yield new


@pytest.fixture
def admin(cloud: Mapping[str, str]) -> Iterator[Person]:
    """A new user whose token carries the admin role."""
    with sign_up(cloud, role="admin") as new:
        yield new


@pytest.fixture
def anybody(cloud: Mapping[str, str]) -> Curl:
    """curl without a token."""
    return Curl(cloud["REELGATE_URL"])


@pytest.fixture
def curl(anybody: Curl, person: Person) -> Curl:
    """curl with the token of `person`."""
    return anybody.with_token(person.token)


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short real video with sound, named as in the older services' documents."""
    return make_video(tmp_path_factory.mktemp("video") / "video.mp4", seconds=2)


@pytest.fixture(scope="session")
def admins_only(cloud: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Origin of an `upload` that takes uploads from admins only; all else is as in the cloud."""
    home = tmp_path_factory.mktemp("upload")
    with own_function(cloud, "upload", home, REELGATE_UPLOAD_ROLES="admin") as origin:
        yield origin


@pytest.fixture(scope="session")
def emulator(cloud: Mapping[str, str]) -> Callable[..., str]:
    """Run `./emulator.sh ARGUMENTS` against the same local cloud and return what it printed."""

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(ROOT / "emulator.sh"), *arguments],
            env=dict(cloud),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout

    return run
