"""Carry out outbox items: publish messages, remove objects or replace them by placeholders, and trim the trash."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from reelgate.domain.books.messages import OutboxItem, PutPlaceholder, RemoveObject, TrimTrash
from reelgate.ports.books import HasBooks
from reelgate.ports.events import HasEvents
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasMedia

Trim = Callable[[str], Awaitable[bool]]
"""Trims a user's trash and returns whether all of it fits now. It commits to the books, so their commit hands it in."""


class Services(HasBooks, HasClock, HasEvents, HasMedia, Protocol):
    """What delivering the outbox needs."""


_log = logging.getLogger(__name__)


async def deliver(services: Services, items: Iterable[OutboxItem], trim: Trim) -> None:
    """Carry out items. Never raises: what cannot be done now stays in the outbox, and the sweep retries it."""
    await asyncio.gather(*(_try(services, item, trim) for item in items))


async def carry_out(services: Services, item: OutboxItem, trim: Trim) -> None:
    """Carry out one item and remove it from the outbox. Doing it twice is harmless. Raises any error that prevents it.

    A trash that is too large for one go stays in the outbox as well; the next time continues.
    """
    if isinstance(item, TrimTrash):
        if not await trim(item.uid):
            return
    elif isinstance(item, RemoveObject):
        await services.media.remove(item.name, item.generation)
    elif isinstance(item, PutPlaceholder):
        await services.media.put_placeholder(item.name, generation=item.generation, upload_id=item.upload_id)
    else:
        await services.events.publish(item, at=services.now())
    await services.books.outbox_done(item.event_id)


async def _try(services: Services, item: OutboxItem, trim: Trim) -> None:
    try:
        await carry_out(services, item, trim)
    except Exception as error:  # the books are committed: an error here would look as if they were not
        _log.warning("outbox item %s is left for the sweep: %s: %s", item.event_id, type(error).__name__, error)
