import os
import signal
import subprocess
import sys

import pytest

from emulator.supervisor.process_identity import has_orphans, is_running, signal_group, started_at

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
    try:
        assert not signal_group(process.pid, "1", signal.SIGKILL)
        assert not signal_group(process.pid, None, signal.SIGKILL)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        assert signal_group(process.pid, started_at(process.pid), signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the members of a group")
def test_members_whose_leader_is_gone_are_ended_too() -> None:
    child = "import subprocess, sys; subprocess.Popen((sys.executable, '-c', 'import time; print(flush=True); time.sleep(60)'))"
    leader = subprocess.Popen((sys.executable, "-c", child + "; input()"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              start_new_session=True)  # fmt: skip
    assert leader.stdout
    leader.stdout.readline()
    start = started_at(leader.pid)
    leader.kill()
    leader.wait(10)
    assert has_orphans(leader.pid, start)
    assert not has_orphans(leader.pid, str(2**62))
    assert signal_group(leader.pid, start, signal.SIGKILL)
    leader.communicate()  # ends when the last writer of its output has ended
    assert not has_orphans(leader.pid, start)


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
