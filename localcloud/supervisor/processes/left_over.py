"""Processes that a killed supervisor left running: found again, and ended."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from localcloud.supervisor.polling import wait_for
from localcloud.supervisor.processes.process_identity import is_running, signal_group
from localcloud.supervisor.state.folder import StateFolder

# Every process of a local cloud, and every process it starts, has the path of its log in this variable.
LOG_VARIABLE = "EMULATOR_LOG"
GONE_SECONDS = 10.0  # a process that is blocked in the kernel for longer is not waited for
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A process of the service `name` that outlived its supervisor."""

    name: str
    pid: int

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


def left_over(state: StateFolder) -> list[LeftOver]:
    """Return the processes of this state folder's local cloud. Call it only when their supervisor is gone.

    On Linux they are found by their recorded process group and by the log in their environment. The kernel ends a killed
    supervisor's children, but not theirs: a server's workers outlive it. Elsewhere only the recorded processes are found.
    """
    record = state.read_record()
    recorded = {
        process.pid: (name, process.start)
        for name, process in (record.processes if record else {}).items()
        if process.pid and process.start
    }
    if not (PROC / "self").exists():
        return [LeftOver(name, pid) for pid, (name, start) in recorded.items() if is_running(pid, start)]
    return sorted(_found(recorded, state.log("any").resolve().parent), key=lambda one: (one.name, one.pid))


def end_left_over(state: StateFolder) -> bool:
    """Kill the processes that a killed supervisor left running, and wait until they are gone. Returns whether there were any.

    A process that is blocked in the kernel for longer than `GONE_SECONDS` is still in `left_over` afterwards.
    """
    found = left_over(state)
    if not found:
        return False
    record = state.read_record()
    for process in record.processes.values() if record else ():
        if process.pid:
            signal_group(process.pid, process.start, signal.SIGKILL)

    def all_gone() -> bool:
        for one in (still := left_over(state)):
            with suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)
        return not still

    wait_for(all_gone, GONE_SECONDS, poll_seconds=0.02)
    return True


def _found(recorded: Mapping[int, tuple[str, str]], logs: Path) -> Iterator[LeftOver]:
    for process in PROC.glob("[0-9]*"):
        try:
            if process.stat().st_uid != os.getuid():
                continue
            # The name in field 2 may hold spaces and brackets: count from its closing one (proc(5)).
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            # A process whose first thread has ended keeps its files, and so its port, until the last one has.
            if fields[0] in "ZX" and len(list((process / "task").iterdir())) < 2:
                continue
            name = _by_group(recorded, int(fields[2]), int(fields[19])) or _by_log(process, logs)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if name:
            yield LeftOver(name, int(process.name))


def _by_group(recorded: Mapping[int, tuple[str, str]], group: int, start: int) -> str | None:
    """Return the service whose recorded process leads or led this group; its id is not reused while it has members."""
    name, leader_start = recorded.get(group, (None, ""))
    if name is None or start < int(leader_start):
        return None
    # Another program may have been given the pid since, and lead a group of its own.
    leader = _start_of(group)
    return name if leader in (None, leader_start) else None


def _start_of(pid: int) -> str | None:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return None


def _by_log(process: Path, logs: Path) -> str | None:
    """Return the service whose log, in this folder, the process has in its environment."""
    prefix = f"{LOG_VARIABLE}=".encode()
    for variable in (process / "environ").read_bytes().split(b"\0"):
        if variable.startswith(prefix):
            log = Path(os.fsdecode(variable.removeprefix(prefix)))
            return log.stem if log.parent == logs else None
    return None
