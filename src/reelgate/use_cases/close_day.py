"""Close the day of every account that has not noticed yet that it is over, and sweep what time has settled.

Accounts roll lazily with any operation; this closes the quiet ones, so that their day is kept and their alerts are raised.
Everything here works in pages, does what is due, and does nothing when run again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from reelgate.domain.errors import ReelgateError
from reelgate.domain.ledger import Change, Ledger
from reelgate.domain.video import Video
from reelgate.ports import Services, View, Wanted
from reelgate.use_cases.delete_video import purge_video
from reelgate.use_cases.deliver_outbox import deliver, redeliver_left_behind
from reelgate.use_cases.expire_uploads import expire_uploads

PAGE = 100
AT_ONCE = 16

Item = TypeVar("Item")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were done and failed; `finished` is False when time ran out or some failed, so that more is to be done."""

    done: int
    failed: int
    finished: bool


async def close_days(services: Services, *, until: datetime) -> Tally:
    """Close the day of all accounts whose day is over. Stops taking new pages at `until`."""
    today = Ledger(services.policy, services.now()).today

    async def page(limit: int) -> Sequence[str]:
        return await services.books.accounts_to_close(today, limit=limit)

    async def close(uid: str) -> int:
        def decide(view: View) -> Change | None:
            return Ledger(services.policy, services.now()).roll(view.account) if view.account else None

        outcome = await services.books.change(uid, decide, Wanted())
        if outcome.change is not None:
            await deliver(services, outcome.change)
        return int(outcome.change is not None)

    return await _in_pages(services, page, close, str, until)


async def sweep_uploads(services: Services, *, until: datetime) -> Tally:
    """Settle all uploads whose time is over. Stops taking new pages at `until`."""

    async def page(limit: int) -> Sequence[str]:
        return await services.books.accounts_with_expired_uploads(services.now(), limit=limit)

    async def settle(uid: str) -> int:
        return await expire_uploads(services, uid)

    return await _in_pages(services, page, settle, str, until)


async def purge_trash(services: Services, *, until: datetime) -> Tally:
    """Remove trashed videos whose time is over. Stops taking new pages at `until`."""

    async def page(limit: int) -> Sequence[Video]:
        return await services.books.trash_to_purge(services.now(), limit=limit)

    async def purge(video: Video) -> int:
        await purge_video(services, video.uid, video.file_id)
        return 1

    return await _in_pages(services, page, purge, lambda video: f"{video.uid}/{video.file_id}", until)


async def empty_outbox(services: Services, *, until: datetime) -> Tally:
    """Carry out what earlier commits left behind. Stops taking new pages at `until`."""
    done = 0
    while services.now() < until:
        sent, left = await redeliver_left_behind(services, limit=PAGE)
        done += sent
        if left or sent < PAGE:
            return Tally(done=done, failed=left, finished=left == 0)
    return Tally(done=done, failed=0, finished=False)


async def _in_pages(
    services: Services,
    page: Callable[[int], Awaitable[Sequence[Item]]],
    work: Callable[[Item], Awaitable[int]],
    name: Callable[[Item], str],
    until: datetime,
) -> Tally:
    """Work on pages of what is due until nothing new is. What is done leaves the query by itself; what fails is tried once."""
    done, failed = 0, set[str]()
    while services.now() < until:
        items = await page(PAGE + len(failed))
        fresh = [item for item in items if name(item) not in failed]
        if not fresh:
            return Tally(done=done, failed=len(failed), finished=not failed)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(item: Item, gate: asyncio.Semaphore = gate) -> int:
            async with gate:
                try:
                    return await work(item)
                except ReelgateError as problem:
                    _log.warning("left for the next run: %s: %s", name(item), problem)
                    failed.add(name(item))
                    return 0
                except Exception:  # one broken account must not keep all others waiting, run after run
                    _log.exception("failed: %s", name(item))
                    failed.add(name(item))
                    return 0

        done += sum(await asyncio.gather(*(one(item) for item in fresh)))
    return Tally(done=done, failed=len(failed), finished=False)
