"""Carry out what a commit left to do: publish its messages, remove objects that have no right to exist."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from reelgate.domain.errors import Unavailable
from reelgate.domain.ledger import Change
from reelgate.domain.messages import OutboxItem, RemoveObject
from reelgate.ports import Services

LEFT_BEHIND_AFTER = timedelta(seconds=60)
"""How old an outbox item must be before the sweep takes it for left behind and not for one that is being delivered."""

_log = logging.getLogger(__name__)


async def deliver(services: Services, change: Change) -> None:
    """Carry out a change's outbox now. What cannot be done now stays in the outbox, for the sweep; this never raises it."""
    await _carry_out(services, change.outbox)


async def redeliver_left_behind(services: Services, *, limit: int) -> tuple[int, int]:
    """Carry out up to `limit` items that earlier commits left behind. Returns how many were done and how many were not."""
    items = await services.books.outbox(services.now() - LEFT_BEHIND_AFTER, limit=limit)
    done = await _carry_out(services, items)
    return done, len(items) - done


async def _carry_out(services: Services, items: Sequence[OutboxItem]) -> int:
    done = 0
    for item in items:
        try:
            if isinstance(item, RemoveObject):
                await services.media.remove(item.name, item.generation)
            else:
                await services.events.publish(item, at=services.now())
            await services.books.outbox_done(item.event_id)
            done += 1
        except Unavailable as problem:
            _log.warning("outbox item %s is left for the sweep: %s", item.event_id, problem)
    return done
