"""All processes of one local cloud, from their start to the last one's end."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Protocol

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.processes.process_identity import started_at
from localcloud.supervisor.processes.process_runner import NeverReadyError, ProcessRunner
from localcloud.supervisor.services.service import Service
from localcloud.supervisor.services.snapshots import SAVED, SnapshotError
from localcloud.supervisor.state.folder import CloudRecord, StateFolder

SAVE_SECONDS = 60


class Savings(Protocol):
    """Where the state of the services in SAVED is kept; see `Snapshots`."""

    def take(self, names: Collection[str]) -> None:
        """Save these services, which must be answering. Raises SnapshotError."""

    def end(self) -> None:
        """Record that everything has been saved."""


class Supervisor:
    """Runs the services until SIGTERM or SIGINT. The caller holds the state folder's lock.

    Without `snapshots` nothing is saved.
    """

    def __init__(
        self,
        services: Sequence[Service],
        state: StateFolder,
        say: Callable[[str], None],
        snapshots: Savings | None = None,
        save_seconds: float = SAVE_SECONDS,
    ) -> None:
        self._state = state
        self._snapshots = snapshots
        self._save_seconds = save_seconds
        self._say = say
        self._runners = [ProcessRunner(service, state.log(service.name), self._changed, say) for service in services]
        self._record = CloudRecord(
            pid=os.getpid(),
            start=started_at(os.getpid()),
            processes={runner.service.name: runner.record for runner in self._runners},
        )

    async def run(self, on_ready: Callable[[float], None]) -> None:
        """Start everything at once, call `on_ready` with the seconds it took, and run until SIGTERM or SIGINT.

        Nothing that was started is left when this returns or raises.

        Raises:
            CannotStartError: a service never answered.
        """
        self._state.rotate_logs()
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        self._changed()
        stopping = asyncio.create_task(stop.wait())
        running = [asyncio.create_task(runner.run()) for runner in self._runners]
        announcing = asyncio.create_task(self._announce(on_ready))
        saving = asyncio.create_task(self._save_now_and_then())
        try:
            await asyncio.wait([stopping, *running], return_when=asyncio.FIRST_COMPLETED)
            failed = next((task for task in running if task.done()), None)
            if failed and not stop.is_set():
                self._record.state = "failed"
                self._raise(failed.exception())
        finally:
            announcing.cancel()
            saving.cancel()
            await self._stop(running)
            stopping.cancel()

    async def _announce(self, on_ready: Callable[[float], None]) -> None:
        began = time.monotonic()
        await asyncio.gather(*(runner.first_ready.wait() for runner in self._runners))
        self._record.state = "ready"
        self._changed()
        on_ready(time.monotonic() - began)

    async def _stop(self, running: list[asyncio.Task[None]]) -> None:
        if self._record.state != "failed":
            self._record.state = "stopping"
        self._changed()
        # Services that write users and books end first, so that nothing is written after the snapshot.
        saved = SAVED if self._snapshots else ()
        await _end([task for runner, task in zip(self._runners, running, strict=True) if runner.service.name not in saved])
        await self._save_at_the_end()
        await _end(running)
        for runner in self._runners:
            await run_quietly(runner.service.clean_up)
        self._record.state = "failed" if self._record.state == "failed" else "stopped"
        self._changed()

    async def _save_now_and_then(self) -> None:
        """Save users and books at intervals, in case this process is killed."""
        while self._snapshots:
            await asyncio.sleep(self._save_seconds)
            if names := self._to_save(ready=True):
                try:
                    await asyncio.to_thread(self._snapshots.take, names)
                except SnapshotError as error:
                    self._say(str(error))

    async def _save_at_the_end(self) -> None:
        if not self._snapshots:
            return
        names = self._to_save(ready=True)
        try:
            if names:
                await asyncio.to_thread(self._snapshots.take, names)
        except SnapshotError as error:
            self._say(str(error))
            return
        if lost := set(self._to_save(ready=False)) - set(names):
            self._say(f"{', '.join(sorted(lost))} did not answer at the end and could not be saved.")
            return
        self._snapshots.end()

    def _to_save(self, *, ready: bool) -> list[str]:
        """Return the services to save: those that answer now, or those that were ever ready."""
        saved = [runner for runner in self._runners if runner.service.name in SAVED]
        return [runner.service.name for runner in saved if (runner.record.ready if ready else runner.first_ready.is_set())]

    @staticmethod
    def _raise(problem: BaseException | None) -> None:
        if isinstance(problem, NeverReadyError | OSError):
            raise CannotStartError(str(problem)) from problem
        if problem:
            raise problem

    def _changed(self) -> None:
        self._state.write_record(self._record)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def run_quietly(command: Sequence[str]) -> None:
    """Run a command for its effect; its output and failure do not matter."""
    if command:
        with suppress(OSError):
            quiet = asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
            await process.wait()
