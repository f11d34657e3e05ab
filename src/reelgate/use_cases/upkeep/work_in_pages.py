"""Process all due items, in pages of limited size; a failing item never blocks the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from reelgate.domain.errors import ReelgateError
from reelgate.domain.value_types import value_type
from reelgate.ports.runtime import HasClock

PAGE = 100
AT_ONCE = 16

_log = logging.getLogger(__name__)


@value_type
class Tally:
    """How many items were done and failed. `finished` is False if work remains: time ran out, or items failed."""

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
    """Process pages of due items until there is no new one, or until the instant `until`.

    A finished item no longer matches the query; a failed one is logged and left for the next run.

    Args:
        page: returns up to this many due items.
        work: processes one item and returns how much was done.
        name: identifies an item in logs.
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
            except Exception:  # one broken item must not block all others in every run
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
