"""Show the delivery log."""

from __future__ import annotations

from reelgate.domain.errors import DeliveryNotFound
from reelgate.domain.notifications.deliveries import Delivery
from reelgate.ports.books import Page
from reelgate.ports.notifications import DeliveryFilter, HasDeliveries


async def list_deliveries(
    services: HasDeliveries, which: DeliveryFilter, *, limit: int, cursor: str | None = None
) -> Page[Delivery]:
    """Return a page of deliveries, newest first. Raises InvalidRequest for a cursor of another list, Unavailable."""
    return await services.deliveries.list(which, limit=limit, cursor=cursor)


async def show_delivery(services: HasDeliveries, delivery_id: str) -> Delivery:
    """Return one delivery. Raises DeliveryNotFound, Unavailable."""
    delivery = await services.deliveries.get(delivery_id)
    if delivery is None:
        raise no_such_delivery()
    return delivery


def no_such_delivery() -> DeliveryNotFound:
    """Return the error for an unknown id."""
    return DeliveryNotFound("There is no such delivery, or it is older than 30 days.")
