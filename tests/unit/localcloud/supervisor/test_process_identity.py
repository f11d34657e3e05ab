import os
import select
import signal
import subprocess
import sys

import pytest

from localcloud.supervisor.processes.process_identity import has_orphans, is_running, signal_group, started_at

SLEEP = (sys.executable, "-c", "input()")


def test_a_process_is_running_until_it_ended_even_if_nobody_waited_for_it() -> None:
    process = subprocess.Popen(SLEEP, stdin=subprocess.PIPE, start_new_session=True)
    start = started_at(process.pid)
    assert is_running(process.pid, start)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_running(process.pid, start)
    process.communicate()
    assert not is_running(process.pid, start)


def test_another_process_with_the_recorded_pid_gets_no_signal() -> None:
    process = subprocess.Popen(SLEEP, stdin=subprocess.PIPE, start_new_session=True)
    assert not signal_group(process.pid, "1", signal.SIGKILL)
    assert not signal_group(process.pid, None, signal.SIGKILL)
    process.communicate(b"\n")
    assert process.returncode == 0  # it ended by itself, as it was asked to


def test_the_recorded_process_gets_the_signal() -> None:
    process = subprocess.Popen(SLEEP, stdin=subprocess.PIPE, start_new_session=True)
    assert signal_group(process.pid, started_at(process.pid), signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the members of a group")
def test_members_whose_leader_is_gone_are_ended_too() -> None:
    member = "import time; print(flush=True); time.sleep(600)"
    child = f"import subprocess, sys; print(subprocess.Popen((sys.executable, '-c', {member!r})).pid, flush=True); input()"
    leader = subprocess.Popen(
        (sys.executable, "-c", child), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert leader.stdout
    # Its output ends before a process does, so that says nothing of it. A pidfd does (pidfd_open(2)).
    ended = os.pidfd_open(int(leader.stdout.readline()))
    try:
        leader.stdout.readline()
        start = started_at(leader.pid)
        leader.kill()
        leader.wait()
        assert has_orphans(leader.pid, start)
        assert not has_orphans(leader.pid, str(2**62))
        assert signal_group(leader.pid, start, signal.SIGKILL)
        assert select.select([ended], [], [], 60)[0]
        assert not has_orphans(leader.pid, start)
    finally:
        os.close(ended)
        leader.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="names with brackets are a matter of /proc/PID/stat")
def test_a_program_name_with_brackets_and_spaces_does_not_shift_the_fields() -> None:
    rename = "import ctypes; ctypes.CDLL(None).prctl(15, b'a) R 1 (b', 0, 0, 0); print(flush=True); input()"
    plain = subprocess.Popen(SLEEP, stdin=subprocess.PIPE)
    odd = subprocess.Popen((sys.executable, "-c", rename), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert odd.stdout
        odd.stdout.readline()
        assert int(started_at(odd.pid) or "") >= int(started_at(plain.pid) or "") > 0
    finally:
        for process in (plain, odd):
            process.kill()
            process.communicate()
