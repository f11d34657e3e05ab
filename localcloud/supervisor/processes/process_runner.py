"""Runs one process: starts it, waits until it answers, and starts it again whenever it ends."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from localcloud.supervisor.processes.log_tail import last_lines
from localcloud.supervisor.processes.process_group import end_group, how_it_ended, launch
from localcloud.supervisor.processes.process_identity import started_at
from localcloud.supervisor.processes.readiness import until_ready
from localcloud.supervisor.services.service import Service
from localcloud.supervisor.state.folder import ProcessRecord

READY_TIMEOUT_SECONDS = 60
STABLE_SECONDS = 30  # after running this long, the next restart comes without delay again
ATTEMPTS_TO_START = 3
GRACE_SECONDS = 5


class NeverReadyError(Exception):
    """A process ended or stayed silent several times before it answered for the first time."""


def delays() -> Iterator[float]:
    """Yield the seconds to wait before each restart in a row."""
    yield 0.1
    delay = 0.5
    while True:
        yield delay
        delay = min(2 * delay, 10)


class ProcessRunner:
    """Runs the process of one service, again and again.

    Args:
        changed: called whenever `record` has changed.
        say: called with messages for the user.
    """

    def __init__(self, service: Service, log: Path, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.service = service
        self.record = ProcessRecord(port=service.port)
        self.first_ready = asyncio.Event()
        self._log = log
        self._last_pid = 0
        self._changed = changed
        self._say = say

    async def run(self) -> None:
        """Keep the process running until cancelled; its group is gone when this returns.

        Raises:
            NeverReadyError: it could not be made to answer even once.
            OSError: it cannot be executed.
        """
        waiting = delays()
        for attempt in itertools.count(1):
            began = time.monotonic()
            ending = await self._run_once()
            if not self.first_ready.is_set() and attempt >= ATTEMPTS_TO_START:
                raise NeverReadyError(self._report(ending))
            if time.monotonic() - began > STABLE_SECONDS:
                waiting = delays()
            delay = next(waiting)
            self._say(f"{self._report(ending)}\nStarting {self.service.name} again in {delay} s.")
            await asyncio.sleep(delay)
            self.record.restarts += 1

    async def _run_once(self) -> str:
        """Run one process to its end; returns how it ended."""
        process = await launch(self.service, self._log)
        self._last_pid = self.record.pid = process.pid
        self.record.start = started_at(process.pid)
        self.record.started_unix = time.time()
        self._changed()
        ended = asyncio.create_task(process.wait())
        try:
            ending = await self._become_ready(ended)
            if ending is None:
                return how_it_ended(await ended)
            return ending
        finally:
            ended.cancel()
            self.record.ready = False
            await end_group(process, self.record.start, GRACE_SECONDS)
            self.record.pid = self.record.start = None
            self._changed()

    async def _become_ready(self, ended: asyncio.Task[int]) -> str | None:
        """Wait for the process; returns None when it is ready, else why it failed."""
        ready = asyncio.create_task(until_ready(self.service))
        try:
            await asyncio.wait({ready, ended}, timeout=READY_TIMEOUT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return how_it_ended(ended.result())
            if not ready.done():
                return f"no answer on port {self.service.port} within {READY_TIMEOUT_SECONDS} s"
            if problem := ready.exception():
                return f"its set-up failing: {problem}"
        finally:
            ready.cancel()
        self.record.ready = True
        self.first_ready.set()
        self._changed()
        return None

    def _report(self, ending: str) -> str:
        tail = "".join(f"  | {line}\n" for line in last_lines(self._log, 12))
        return f"{self.service.name} (pid {self._last_pid}) ended with {ending}. The end of {self._log}:\n{tail}".rstrip()
