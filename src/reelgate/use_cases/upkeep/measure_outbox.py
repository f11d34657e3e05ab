"""Measure how old the oldest outbox item is."""

from __future__ import annotations

from typing import Protocol

from reelgate.ports.books import HasBooks
from reelgate.ports.runtime import HasClock


class Services(HasBooks, HasClock, Protocol):
    """What measuring the outbox needs."""


async def outbox_age_seconds(services: Services) -> int:
    """Return the age of the oldest outbox item in seconds, 0 for an empty outbox. Raises Unavailable."""
    since = await services.books.outbox_since()
    return 0 if since is None else max(0, round((services.now() - since).total_seconds()))
