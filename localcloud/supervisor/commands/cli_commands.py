"""The commands token, user, env, demo, books, watch-assets, clients and test."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from localcloud.auth.accounts import AuthEmulatorError, account_with_password, fresh_id_token
from localcloud.supervisor.commands.command_line import not_running, why_no_answer
from localcloud.supervisor.commands.start_stop import is_up, require_developer_machine, run_in_background, running_record, stop
from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.ports import find_free_base, is_free, is_usable, port_of
from localcloud.supervisor.services import clients
from localcloud.supervisor.services.environment import DEFAULT_BUCKET, PROJECT, client_environment, export_lines
from localcloud.supervisor.services.product import CONSOLE_PAGE
from localcloud.supervisor.services.watch_assets import fetch
from localcloud.supervisor.state.folder import ROOT, StateFolder

RINGS = ("tests/unit", "tests/contract", "tests/integration", "tests/e2e", "tests/browser")
CHECKS = (
    ("ruff", "check", "."),
    ("mypy",),
    ("mypy", "--config-file", "localcloud/pyproject.toml"),
    ("mypy", "--config-file", "clients/python/pyproject.toml"),
    ("lint-imports",),
)
# One process per core; tests/conftest.py says which tests stay together. More than four only collect the same tests again.
IN_PARALLEL = ("-n", "auto", "--maxprocesses", "4")


def print_token(state: StateFolder, email: str, *, admin: bool) -> int:
    """Print a fresh ID token and nothing else. Raises CannotStartError if there is no Auth emulator or it refuses."""
    try:
        print(fresh_id_token(port_of("auth", state.base_port), PROJECT, email, admin=admin))
    except (OSError, http.client.HTTPException):
        raise CannotStartError(why_no_answer(state, "auth")) from None
    except AuthEmulatorError as error:
        raise CannotStartError(str(error)) from error
    return 0


def print_account(state: StateFolder, email: str, *, admin: bool) -> int:
    """Make an account that people sign in with, and print its new password. Raises CannotStartError as `print_token` does."""
    try:
        password = account_with_password(port_of("auth", state.base_port), PROJECT, email, admin=admin)
    except (OSError, http.client.HTTPException):
        raise CannotStartError(why_no_answer(state, "auth")) from None
    except AuthEmulatorError as error:
        raise CannotStartError(str(error)) from error
    url = environment_of(state)["REELGATE_URL"]
    print(f"Sign in at {url}/ with\n  e-mail    {email}\n  password  {password}")
    return 0


def environment_of(state: StateFolder) -> dict[str, str]:
    """Return the clients' variables of a local cloud."""
    try:
        bucket = json.loads((state.path / "config" / "storage.json").read_text())["buckets"][0]["name"]
    except FileNotFoundError:
        bucket = DEFAULT_BUCKET
    return client_environment(state.base_port, bucket)


def print_environment(state: StateFolder) -> int:
    """Print export lines, by which `./emulator.sh` and `python -m ops` find this cloud, too.

    Says on stderr when nothing runs there yet.
    """
    if not running_record(state):
        print(not_running(state), file=sys.stderr)
    print(export_lines({**environment_of(state), **_place_of(state)}))
    return 0


def demo(state: StateFolder) -> int:
    """Run the demo in the cloud of `state`, or in one of its own when that is not up; returns the demo's exit code."""
    require_developer_machine()
    if is_up(state):
        return _run_in(state, (sys.executable, "-m", "localcloud.demo"))
    with temporary_cloud(state.base_port) as temporary:
        return _run_in(temporary, (sys.executable, "-m", "localcloud.demo"))


def check_books(state: StateFolder, uids: Sequence[str]) -> int:
    """Compare the books with their ledgers; returns the exit code of `python -m ops books`.

    Raises CannotStartError if there is no Firestore emulator.
    """
    if is_free(port_of("firestore", state.base_port)):
        raise CannotStartError(why_no_answer(state, "firestore"))
    return _run_in(state, (sys.executable, "-m", "ops", "books", *uids))


def fetch_watch_assets() -> int:
    """Fetch the library that the watch page plays with, and say where it is. Raises CannotStartError."""
    print(f"The watch page has its library: {fetch().relative_to(ROOT)}")
    return 0


def build_clients() -> int:
    """Build all that browsers load, which a deployment needs, and say where it is. Raises CannotStartError."""
    fetch_watch_assets()
    done = "Built" if clients.build() else "Unchanged"
    print(f"{done}: clients/js/dist, and the web console in {CONSOLE_PAGE.parent.relative_to(ROOT)}")
    return 0


def test(arguments: Sequence[str]) -> int:
    """Run the checks, then pytest over all rings, or over the paths among `arguments`; returns the first bad exit code."""
    require_developer_machine()
    rings = rings_for(arguments)
    fetch()
    if rings:
        for name, *options in CHECKS:
            print(f"--- {name} {' '.join(options)}".rstrip(), flush=True)
            if code := subprocess.run([Path(sys.executable).parent / name, *options], cwd=ROOT, check=False).returncode:
                return code
    pytest = (sys.executable, "-m", "pytest", *(IN_PARALLEL if rings else ()), *rings, *arguments)
    if all(path.startswith("tests/unit") for path in rings or _paths(arguments)):
        return subprocess.run(pytest, cwd=ROOT, check=False).returncode
    with temporary_cloud() as state:
        return _run_in(state, pytest)


def rings_for(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the folders of tests to add to pytest's arguments: all rings, or none when those name paths themselves."""
    return () if _paths(arguments) else RINGS


def _paths(arguments: Sequence[str]) -> list[str]:
    return [argument for argument in arguments if (ROOT / argument.partition("::")[0]).exists()]


@contextmanager
def temporary_cloud(base_port: int | None = None) -> Iterator[StateFolder]:
    """A local cloud that leaves nothing behind, on the ports from `base_port` if they are free, else on other free ports."""
    # A signal to this process does not end the cloud: turn the signal into an exception, so that it is stopped below.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="reelgate-cloud-") as folder:
        state = StateFolder(base_port if base_port and is_usable(base_port) else find_free_base(), Path(folder))
        try:
            run_in_background(state, temporary=True)
            yield state
        finally:
            stop(state)


def environment_in(state: StateFolder) -> dict[str, str]:
    """Return this process's environment, completed so that programs and `./emulator.sh` reach that local cloud."""
    return {**os.environ, **environment_of(state), **_place_of(state)}


def _place_of(state: StateFolder) -> dict[str, str]:
    return {"REELGATE_PORT": str(state.base_port), "REELGATE_STATE": str(state.path.absolute())}


def _run_in(state: StateFolder, command: Sequence[str]) -> int:
    return subprocess.run(command, cwd=ROOT, env=environment_in(state), check=False).returncode
