"""Resume stalled deliveries: their sender has died, and their message is not delivered again.

The sweep sends nothing itself: only `notify` has the mail server and the secrets. The event is published again with its own id
and time, and `notify` continues where it stopped: settled deliveries stay settled; a delivery that was being sent
is sent again or becomes `uncertain`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from reelgate.domain.books.messages import Message, topic_of
from reelgate.domain.notifications.deliveries import SILENT_AFTER, Delivery, State
from reelgate.ports.events import HasEvents
from reelgate.ports.notifications import HasDeliveries
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.notifications.attempt_delivery import LOST_IN_SENDING
from reelgate.use_cases.upkeep.work_in_pages import Tally, work_in_pages


class Services(HasClock, HasDeliveries, HasEvents, Protocol):
    """What resuming deliveries needs."""


NO_ATTEMPT = "there was no attempt for a day"

_log = logging.getLogger(__name__)


async def resume_deliveries(services: Services, *, until: datetime) -> Tally:
    """Publish the events of all stalled deliveries again, or end those deliveries."""
    tallies = [await _resume(services, state, until) for state in SILENT_AFTER]
    return Tally(
        done=sum(tally.done for tally in tallies),
        failed=sum(tally.failed for tally in tallies),
        finished=all(tally.finished for tally in tallies),
    )


async def _resume(services: Services, state: State, until: datetime) -> Tally:
    silence = SILENT_AFTER[state]

    async def page(limit: int) -> Sequence[Delivery]:
        return await services.deliveries.silent(state, services.now() - silence, limit=limit)

    async def one(delivery: Delivery) -> int:
        if not delivery.in_doubt(services.now()) and not delivery.given_up(services.now()):
            await services.events.publish(_event_again(delivery), at=_first_published_at(delivery, services.now()))
        return await _record(services, delivery)

    return await work_in_pages(services, page, one, lambda delivery: delivery.id, until=until)


async def _record(services: Services, seen: Delivery) -> int:
    """Record that the event was published again, or how the delivery ends. Writes nothing if another process has changed it.
    Returns the number of deliveries handled, 1, or 0 if it no longer exists.
    """
    mine = False

    def decide(delivery: Delivery) -> Delivery | None:
        nonlocal mine
        now = services.now()
        mine = (delivery.state, delivery.updated_at) == (seen.state, seen.updated_at)
        if not mine:  # `notify` may have been faster; it logs its own work
            return None
        if delivery.in_doubt(now):
            return delivery.uncertain(LOST_IN_SENDING, now)
        if delivery.given_up(now):
            return delivery.refused(NO_ATTEMPT, None, now, final=True)
        return delivery.asked_for(now)

    after = await services.deliveries.change(seen.id, decide)
    if after is None:
        return 0
    if not mine:
        return 1
    if after.settled:
        _log.error("delivery %s of %s: %s (%s)", after.id, after.event.type, after.state, after.error)
    else:
        _log.warning("delivery %s of %s is stalled since %s: published again", after.id, after.event.type, after.silent_since)
    return 1


def _event_again(delivery: Delivery) -> Message:
    """Return the message of the event, as it was first published."""
    event = delivery.event
    return Message(event_id=event.event_id, topic=topic_of(event.type), type=event.type, uid=event.uid, data=event.data)


def _first_published_at(delivery: Delivery, now: datetime) -> datetime:
    """Return when the event was first published, so that repeated notifications have the same content."""
    try:
        at = datetime.fromisoformat(delivery.event.occurred_at)
    except ValueError:
        return now
    return at if at.tzinfo else now
