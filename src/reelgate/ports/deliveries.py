"""The record of what was told to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.notifications.deliveries import Delivery, State
from reelgate.ports.books import Page

DecideDelivery = Callable[[Delivery], Delivery | None]
"""Returns what to write in place of a delivery, or None to leave it. May be asked several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesWanted:
    """Which deliveries to list; None means any."""

    state: State | None = None
    type: str | None = None
    uid: str | None = None


class Deliveries(Protocol):
    """Deliveries by their ids. Every method raises Unavailable when the record cannot be reached."""

    async def add(self, delivery: Delivery) -> bool:
        """Write a new delivery. Returns False, and writes nothing, if one of its id is there."""

    async def get(self, delivery_id: str) -> Delivery | None:
        """Return a delivery."""

    async def change(self, delivery_id: str, decide: DecideDelivery) -> Delivery | None:
        """Write what `decide` makes of a delivery, if it is still what it was; else ask again.

        Returns:
            the delivery as it then stands, written or left; None if there is none.
        """

    async def silent(self, state: State, before: datetime, *, limit: int) -> Sequence[Delivery]:
        """Return deliveries in a state that nobody has changed since before an instant, the oldest first."""

    async def list(self, wanted: DeliveriesWanted, *, limit: int, cursor: str | None = None) -> Page[Delivery]:
        """Return deliveries, newest first. Raises InvalidRequest for a cursor of another list."""
