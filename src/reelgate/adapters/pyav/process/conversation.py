"""Serve one child process: its reads, its writes and its messages, and refuse everything out of bounds."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import math
from typing import Any, get_args

from reelgate.adapters.pyav.process import frames
from reelgate.adapters.pyav.process.confinement import LAYERS
from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import MAX_POSTER_BYTES, Reason
from reelgate.domain.media.examination import Facts
from reelgate.domain.media.packaging import HlsReason
from reelgate.ports.media import RangeSource, Sink, Tick

TICK_SECONDS = 5.0
MAX_SECONDS = MAX_NUMBER = 2**31
MAX_JSON_BYTES = 16 * 1024
_LIMITS = {
    frames.CONFINED: MAX_JSON_BYTES,
    frames.READ: frames.RANGE.size,
    frames.WRITE: 1024 * 1024,
    frames.PROGRESS: 1,
    frames.FACTS: MAX_JSON_BYTES,
    frames.PICTURE: MAX_POSTER_BYTES,
    frames.END: MAX_JSON_BYTES,
    frames.BROKEN: MAX_JSON_BYTES,
}

_REASONS = (None, *get_args(Reason), *get_args(HlsReason))  # a tuple, because an unhashable value may be looked up

_log = logging.getLogger(__name__)


class Conversation:
    """The exchange with one process, and what the process has reported so far.

    Attributes:
        without: what the platform refused to confine the process with, from `confinement.LAYERS`; None until the process
            says it.
    """

    def __init__(
        self, source: RangeSource, sink: Sink | None, tick: Tick, *, max_written: int = 0, max_picture: int = 0
    ) -> None:
        """`max_written` and `max_picture`: how many bytes the process may send for the sink, and for a picture."""
        self.source = source
        self.facts: dict[str, Any] | None = None
        self.picture: bytes | None = None
        self.written = 0
        self.without: tuple[str, ...] | None = None
        self._sink, self._tick = sink, tick
        self._max_written, self._max_picture = max_written, max_picture
        self._percent = 0
        self._broke = False
        self._next_tick = 0.0

    async def hold(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader, job: bytes) -> dict[str, Any] | None:
        """Serve the process until it exits. Returns its final message, None if it crashed or broke the protocol before one."""
        try:
            await _answer(stdin, frames.JOB, job)
            while True:
                kind, content = await self._next(stdout)
                if kind == frames.END:
                    return _object(content)
                await self._serve(kind, content, stdin)
        except (asyncio.IncompleteReadError, ConnectionError, _ProtocolViolated) as error:
            _log.warning("the converter ended early: %r", error)
            return None

    async def _next(self, stdout: asyncio.StreamReader) -> tuple[bytes, bytes]:
        """Return the next frame. While waiting, and between frames, `tick` is called every few seconds."""
        waiting = asyncio.ensure_future(_frame(stdout))
        try:
            while True:
                left = self._next_tick - asyncio.get_running_loop().time()
                if left <= 0:
                    await self._tick(self._percent)
                    self._next_tick = asyncio.get_running_loop().time() + TICK_SECONDS
                    continue
                done, _ = await asyncio.wait({waiting}, timeout=left)
                if done:
                    return waiting.result()
        finally:
            if not waiting.done():
                waiting.cancel()
                await asyncio.wait({waiting})  # until then the reader is taken

    async def _serve(self, kind: bytes, content: bytes, stdin: asyncio.StreamWriter) -> None:
        if kind == frames.READ:
            start, length = frames.RANGE.unpack(content)
            if not (0 < length <= frames.MAX_FRAME_BYTES and start + length <= self.source.size):
                raise _ProtocolViolated("a range outside of the file")
            await _answer(stdin, frames.DATA, await self.source.read(start, length))
        elif kind == frames.WRITE:
            self.written += len(content)
            if self._sink is None or self.written > self._max_written:
                raise _ProtocolViolated("more bytes than the result may have")
            await self._sink.write(content)
            await _answer(stdin, frames.TAKEN)
        elif kind == frames.PROGRESS:
            self._percent = min(99, content[0])
            await self._tick(self._percent)
        elif kind == frames.FACTS:
            self.facts = _object(content)
        elif kind == frames.CONFINED:
            without = _object(content).get("without")
            self.without = tuple(layer for layer in LAYERS if isinstance(without, list) and layer in without)
        elif kind == frames.PICTURE:
            if len(content) > self._max_picture:
                raise _ProtocolViolated("a larger picture than is allowed")
            self.picture = content
        else:
            if self._broke:  # whoever sends more wants to fill the log
                raise _ProtocolViolated("a second traceback")
            self._broke = True
            _log.error("the converter broke: %s", content.decode(errors="replace"))


class _ProtocolViolated(Exception):
    """The process sent something that it never sends unless it was compromised."""


async def _frame(stdout: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind, length = frames.HEADER.unpack(await stdout.readexactly(frames.HEADER.size))
    if length > _LIMITS.get(kind, -1) or (kind in {frames.READ, frames.PROGRESS} and length != _LIMITS[kind]):
        raise _ProtocolViolated("a frame of unknown kind or size")
    return kind, await stdout.readexactly(length)


async def _answer(stdin: asyncio.StreamWriter, kind: bytes, content: bytes = b"") -> None:
    stdin.write(frames.HEADER.pack(kind, len(content)))
    stdin.write(content)
    await stdin.drain()


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or any(value.get(name) not in _REASONS for name in ("reason", "no_sound")):
        raise _ProtocolViolated("no JSON object, or an unknown reason")
    return value


def facts_in(said: dict[str, Any], container: Container) -> Facts:
    """Return the facts from a message; values of the wrong type, and numbers that no file declares, count as missing."""
    kinds = {"video_codec": str, "audio_codec": str, "duration_seconds": float, "frame_rate": float}
    kinds |= {"mirrored": bool, "truncated": bool}
    known: dict[str, Any] = {}
    for field in dataclasses.fields(Facts):
        value, kind = said.get(field.name), kinds.get(field.name, int)
        if isinstance(value, int) and not 0 <= value < MAX_NUMBER:
            continue
        if type(value) is kind and (str(value).isprintable() and len(str(value)) <= 64):
            known[field.name] = value if not isinstance(value, float) or math.isfinite(value) else None
    return Facts(**{**known, "container": container.name})


def seconds_in(said: object) -> float | None:
    """Return a length in seconds from a message; None for anything else."""
    return said if isinstance(said, float) and 0 < said < MAX_SECONDS else None
