"""What the supervisor promises about processes, shown with real ones."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from localcloud.supervisor.commands import process_commands
from localcloud.supervisor.ports import is_free
from localcloud.supervisor.processes.left_over import LeftOver, end_left_over, left_over
from localcloud.supervisor.processes.process_identity import is_running, started_at
from localcloud.supervisor.state.folder import StateFolder
from tests.fixtures.eventually import eventually
from tests.integration.supervisor.conftest import SmallCloud


def worker_of(cloud: SmallCloud, name: str) -> int:
    words = cloud.state.log(name).read_text().split()
    return int(words[words.index("worker") + 1])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_nothing_not_even_who_ignores_sigterm(cloud: SmallCloud, how: int) -> None:
    supervisor = cloud.start(polite=[], stubborn=["ignore-term"], parent=["worker"])
    pids = {process.pid: process.start for process in cloud.ready().processes.values()}
    worker = worker_of(cloud, "parent")
    pids[worker] = started_at(worker)
    assert all(is_running(pid or 0, start) for pid, start in pids.items())
    supervisor.send_signal(how)
    assert supervisor.wait(120) == 0
    assert not any(is_running(pid or 0, start) for pid, start in pids.items())
    assert cloud.record().state == "stopped"


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_supervisor_takes_its_processes_along(cloud: SmallCloud) -> None:
    supervisor = cloud.start(polite=[], stubborn=["ignore-term"])
    assert cloud.ready()
    assert cloud.running() == ["polite", "stubborn"]
    supervisor.kill()
    supervisor.wait()
    eventually(lambda: not cloud.running())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's group and environment")
@pytest.mark.parametrize("habit", ["heir", "stray-heir"])
def test_what_a_killed_supervisor_leaves_is_told_and_ended(
    cloud: SmallCloud, habit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = cloud.start(polite=[], parent=[habit])
    assert cloud.ready()
    worker = eventually(lambda: "worker" in cloud.state.log("parent").read_text() and worker_of(cloud, "parent"))
    supervisor.kill()
    supervisor.wait()
    eventually(lambda: not cloud.running())
    assert not is_free(cloud.base_port + 1)
    assert left_over(cloud.state) == [LeftOver("parent", worker)]
    assert process_commands.show_status(cloud.state) == 3
    assert f"left running: parent (pid {worker})" in capsys.readouterr().out
    assert end_left_over(cloud.state)
    assert is_free(cloud.base_port + 1)
    assert not left_over(cloud.state)
    assert not end_left_over(cloud.state)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's group and environment")
def test_another_cloud_s_processes_are_no_left_overs(cloud: SmallCloud, tmp_path: Path) -> None:
    cloud.start(parent=["heir"])
    record = cloud.ready()
    other = StateFolder(2, tmp_path / "other")
    other.create()
    # The pid has been given to another program since: it started at another time than was recorded.
    record.processes["parent"].start = "1"
    other.write_record(record)
    assert not left_over(other)
    assert not end_left_over(other)
    assert cloud.running() == ["parent"]


def test_a_process_that_dies_is_named_with_its_last_words_and_started_again(cloud: SmallCloud) -> None:
    cloud.start(steady=[], mortal=[])
    before = cloud.ready()
    with cloud.state.log("mortal").open("a") as log:
        log.write("the last words\n")
    os.killpg(before.processes["mortal"].pid or 0, signal.SIGKILL)
    after = eventually(lambda: cloud.record().processes["mortal"].restarts == 1 and cloud.record())
    eventually(lambda: cloud.record().processes["mortal"].ready)
    assert after.processes["steady"].pid == before.processes["steady"].pid
    assert f"mortal (pid {before.processes['mortal'].pid}) ended with SIGKILL" in cloud.said()
    assert "| the last words" in cloud.said()
    with socket.create_connection(("127.0.0.1", cloud.base_port + 1), timeout=5):
        pass


def test_a_first_start_that_fails_once_does_not_matter(cloud: SmallCloud) -> None:
    cloud.start(nervous=["dies-once", str(cloud.state.path / "mark")])
    assert cloud.ready().processes["nervous"].restarts == 1
    assert "oh no, the first start failed" in cloud.said()


def test_a_process_that_never_starts_ends_everything_with_a_reason(cloud: SmallCloud) -> None:
    supervisor = cloud.start(steady=[], hopeless=["never"])
    assert supervisor.wait(120) == 1
    assert "hopeless" in cloud.said()
    assert "it was never meant to be" in cloud.said()
    assert cloud.record().state == "failed"
    assert cloud.running() == []


def test_status_tells_ready_only_while_the_process_lives(cloud: SmallCloud) -> None:
    cloud.start(mortal=[])
    record = cloud.ready().processes["mortal"]
    assert record.ready
    os.killpg(record.pid or 0, signal.SIGKILL)
    eventually(lambda: cloud.record().processes["mortal"].pid != record.pid)
    eventually(lambda: cloud.record().processes["mortal"].ready)


def test_a_restart_waits_for_who_has_just_died(cloud: SmallCloud) -> None:
    cloud.start(mortal=[])
    before = cloud.ready().processes["mortal"].pid or 0
    os.killpg(before, signal.SIGKILL)
    eventually(lambda: not cloud.record().processes["mortal"].pid)
    assert process_commands.restart(cloud.state, "mortal") == 0
    after = cloud.record().processes["mortal"]
    assert after.ready
    assert after.pid != before
