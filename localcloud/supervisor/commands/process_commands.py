"""status, logs, kill and restart: inspecting a running local cloud and restarting its processes."""

import signal
import sys
import time

from localcloud.supervisor.commands.command_line import command_of, not_running
from localcloud.supervisor.commands.start_stop import running_record
from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.polling import wait_for
from localcloud.supervisor.processes.left_over import left_over
from localcloud.supervisor.processes.log_tail import follow, last_lines
from localcloud.supervisor.processes.process_identity import is_running, signal_group
from localcloud.supervisor.services.snapshots import SAVED, SnapshotError, Snapshots, local_time
from localcloud.supervisor.state.folder import ProcessRecord, StateFolder

RESTART_TIMEOUT_SECONDS = 60
POLITE_SECONDS = 8
# What is lost when a process ends, because it is not saved.
IN_MEMORY = {
    "pubsub": "Messages that were not yet delivered",
    "mail": "The mails and webhooks that it had received",
    "scheduler": "Jobs other than those that it starts with",
}


def show_status(state: StateFolder) -> int:
    """Print a line per process. Returns 0 if all are ready, 1 if not, 3 if the cloud is not running."""
    record = running_record(state)
    if not record:
        print(not_running(state))
        if left := left_over(state):
            print(
                f"Its supervisor was killed and left running: {', '.join(map(str, left))}. The next 'up' or 'down' ends them."
            )
        return 3
    print(f"supervisor pid {record.pid}: {record.state}")
    print(f"{'name':<12} {'pid':>8} {'port':>6} {'ready':<6} {'uptime':>9} {'restarts':>8}")
    for name, process in record.processes.items():
        uptime = f"{time.time() - process.started_unix:.0f} s" if process.pid else "-"
        ready = "yes" if _is_ready(process) else "no"
        print(f"{name:<12} {process.pid or '-':>8} {process.port:>6} {ready:<6} {uptime:>9} {process.restarts:>8}")
    return 0 if all(_is_ready(process) for process in record.processes.values()) else 1


def show_logs(state: StateFolder, name: str | None, *, following: bool, count: int = 200) -> int:
    """Print the end of one log or of all; `following` also prints new lines until interrupted."""
    logs = {log.stem: log for log in sorted((state.path / "logs").glob("*.log")) if name in (None, log.stem)}
    if not logs:
        raise CannotStartError(_no_logs(state, name))
    for shown, log in logs.items():
        for line in last_lines(log, count if name else count // 10):
            print(line if name else f"{shown:<12} {line}")
    if following:
        sys.stdout.flush()
        try:
            for shown, line in follow(logs):
                print(line if name else f"{shown:<12} {line}", flush=True)
        except KeyboardInterrupt:
            pass
    return 0


def kill(state: StateFolder, name: str) -> int:
    """Kill a process and its group with SIGKILL; the supervisor starts it again. Returns 0."""
    process = _process(state, name)
    signal_group(process.pid or 0, process.start, signal.SIGKILL)
    print(f"{name} (pid {process.pid}) killed; the supervisor starts it again.")
    print("".join(f"{line}\n" for line in lost_with(state, name)), end="")
    return 0


def lost_with(state: StateFolder, name: str) -> list[str]:
    """Return lines for the user about what is lost when the service `name` is killed."""
    if name in IN_MEMORY:
        return [f"{IN_MEMORY[name]} were in its memory and are lost."]
    if name not in SAVED:
        return []
    snapshots = Snapshots(state, print)
    what = {"firestore": "the books", "auth": "users and passwords"}[name]
    if not snapshots.are_unsaved:
        return [f"This local cloud saves nothing: {what} are lost."]
    newest = snapshots.newest()
    when = f"what was saved at {local_time(snapshots.taken_at())}" if newest else "no data, because nothing had been saved"
    lines = [f"It begins again with {when}. What came after that ({what}) is lost."]
    lines += ["The bucket and the other services keep their state, so they may differ from it. To list the differences:"]
    lines += [f'  eval "$({command_of(state, "env")})"', "  .venv/bin/python -m ops bucket --grace 0"]
    return lines


def restart(state: StateFolder, name: str) -> int:
    """End a process by SIGTERM, or by SIGKILL if it does not end, and return once its successor is ready.

    If it has just ended and is about to be started again, this only waits.
    Users or books that it holds are saved first.
    """
    process = _record_of(state, name)
    save(state, name)
    if process.pid:
        signal_group(process.pid, process.start, signal.SIGTERM)
    began = time.monotonic()

    def successor() -> ProcessRecord | None:
        is_late = time.monotonic() - began > POLITE_SECONDS
        if process.pid and is_late and is_running(process.pid, process.start):
            signal_group(process.pid, process.start, signal.SIGKILL)
        now = _record_of(state, name)
        return now if now.ready and now.pid != process.pid else None

    if ready := wait_for(successor, RESTART_TIMEOUT_SECONDS, poll_seconds=0.05):
        print(f"{name} is ready again (pid {ready.pid}).")
        return 0
    log = command_of(state, f"logs {name}")
    raise CannotStartError(f"{name} is not ready after {RESTART_TIMEOUT_SECONDS} s; its log: {log}")


def save(state: StateFolder, name: str) -> None:
    """Save users and books if `name` holds some of them in memory and this cloud keeps them. Raises CannotStartError."""
    snapshots = Snapshots(state, print)
    if name not in SAVED or not snapshots.are_unsaved:
        return
    record = running_record(state)
    ready = [saved for saved in SAVED if (process := (record and record.processes.get(saved))) and _is_ready(process)]
    if name in ready:
        try:
            snapshots.take(ready)
        except SnapshotError as error:
            raise CannotStartError(f"{name} was not restarted: {error}") from error


def _no_logs(state: StateFolder, name: str | None) -> str:
    there = sorted(log.stem for log in (state.path / "logs").glob("*.log"))
    if not there:
        return f"Nothing has run on port {state.base_port} yet, so there are no logs. Start it: {command_of(state, 'up')}"
    return f"There is no log {name}; there are: {', '.join(there)}."


def _process(state: StateFolder, name: str) -> ProcessRecord:
    process = _record_of(state, name)
    if not process.pid:
        raise CannotStartError(f"{name} has no process right now")
    return process


def _record_of(state: StateFolder, name: str) -> ProcessRecord:
    record = running_record(state)
    if not record:
        raise CannotStartError(not_running(state))
    if name not in record.processes:
        raise CannotStartError(f"{name} is none of: {', '.join(record.processes)}")
    return record.processes[name]


def _is_ready(process: ProcessRecord) -> bool:
    return process.ready and is_running(process.pid or 0, process.start)
