"""Starting a process in a group of its own and ending the whole group, even if its members ignore signals."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from localcloud.supervisor.processes.left_over import GONE_SECONDS, LOG_VARIABLE
from localcloud.supervisor.processes.process_identity import has_orphans
from localcloud.supervisor.services.service import Service
from localcloud.supervisor.state.folder import ROOT

PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


async def launch(service: Service, log: Path) -> asyncio.subprocess.Process:
    """Start the process in its own session, its output appended to `log`. Raises OSError if it cannot be executed."""
    with log.open("ab") as output:
        output.write(f"--- {service.name} started {time.strftime('%Y-%m-%dT%H:%M:%S%z')}\n".encode())
        output.flush()
        return await asyncio.create_subprocess_exec(
            *service.command,
            *service.further_arguments(),
            cwd=ROOT,
            env=_environment(service, log),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_dies_with(os.getpid()),
        )


def _environment(service: Service, log: Path) -> dict[str, str]:
    """Return the service's variables, plus the one that identifies its processes if their supervisor is killed."""
    return {**service.env, LOG_VARIABLE: str(log.resolve())}


def _dies_with(parent: int) -> Callable[[], None] | None:
    """Have Linux kill the child, not the child's children, when its parent ends, even by SIGKILL; see `left_over`."""
    if _libc is None:
        return None
    libc = _libc

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return ask


async def end_group(process: asyncio.subprocess.Process, start: str | None, grace_seconds: float) -> None:
    """Ask the process's group to end, kill what is left of it after `grace_seconds`, and wait until all of it is gone.

    Args:
        start: when the process started (`started_at`), by which its group is known once it is gone itself.
    """
    try:
        if process.returncode is None:
            _signal(process.pid, signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), grace_seconds)
    finally:
        # The leader may be gone while members of its group (a server's workers) are not.
        _signal(process.pid, signal.SIGKILL)
    await process.wait()
    # A killed process that is not our child ends a little later (much later on a busy machine) and keeps its port until then.
    give_up_at = time.monotonic() + GONE_SECONDS
    while has_orphans(process.pid, start) and time.monotonic() < give_up_at:  # noqa: ASYNC110  (processes: nothing to await)
        await asyncio.sleep(0.02)


def _signal(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS raises EPERM for a group that has only zombies
        os.killpg(group, number)


def how_it_ended(returncode: int) -> str:
    """Return an exit code as text: 'code 1' or 'SIGKILL'."""
    return signal.Signals(-returncode).name if returncode < 0 else f"code {returncode}"
