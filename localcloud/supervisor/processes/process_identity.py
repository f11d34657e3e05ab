"""Identifies a recorded process: a pid is reused, a pid together with a start time is not."""

import os
import subprocess
from pathlib import Path


def started_at(pid: int) -> str | None:
    """Return the start time of process `pid` as the system writes it, or None if there is none (or only a zombie).

    Linux has it in /proc/PID/stat, field 22, in clock ticks since boot (proc(5)); elsewhere `ps` is asked.
    """
    stat = Path(f"/proc/{pid}/stat")
    try:
        # The name in field 2 may hold spaces and brackets: count from its closing one.
        fields = stat.read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else _asked_of_ps(pid)
    except ProcessLookupError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def is_running(pid: int, start: str | None) -> bool:
    """Return whether `pid` still is the process that started at `start`."""
    return start is not None and started_at(pid) == start


def has_orphans(group: int, start: str | None) -> bool:
    """Return whether a process group whose leader (started at `start`) is gone still has members, such as a server's workers.

    A group's id is not reused while it has members, and its members are younger than its leader. Known on Linux only.
    """
    if start is None or started_at(group) is not None:
        return False
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] not in "ZX" and int(fields[2]) == group and int(fields[19]) >= int(start):
            return True
    return False


def signal_group(pid: int, start: str | None, number: int) -> bool:
    """Send a signal to what is left of the group that process `pid`, started at `start`, led. Returns whether there was any."""
    if not is_running(pid, start) and not has_orphans(pid, start):
        return False
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return False
    return True


def _asked_of_ps(pid: int) -> str | None:
    found = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, start = found.stdout.strip().partition(" ")
    return None if not start or state.startswith("Z") else start.strip()
