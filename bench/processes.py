"""What processes have used of the processors, from /proc (proc_pid_stat(5)). Linux only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """A process as it was a moment ago. `seconds` is its CPU time, user and system, with that of children that have ended."""

    parent: int
    seconds: float


def parse_stat(line: str) -> Process:
    """Return what a line of /proc/PID/stat says. The program's name, in parentheses, may contain spaces and parentheses."""
    cells = line.rpartition(")")[2].split()
    return Process(parent=int(cells[1]), seconds=sum(map(int, cells[11:15])) / _TICKS_PER_SECOND)


def all_processes() -> dict[int, Process]:
    """Return all processes by their id."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(stat.parent.name)] = parse_stat(stat.read_text(encoding="utf-8", errors="replace"))
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return found


def tree_seconds(root: int, processes: Mapping[int, Process] | None = None) -> float:
    """Return the CPU seconds of a process and of all that descend from it. `processes` is a snapshot; by default, a new one."""
    known = all_processes() if processes is None else processes
    tree, seconds = [root], 0.0
    while tree:
        pid = tree.pop()
        if pid in known:
            seconds += known[pid].seconds
        tree += [child for child, process in known.items() if process.parent == pid]
    return seconds
