"""up and down: starts a local cloud in the foreground or in the background, and stops it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from localcloud.supervisor.commands.announcement import announce
from localcloud.supervisor.commands.command_line import command_of
from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.npm_packages import install
from localcloud.supervisor.polling import wait_for
from localcloud.supervisor.ports import FUNCTIONS, OFFSETS, require_free
from localcloud.supervisor.processes.left_over import end_left_over, left_over
from localcloud.supervisor.processes.log_tail import last_lines
from localcloud.supervisor.processes.process_identity import is_running
from localcloud.supervisor.services.clients import build_if_possible
from localcloud.supervisor.services.factory import NODE_MODULES, ServiceFactory
from localcloud.supervisor.services.product import check_settings
from localcloud.supervisor.services.snapshots import Snapshots, local_time
from localcloud.supervisor.services.watch_assets import fetch
from localcloud.supervisor.state.folder import KEPT_IN_STATE_FOLDER, ROOT, CloudRecord, StateFolder
from localcloud.supervisor.state.locks import AlreadyHeldError, held
from localcloud.supervisor.supervisor import Supervisor

STOP_TIMEOUT_SECONDS = 60  # most of it for saving
START_TIMEOUT_SECONDS = 240


def run_in_foreground(
    state: StateFolder, names: tuple[str, ...] = tuple(OFFSETS), *, temporary: bool = False, detached: bool = False
) -> int:
    """Run the local cloud until SIGINT or SIGTERM; a temporary one does not save users and books.

    A detached one is the child of `run_in_background`, without a terminal to press Ctrl-C in.

    Returns the exit code. Raises CannotStartError.
    """
    require_developer_machine()
    state.create()
    try:
        with held(state.lock, wait=False):
            # Processes that a killed supervisor left running would keep their ports.
            if end_left_over(state):
                _require_gone(state)
                print("Ended processes that an earlier run here left behind when it was killed.", flush=True)
            if not detached:  # else the parent has, and has said what there is to say
                _install(names)
            require_free(names, state.base_port)
            snapshots = None if temporary else Snapshots(state, say)
            factory = ServiceFactory(state, os.environ, snapshots)
            services = factory.make(names)
            if function := next((service for service in services if service.name in FUNCTIONS), None):
                check_settings(function.env)  # once for all functions: they have the same settings
            if snapshots:
                print("".join(f"{line}\n" for line in resumption(snapshots, state)), end="", flush=True)
                snapshots.begin()
            print(f"Starting {len(services)} processes; their logs: {state.path / 'logs'}", flush=True)

            def on_ready(seconds: float) -> None:
                announce(state, factory.settings["REELGATE_MEDIA_BUCKET"], names, seconds, detached=detached)

            asyncio.run(Supervisor(services, state, say, snapshots).run(on_ready))
            print("Stopped.", flush=True)
            return 0
    except AlreadyHeldError:
        raise CannotStartError(
            f"A local cloud is running on port {state.base_port} already: {command_of(state, 'status')}"
        ) from None


def _install(names: Iterable[str]) -> None:
    """Install the packages of Node that these processes need, for the first of all starts. Raises CannotStartError."""
    if "auth" in names:
        install(ROOT / "localcloud" / "auth", NODE_MODULES, purpose="the Firebase Auth emulator")
    if "stream_url" in names:
        fetch()
    if "console" in names:
        build_if_possible()


def _require_gone(state: StateFolder) -> None:
    if hanging := left_over(state):
        raise CannotStartError(
            f"Processes of the last run here, which was killed, do not end: {', '.join(map(str, hanging))}. "
            "They have been sent SIGKILL but are blocked in the kernel. Try again when they are gone."
        )


def resumption(snapshots: Snapshots, state: StateFolder) -> list[str]:
    """Return lines for the user about which users and books this start restores."""
    when = local_time(snapshots.taken_at()) if snapshots.newest() else None
    if not snapshots.are_unsaved:
        return [f"Users and books are those of {when}."] if when else []
    then = f"are those of {when}; later changes are lost." if when else "are lost, because no snapshot existed yet."
    return [
        f"The last run here ended without saving (killed, or the machine went down): users and books {then}",
        "The bucket still has its files, so books and bucket may differ. To list the differences, then to repair them (this",
        "removes files that are not in the books, and videos that have no file):",
        f'  eval "$({command_of(state, "env")})"',
        "  .venv/bin/python -m ops bucket --grace 0",
        "  .venv/bin/python -m ops bucket --grace 0 --repair --give-up-missing",
        f"or start from scratch: {command_of(state, 'down --erase')}",
    ]


def erase(state: StateFolder) -> None:
    """Remove everything that the local cloud of this state folder stores, and nothing else there.

    Raises:
        CannotStartError: it is running again.
    """
    if not state.path.exists():
        return
    try:
        with held(state.lock, wait=False):
            for name in KEPT_IN_STATE_FOLDER:
                path = state.path / name
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
    except AlreadyHeldError:
        raise CannotStartError(f"A local cloud is running on port {state.base_port}: nothing was erased.") from None


# Supervisors that this process started: if it also stops them (tests, `demo`), it is their parent and has to reap them.
_started: list[subprocess.Popen[bytes]] = []


def run_in_background(state: StateFolder, names: tuple[str, ...] = tuple(OFFSETS), *, temporary: bool = False) -> int:
    """Start the local cloud and return once everything answers; a temporary one does not save users and books.

    Returns 0, or 1 if it does not answer. Raises CannotStartError.
    """
    require_developer_machine()
    if is_up(state):
        print(f"The local cloud on port {state.base_port} is already up.")
        return 0
    state.create()
    _install(names)
    log = state.log("supervisor")
    command = [sys.executable, "-m", "localcloud", "--port", str(state.base_port), "--state", str(state.path)]
    command += ["up", "--detached-child"]
    if names != tuple(OFFSETS):
        command += ["--only", ",".join(names)]
    if temporary:
        command.append("--temporary")
    with log.open("w") as output:
        supervisor = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _await_ready(supervisor, state, log)
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        raise
    _started.append(supervisor)
    print(log.read_text(), end="")
    return 0


def _await_ready(supervisor: subprocess.Popen[bytes], state: StateFolder, log: Path) -> None:
    def is_ready() -> bool:
        if supervisor.poll() is not None:
            raise CannotStartError("\n".join(last_lines(log, 40)) or f"The supervisor ended; its log {log} is empty.")
        record = state.read_record()
        return record is not None and record.pid == supervisor.pid and record.state == "ready"

    if not wait_for(is_ready, START_TIMEOUT_SECONDS):
        tail = "\n".join(last_lines(log, 40))
        raise CannotStartError(f"The local cloud was not ready within {START_TIMEOUT_SECONDS} s:\n{tail}")


def stop(state: StateFolder) -> bool:
    """End the local cloud of this state folder, and nothing else. Returns whether one was running."""
    record = state.read_record()
    if not record:
        return False
    was_running = is_running(record.pid, record.start)
    if was_running:
        os.kill(record.pid, signal.SIGTERM)
        if not wait_for(lambda: not is_running(record.pid, record.start), STOP_TIMEOUT_SECONDS, poll_seconds=0.05):
            os.kill(record.pid, signal.SIGKILL)
    for supervisor in _started:
        supervisor.poll()
    return _end_what_was_left(state) or was_running


def _end_what_was_left(state: StateFolder) -> bool:
    try:
        with held(state.lock, wait=False):
            return end_left_over(state)
    except AlreadyHeldError:  # another `up` has started: the running processes are its own
        return False


def is_up(state: StateFolder) -> bool:
    """Return whether everything of this local cloud has been started and answered."""
    record = running_record(state)
    return record is not None and record.state == "ready"


def running_record(state: StateFolder) -> CloudRecord | None:
    """Return the record of the running supervisor, or None if there is none."""
    record = state.read_record()
    return record if record and is_running(record.pid, record.start) else None


def require_developer_machine() -> None:
    """Raises CannotStartError on Cloud Run, where unsigned tokens must not be accepted."""
    if os.environ.get("K_SERVICE"):
        raise CannotStartError("K_SERVICE is set: this is Google Cloud. The local cloud is for developers' machines only.")


def say(text: str) -> None:
    """Print a message for the user who runs the supervisor."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
