"""CPU time is read as proc_pid_stat(5) describes it, of a process with all that descend from it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.processes import Process, all_processes, parse_stat, tree_seconds

TICKS = os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("program", ["python", "a (strange) name", ") 1 2"])
def test_a_line_of_stat(program: str) -> None:
    fields = ["S", "41", *("0" for _ in range(9)), *(str(n * TICKS) for n in (1, 2, 4, 8)), "20", "0"]
    assert parse_stat(f"42 ({program}) {' '.join(fields)}\n") == Process(parent=41, seconds=15.0)


def test_a_tree_is_the_process_and_its_descendants() -> None:
    processes = {1: Process(0, 100.0), 10: Process(1, 1.0), 11: Process(10, 2.0), 12: Process(11, 4.0), 20: Process(1, 8.0)}
    assert tree_seconds(10, processes) == 7.0
    assert tree_seconds(99, processes) == 0.0


def test_a_child_that_worked_counts_before_and_after_its_end() -> None:
    work = "import sys, time\nwhile time.process_time() < 0.1: pass\nprint('done', flush=True); sys.stdin.read()"
    before = tree_seconds(os.getpid())
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"done\n"
        assert all_processes()[child.pid].parent == os.getpid()
        while_it_runs = tree_seconds(os.getpid())
    assert while_it_runs - before >= 0.05
    assert tree_seconds(os.getpid()) - before >= 0.05
