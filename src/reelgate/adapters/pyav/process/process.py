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
from dataclasses import asdict
from typing import Any

from reelgate.adapters.pyav.packaging.fragments import NoFragments
from reelgate.adapters.pyav.packaging.scanned_sink import ScannedSink, packaged_of
from reelgate.adapters.pyav.process import frames
from reelgate.adapters.pyav.process.conversation import Conversation, facts_in, seconds_in
from reelgate.adapters.pyav.transcoding.shard_sink import MAX_BEGINNING_BYTES, ShardSink
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import MAX_POSTER_BYTES, CannotConvert, RunFailed
from reelgate.domain.media.packaging import MAX_SPRITE_BYTES, CannotPackage, hls_reason
from reelgate.domain.playback.renditions.kinds import ShardOrder
from reelgate.ports.media import EncodedShard, Examined, Extracted, Packaged, RangeSource, Sink, Tick

MEMORY_BYTES = 2 * 1024**3
"""Address space of the process. Only a fraction of it becomes memory: threads and libraries reserve much of it."""
WRITTEN_BEYOND = 1024 * 1024
"""What the process may send beyond the bound of a packaged file, so that this ends with a reason."""
PACKAGED_AS = Container("mp4", "mov")
"""What a packaged video is."""
WAIT_SECONDS = 25.0
"""How long work waits for its turn. A message that waits longer is delivered again; the remaining time is for the work."""

_log = logging.getLogger(__name__)


class PyavConverter:
    """Implements `MediaConverter` with one process per task, `at_once` at a time."""

    def __init__(
        self, *, at_once: int | None = None, wait_seconds: float = WAIT_SECONDS, poster_bytes: int = MAX_POSTER_BYTES
    ) -> None:
        """`poster_bytes`: how large a poster may be."""
        self._poster_bytes = poster_bytes
        self._turns = asyncio.Semaphore(at_once or os.cpu_count() or 1)
        self._wait_seconds = wait_seconds
        self._logged = False

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """See `MediaConverter.turn`."""
        try:
            await asyncio.wait_for(self._turns.acquire(), self._wait_seconds)
        except TimeoutError:
            raise Unavailable("Too many videos are being converted at once. Try again later.", retry_after_seconds=10) from None
        try:
            yield
        finally:
            self._turns.release()

    async def examine(self, source: RangeSource, container: Container, *, poster: bool, seconds: float, tick: Tick) -> Examined:
        """See `MediaConverter.examine`. If a poster cannot be made in time, the facts are still returned."""
        job = {"work": "examine", "poster": poster, "poster_bytes": self._poster_bytes}
        talk = Conversation(source, None, tick, max_picture=self._poster_bytes)
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
        self,
        source: RangeSource,
        container: Container,
        sink: Sink,
        *,
        title: str,
        max_seconds: int,
        max_bytes: int,
        seconds: float,
        tick: Tick,
    ) -> Extracted:
        """See `MediaConverter.extract_audio`."""
        job = {"work": "extract", "title": title, "max_seconds": max_seconds, "max_bytes": max_bytes}
        talk = Conversation(source, sink, tick, max_written=max_bytes)
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

    async def package(
        self, source: RangeSource, container: Container, sink: Sink, *, max_bytes: int, seconds: float, tick: Tick
    ) -> Packaged:
        """See `MediaConverter.package`."""
        scanned = ScannedSink(sink, max_bytes)
        talk = Conversation(source, scanned, tick, max_written=WRITTEN_BEYOND + max_bytes, max_picture=MAX_SPRITE_BYTES)
        try:
            end = await self._run({"work": "package"}, container, talk, seconds)
            return packaged_of(scanned, end, talk.picture)
        except CannotConvert as error:
            raise CannotPackage(hls_reason(error.reason)) from None
        except NoFragments:
            _log.error("the converter wrote something else than a fragmented file")
            raise RunFailed("attempts_exhausted") from None

    async def encode_shard(
        self, source: RangeSource, order: ShardOrder, sink: Sink, *, max_bytes: int, seconds: float, tick: Tick
    ) -> EncodedShard:
        """See `MediaConverter.encode_shard`."""
        checked = ShardSink(sink, order, max_bytes)
        talk = Conversation(source, checked, tick, max_written=WRITTEN_BEYOND + MAX_BEGINNING_BYTES + max_bytes)
        try:
            return checked.shard(await self._run({"work": "encode", "order": asdict(order)}, PACKAGED_AS, talk, seconds))
        except CannotConvert as error:
            raise CannotPackage(hls_reason(error.reason)) from None
        except NoFragments:
            _log.error("the converter wrote something else than a fragmented file")
            raise RunFailed("attempts_exhausted") from None

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
            self._log_confinement(talk.without)
        if end is None:
            _log.error("the converter crashed (status %s)", process.returncode)
            raise RunFailed("attempts_exhausted")
        if end.get("reason") is not None:
            raise CannotConvert(end["reason"])
        return end

    def _log_confinement(self, without: tuple[str, ...] | None) -> None:
        """Log once what this platform allows: it does not change while an instance runs."""
        if without is None or self._logged:
            return
        self._logged = True
        missing = " and ".join(without)
        fields = {"json_fields": {"confinement": f"without {missing}" if missing else "complete"}}
        if missing:
            _log.warning("the converter's process is confined without %s: this platform refuses it", missing, extra=fields)
        else:
            _log.info("the converter's process is confined", extra=fields)


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
    """End the process, whatever it is doing."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    # `wait` returns once the pipe has ended too (CPython, issue 119710), and a reader that is full does not notice its end: a
    # process that sends more than is read would be waited for until the function's time is over.
    if process.stdout is not None:
        await process.stdout.read()
    await process.wait()
