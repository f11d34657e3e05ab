"""Supervisors over small real processes."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from localcloud.supervisor.ports import find_free_base
from localcloud.supervisor.processes.process_identity import is_running
from localcloud.supervisor.state.folder import ROOT, CloudRecord, StateFolder
from tests.fixtures.eventually import eventually

CLOUD = Path(__file__).with_name("cloud_process.py")


class SmallCloud:
    """A supervisor process and what it says."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(1, folder)
        self.base_port = find_free_base()
        self._said = folder / "said"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **habits: list[str]) -> subprocess.Popen[bytes]:
        """Start a supervisor over one server per name; returns its process."""
        servers = {name: [self.base_port + number, *words] for number, (name, words) in enumerate(habits.items())}
        command = [sys.executable, str(CLOUD), str(self.state.path), json.dumps(servers)]
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=said, stderr=said)
        return self.process

    def said(self) -> str:
        return self._said.read_text()

    def record(self) -> CloudRecord:
        """Return the record of this supervisor, once it has written one."""

        def mine() -> CloudRecord | None:
            record = self.state.read_record()
            return record if record and self.process and record.pid == self.process.pid else None

        return eventually(mine)

    def ready(self) -> CloudRecord:
        """Wait until all is ready and return the record."""
        eventually(lambda: self.record().state == "ready")
        return self.record()

    def running(self) -> list[str]:
        return [name for name, process in self.record().processes.items() if is_running(process.pid or 0, process.start)]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[SmallCloud]:
    small = SmallCloud(tmp_path)
    yield small
    if small.process and small.process.poll() is None:
        small.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            small.process.wait(15)
        small.process.kill()
        small.process.wait()
