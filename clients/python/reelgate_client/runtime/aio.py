"""With asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Job = Callable[[], Awaitable[None]]
"""A piece of work that is not begun yet."""
Sleep = Callable[[float], Awaitable[None]]

Lock = asyncio.Lock
sleep: Sleep = asyncio.sleep


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks, such as reading a file, beside everything else."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def run_all(jobs: Sequence[Job], *, at_once: int) -> None:
    """Do all jobs, some at once. The first error ends the others and is raised."""
    waiting = iter(jobs)

    async def worker() -> None:
        for job in waiting:
            await job()

    workers = [asyncio.ensure_future(worker()) for _ in range(min(at_once, len(jobs)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
