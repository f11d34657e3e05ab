"""The function's side of the converter: start the process, serve its requests, and end it in time.

Everything that the process sends is checked, because a malicious file may control the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

from reelgate.adapters.pyav.process import frames
from reelgate.adapters.pyav.process.conversation import Conversation, facts_in, seconds_in
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import CannotConvert, RunFailed
from reelgate.ports.media import Examined, Extracted, RangeSource, Sink, Tick

MEMORY_BYTES = 2 * 1024**3
"""Address space of the process. Only a fraction of it becomes memory: threads and libraries reserve much of it."""
WAIT_SECONDS = 25.0
"""How long work waits for its turn. A message that waits longer is delivered again; the remaining time is for the work."""

_log = logging.getLogger(__name__)


class PyavConverter:
    """Implements `MediaConverter` with one process per task, `at_once` at a time."""

    def __init__(self, *, at_once: int | None = None, wait_seconds: float = WAIT_SECONDS) -> None:
        self._turns = asyncio.Semaphore(at_once or os.cpu_count() or 1)
        self._wait_seconds = wait_seconds

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """See `MediaConverter.turn`."""
        try:
            await asyncio.wait_for(self._turns.acquire(), self._wait_seconds)
        except TimeoutError:
            raise Unavailable("All converters are busy. Try again later.", retry_after_seconds=10) from None
        try:
            yield
        finally:
            self._turns.release()

    async def examine(self, source: RangeSource, container: Container, *, poster: bool, seconds: float, tick: Tick) -> Examined:
        """See `MediaConverter.examine`. If a poster cannot be made in time, the facts are still returned."""
        job = {"work": "examine", "poster": poster}
        talk = Conversation(source, None, tick)
        end: dict[str, Any] = {}
        try:
            end = await self._run(job, container, talk, seconds)
        except (RunFailed, CannotConvert):
            if talk.facts is None:
                raise
            _log.warning("no poster: the converter ended while making one")
        if talk.facts is None:
            raise RunFailed("attempts_exhausted")
        return Examined(facts=facts_in(talk.facts, container), poster=talk.picture, no_sound=end.get("no_sound"))

    async def extract_audio(
        self, source: RangeSource, container: Container, sink: Sink, *, title: str, max_seconds: int, seconds: float, tick: Tick
    ) -> Extracted:
        """See `MediaConverter.extract_audio`."""
        job = {"work": "extract", "title": title, "max_seconds": max_seconds}
        talk = Conversation(source, sink, tick, max_seconds=max_seconds)
        end = await self._run(job, container, talk, seconds)
        length = end.get("seconds")
        if not isinstance(length, int | float) or not 0 < length <= max_seconds or talk.written == 0:
            raise RunFailed("attempts_exhausted")
        return Extracted(
            size=talk.written,
            duration_seconds=float(length),
            media_seconds=seconds_in(end.get("media_seconds")),
            truncated=end.get("truncated") is True,
        )

    async def _run(self, job: dict[str, Any], container: Container, talk: Conversation, seconds: float) -> dict[str, Any]:
        """Run a process to its end and return its final message."""
        whole = {
            **job,
            "size": talk.source.size,
            "container": container.name,
            "demuxer": container.demuxer,
            "cpu_seconds": max(1, int(seconds) + 1),
            "memory_bytes": MEMORY_BYTES,
        }
        process, stdin, stdout = await _start()
        try:
            async with asyncio.timeout(seconds) as limit:
                end = await talk.hold(stdin, stdout, json.dumps(whole).encode())
        except TimeoutError:
            if not limit.expired():  # another timeout, of the bucket or the books
                raise
            raise RunFailed("too_slow") from None
        finally:
            await _stop(process)
        if end is None:
            _log.error("the converter crashed (status %s)", process.returncode)
            raise RunFailed("attempts_exhausted")
        if end.get("reason") is not None:
            raise CannotConvert(end["reason"])
        return end


async def _start() -> tuple[asyncio.subprocess.Process, asyncio.StreamWriter, asyncio.StreamReader]:
    """Start the process with only the path to its code: no credentials, no settings."""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reelgate.adapters.pyav.process.child"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        cwd="/",
        limit=frames.MAX_FRAME_BYTES,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("asked for pipes and got none")
    return process, process.stdin, process.stdout


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
