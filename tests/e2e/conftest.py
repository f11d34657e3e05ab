"""The running system, reached over HTTP only. Uses the local cloud that the environment names, or starts one of its own."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.people import Person, sign_up

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = {"REELGATE_UPLOAD_URL_SECONDS": "3600"}


@pytest.fixture(scope="session")
def cloud() -> Iterator[Mapping[str, str]]:
    """Return the local cloud's environment (`./emulator.sh env`)."""
    if os.environ.get("REELGATE_URL"):
        yield os.environ
        return
    command = [str(ROOT / "emulator.sh")]
    env = {**os.environ, **SETTINGS, "REELGATE_PORT": str(_free_base())}
    subprocess.run([*command, "up", "--detach"], env=env, check=True, stdin=subprocess.DEVNULL)
    try:
        shown = subprocess.run([*command, "env"], env=env, check=True, capture_output=True, text=True).stdout
        lines = [shlex.split(line)[1] for line in shown.splitlines() if line.startswith("export ")]
        yield {**env, **dict(line.split("=", 1) for line in lines)}
    finally:
        subprocess.run([*command, "down"], env=env, check=True, stdin=subprocess.DEVNULL)


def _free_base() -> int:
    """Return a port with 29 free ones after it, as far as one can see now."""
    for base in range(20_000, 30_000, 40):
        try:
            for port in range(base, base + 30):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise RuntimeError("no free ports")


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
