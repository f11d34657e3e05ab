"""Carry out outbox items: publish messages, and remove objects."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from reelgate.domain.books.ledger import Change
from reelgate.domain.books.messages import OutboxItem, RemoveObject
from reelgate.ports.books import HasBooks
from reelgate.ports.events import HasEvents
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasMedia


class Services(HasBooks, HasClock, HasEvents, HasMedia, Protocol):
    """What delivering the outbox needs."""


_log = logging.getLogger(__name__)


async def deliver(services: Services, change: Change) -> None:
    """Carry out a change's outbox. Never raises: what cannot be done now stays in the outbox, and the sweep retries it."""
    if change.outbox:
        await asyncio.gather(*(_try(services, item) for item in change.outbox))


async def carry_out(services: Services, item: OutboxItem) -> None:
    """Carry out one item and remove it from the outbox. Doing it twice is harmless. Raises any error that prevents it."""
    if isinstance(item, RemoveObject):
        await services.media.remove(item.name, item.generation)
    else:
        await services.events.publish(item, at=services.now())
    await services.books.outbox_done(item.event_id)


async def _try(services: Services, item: OutboxItem) -> None:
    try:
        await carry_out(services, item)
    except Exception as error:  # the books are committed: an error here would look as if they were not
        _log.warning("outbox item %s is left for the sweep: %s: %s", item.event_id, type(error).__name__, error)
