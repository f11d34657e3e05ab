"""When the supervisor saves: now and then while it runs, and last of all, when nobody writes any more."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from localcloud.supervisor.ports import find_free_base
from localcloud.supervisor.processes.process_identity import is_running
from localcloud.supervisor.services.environment import base_environment
from localcloud.supervisor.services.service import Service
from localcloud.supervisor.services.snapshots import SnapshotError
from localcloud.supervisor.state.folder import StateFolder
from localcloud.supervisor.supervisor import Supervisor

SERVER = Path(__file__).with_name("server_process.py")


class Notes:
    """Notes what was asked of it, and what was running then; may refuse to save."""

    def __init__(self, state: StateFolder, stop_after: int, refuses: Callable[[int], bool] = lambda _: False) -> None:
        self.taken: list[tuple[set[str], set[str]]] = []
        self.ended = False
        self._state = state
        self._stop_after = stop_after
        self._refuses = refuses

    def take(self, names: Collection[str]) -> None:
        """Note the names, and have everything stop once there are enough."""
        record = self._state.read_record()
        assert record
        running = {name for name, process in record.processes.items() if is_running(process.pid or 0, process.start)}
        self.taken.append((set(names), running))
        if len(self.taken) == self._stop_after:
            os.kill(os.getpid(), signal.SIGTERM)
        if self._refuses(len(self.taken)):
            raise SnapshotError("the disk is full")

    def end(self) -> None:
        """Note that it is over."""
        self.ended = True


def run(notes: Notes, state: StateFolder) -> list[str]:
    """Run a supervisor over three small processes until `notes` stops it; returns what it said."""
    state.create()
    base, said = find_free_base(), list[str]()
    parts = [
        Service(
            name=name,
            command=(sys.executable, str(SERVER), str(base + n)),
            port=base + n,
            health_path="/",
            env=base_environment({}),
        )
        for n, name in enumerate(("upload", "auth", "firestore"))
    ]
    supervisor = Supervisor(parts, state, said.append, notes, save_seconds=0.3)
    asyncio.run(supervisor.run(lambda _: None))
    return said


def test_it_saves_now_and_then_and_at_the_end_when_nobody_writes(tmp_path: Path) -> None:
    state = StateFolder(1, tmp_path)
    notes = Notes(state, stop_after=3)
    assert run(notes, state) == []
    saved, running = notes.taken[-1]
    assert saved == running == {"auth", "firestore"}
    assert notes.taken[-2][1] == {"upload", "auth", "firestore"}
    assert len(notes.taken) > 3
    assert notes.ended


def test_a_save_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    state = StateFolder(1, tmp_path)
    notes = Notes(state, stop_after=2, refuses=lambda number: number == 1)
    assert run(notes, state) == ["the disk is full"]
    assert notes.ended


def test_a_last_save_that_fails_is_not_taken_for_one(tmp_path: Path) -> None:
    state = StateFolder(1, tmp_path)
    notes = Notes(state, stop_after=1, refuses=lambda number: number == 2)
    assert run(notes, state) == ["the disk is full"]
    assert not notes.ended
    record = state.read_record()
    assert record
    assert record.state == "stopped"
