"""Instances of functions, as Cloud Run has them: processes that are started, killed and paused, behind one address."""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.chaos.cloud.wire import HOST, Connect

START_SECONDS = 90
_PDEATHSIG = 1  # prctl(2)


class Instance:
    """One process of a function. It can be killed and paused at any time; `start` brings it back."""

    def __init__(
        self, function: str, number: int, port: int, command: Sequence[str], env: Mapping[str, str], log: Path
    ) -> None:
        self.function = function
        self.name = f"{function}-{number}"
        self.port = port
        self.is_up = False
        self._command, self._env, self._log = command, env, log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, and return when it answers. Raises RuntimeError if it does not."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=dict(self._env), stdout=log, stderr=log, start_new_session=True, preexec_fn=_die_with_parent
            )
        until = asyncio.get_running_loop().time() + START_SECONDS
        while not await self._answers():
            if self._process.returncode is not None or asyncio.get_running_loop().time() > until:
                raise RuntimeError(f"{self.name} does not answer: {self._log.read_text(errors='replace')[-2000:]}")
            await asyncio.sleep(0.1)
        self.is_up = True

    async def kill(self) -> None:
        """End it as a crash does."""
        self.is_up = False
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def pause(self) -> None:
        """Stop it where it is: it keeps its connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            return False
        try:
            # functions-framework answers this path itself, with 404, without calling the function.
            writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return (await reader.read(5)).startswith(b"HTTP/")
        except OSError:
            return False
        finally:
            writer.close()


def any_of(instances: Sequence[Instance], chance: random.Random) -> Connect:
    """Return how to connect to one of the instances that are up."""

    async def connect(make: Callable[[], asyncio.Protocol]) -> asyncio.Transport | None:
        for instance in chance.sample(instances, len(instances)):
            if instance.is_up:
                with suppress(OSError):
                    transport, _ = await asyncio.get_running_loop().create_connection(make, HOST, instance.port)
                    return transport
        return None

    return connect


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
