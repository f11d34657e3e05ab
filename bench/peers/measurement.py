"""Sending requests to a product that runs already, and counting the CPU time that its processes use for them."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.processes import all_processes, tree_seconds

MIB = 1024 * 1024
SMALL_SHARE = 0.02
"""A process that used less of its row's time is left out of the last column: that is its timers, not the requests."""
QUIET_SHARE = 0.06
"""Of one core, all processes of a product together: the emulators' timers use less."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request and the status that it must be answered with."""

    method: str
    url: str
    want: int
    headers: dict[str, str]
    json: Any = None
    data: bytes | None = None


@dataclass(frozen=True)
class Server:
    """A product: the process that answers, its database, and all else that works for it. Each with its descendants."""

    name: str
    own: int
    database: dict[str, int] = field(default_factory=dict)
    rest: dict[str, int] = field(default_factory=dict)

    @property
    def processes(self) -> dict[str, int]:
        """All of them by name; the one that answers is called `own`."""
        return {"own": self.own, **self.database, **self.rest}


@dataclass
class Row:
    """What one thing costs one product: CPU ms of each process, one number per round."""

    question: str
    server: Server
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def cells(self) -> tuple[str, str, str, str, str]:
        """Return the row as the table has it: medians of the rounds."""
        middle = {name: statistics.median(values) for name, values in self.rounds.items()}
        digits = 2 if sum(middle.values()) < 100 else 0
        least = SMALL_SHARE * sum(middle.values())
        rest = sorted(((middle[name], name) for name in self.server.rest if middle[name] >= least), reverse=True)
        database = ", ".join(f"{name} {middle[name]:.{digits}f}" for name in self.server.database)
        others = ", ".join(f"{name} {used:.{digits}f}" for used, name in rest)
        return self.question, self.server.name, f"{middle['own']:.{digits}f}", database or "none", others or "none"


class Measurement:
    """Sends requests and keeps the rows, as soon as `recording` is set."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self.recording = False
        self._client = client

    async def answer(self, request: Request) -> Any:
        """Return the answer's JSON, or its headers if it has none. Raises SystemExit for another status than expected."""
        sent = {"headers": request.headers, "json": request.json, "data": request.data}
        async with self._client.request(request.method, request.url, **sent) as answer:
            text = await answer.text()
            if answer.status != request.want:
                raise SystemExit(f"{request.method} {request.url}: {answer.status} {text[:300]}")
            return json.loads(text) if text.startswith("{") else answer.headers

    async def cost(self, question: str, server: Server, shares: Sequence[Sequence[Request]]) -> None:
        """Send each share's requests one after the other, all shares at once, and count what a request costs."""

        async def send(share: Sequence[Request]) -> None:
            for request in share:
                await self.answer(request)

        async with self._counting(question, server, sum(map(len, shares))):
            await asyncio.gather(*map(send, shares))

    async def pass_through(self, server: Server, uploads: Sequence[Request]) -> None:
        """Send the uploads, one after the other, and count what 100 MiB cost."""
        size = sum(len(upload.data or b"") for upload in uploads)
        async with self._counting("100 MiB of uploads", server, size / (100 * MIB)):
            for upload in uploads:
                await self.answer(upload)

    @asynccontextmanager
    async def _counting(self, question: str, server: Server, operations: float) -> AsyncIterator[None]:
        """Count what the operations cost: the own process until they are answered, the others until all is quiet."""
        await until_quiet(server.processes.values())
        before = _seconds(server)
        yield
        answered = tree_seconds(server.own)
        await until_quiet(server.processes.values())
        if not self.recording:
            return
        after = {**_seconds(server), "own": answered}
        row = self.rows.setdefault((question, server.name), Row(question, server))
        for name, seconds in after.items():
            row.rounds.setdefault(name, []).append(1000 * (seconds - before[name]) / operations)


async def until_quiet(pids: Iterable[int], deadline_seconds: float = 300) -> None:
    """Wait until the processes do next to nothing for a second: what a request leaves to others is then done.

    Raises SystemExit if they still work at the deadline.
    """
    watched = tuple(pids)
    end = time.monotonic() + deadline_seconds
    before = _seconds_of_all(watched)
    while time.monotonic() < end:
        await asyncio.sleep(1)
        now = _seconds_of_all(watched)
        if now - before < QUIET_SHARE:
            return
        before = now
    raise SystemExit(f"still busy after {deadline_seconds:.0f} s; something else may use these servers")


def _seconds(server: Server) -> dict[str, float]:
    processes = all_processes()
    if ended := [name for name, pid in server.processes.items() if pid not in processes]:
        raise SystemExit(f"{server.name}: these processes have ended: {', '.join(ended)}")
    return {name: tree_seconds(pid, processes) for name, pid in server.processes.items()}


def _seconds_of_all(pids: Iterable[int]) -> float:
    processes = all_processes()
    return sum(tree_seconds(pid, processes) for pid in pids)
