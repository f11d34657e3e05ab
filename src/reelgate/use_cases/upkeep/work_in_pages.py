"""Work through everything that is due, in pages, so that it can be any number; and never let one item hold back the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reelgate.domain.errors import ReelgateError
from reelgate.ports import HasClock

PAGE = 100
AT_ONCE = 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were done and failed; `finished` is False when time ran out or some failed, so that more is to be done."""

    done: int
    failed: int
    finished: bool


async def work_in_pages[Item](
    services: HasClock,
    page: Callable[[int], Awaitable[Sequence[Item]]],
    work: Callable[[Item], Awaitable[int]],
    name: Callable[[Item], str],
    *,
    until: datetime,
) -> Tally:
    """Work on pages of what is due until nothing new is, or it is `until`.

    What is done leaves the query by itself; what fails is tried once, logged, and left for the next run.

    Args:
        page: returns up to so many items that are due.
        work: settles one and returns how much that was.
        name: tells items apart.
    """
    done, failed = 0, set[str]()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> int:
        async with gate:
            if services.now() >= until:
                return 0
            try:
                return await work(item)
            except ReelgateError as error:
                _log.warning("left for the next run: %s: %s", name(item), error)
            except Exception:  # one broken item must not keep all others waiting, run after run
                _log.exception("failed: %s", name(item))
            failed.add(name(item))
            return 0

    while services.now() < until:
        items = await page(PAGE + len(failed))
        fresh = [item for item in items if name(item) not in failed]
        if not fresh:
            return Tally(done=done, failed=len(failed), finished=not failed)
        done += sum(await asyncio.gather(*(one(item) for item in fresh)))
    return Tally(done=done, failed=len(failed), finished=False)
