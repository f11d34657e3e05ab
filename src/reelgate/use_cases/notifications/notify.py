"""Send an event over all its channels, continuing where earlier attempts ended."""

from __future__ import annotations

import asyncio
from typing import Protocol

from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import Event, delivery_id
from reelgate.ports.personal_data import HasErasures
from reelgate.use_cases.notifications.attempt_delivery import Services as AttemptServices
from reelgate.use_cases.notifications.attempt_delivery import Terms, attempt_delivery
from reelgate.use_cases.notifications.channels import Channel, channels_for


class Services(AttemptServices, HasErasures, Protocol):
    """What notifying a user and the webhooks needs."""


async def notify(services: Services, event: Event, *, first: bool = False) -> str:
    """Return the outcome of the event once every channel is settled. Repeating it sends nothing twice. `first`: its message is
    delivered for the first time. Nothing is sent or recorded about a user who was deleted.

    Raises:
        Unavailable: a channel is not settled yet; the others are, and are skipped next time.
    """
    channels = channels_for(services, event.type)
    if not channels:
        return "no channel"
    results = await asyncio.gather(*(_notify_over(services, event, channel, first=first) for channel in channels))
    open_ones = [channel.id for channel, (settled, _) in zip(channels, results, strict=True) if not settled]
    if open_ones:
        # Asked only now, to save a read: no record is created about a deleted user, and without one nothing is sent.
        if event.uid and await services.erasures.named(uids=[event.uid], addresses=[], now=services.now()):
            return "user deleted"
        raise Unavailable(f"not sent yet over {', '.join(open_ones)}")
    return ", ".join(f"{channel.id} {state}" for channel, (_, state) in zip(channels, results, strict=True))


async def _notify_over(services: Services, event: Event, channel: Channel, *, first: bool) -> tuple[bool, str]:
    """Return whether the channel is settled, and its state. An unexpected error must not stop the other channels."""
    try:
        record = services.deliveries.follow(delivery_id(event, channel.id), uid=event.uid, new=first)
        delivery = None if first else await record.read()  # if there is one already, the first write finds it
        if delivery is None or not delivery.settled:
            terms = Terms(again=False, attempts=services.notifications.attempts, first=first)
            delivery = await attempt_delivery(services, event, channel, record, delivery, terms)
    except Unavailable as error:
        return False, str(error)
    return delivery.settled, delivery.state
