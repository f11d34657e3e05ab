"""One attempt at a delivery: claim it, send it, record the outcome.

A crash between any two of these steps cannot make a mail be sent twice: before its text is sent, the sender records this on
condition that it still holds the claim, and a delivery in that state is never claimed again automatically.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import Delivery, Event, new_delivery
from reelgate.ports import HasBooks, HasClock, HasDeliveries, HasIds, HasMailer, HasNotifications, HasPreferences, HasWebhooks
from reelgate.ports.notifications import NotSent, PerhapsSent
from reelgate.use_cases.notifications.channels import Channel, NotWanted, Sending


class Services(HasBooks, HasClock, HasDeliveries, HasIds, HasMailer, HasNotifications, HasPreferences, HasWebhooks, Protocol):
    """What attempting a delivery needs."""


LOST_IN_SENDING = "the sender stopped responding after the text may have been sent"

SETTLE_AGAIN_SECONDS = (0.2, 1.0, 3.0)

_LEVELS = {"uncertain": logging.ERROR, "failed": logging.ERROR, "pending": logging.WARNING}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """How an attempt by an admin differs from an automatic one.

    Attributes:
        again: whether a settled delivery is sent once more.
        attempts: after how many attempts a refusal is final.
    """

    again: bool
    attempts: int


class _TakenOver(Exception):
    """Another attempt holds the delivery now."""


async def attempt_delivery(services: Services, event: Event, channel: Channel, terms: Terms) -> Delivery:
    """Try to deliver, unless it is settled or held by another attempt. Return the delivery afterwards. Raises Unavailable."""
    try:
        sending: Sending | NotWanted | NotSent = await channel.prepare(services, event)
    except (NotWanted, NotSent) as error:
        sending = error
    attempt_id = services.new_id()
    claimed = await _claim(services, event, channel, attempt_id, terms)
    if claimed.attempt_id != attempt_id or claimed.state != "sending":
        return claimed
    end = await _send(services, claimed, sending, terms)
    return await _settle(services, claimed, end)


async def _claim(services: Services, event: Event, channel: Channel, attempt_id: str, terms: Terms) -> Delivery:
    now = services.now()
    new = new_delivery(event, channel.id, now).claimed(attempt_id, now)
    if await services.deliveries.add(new):
        return new

    def decide(delivery: Delivery) -> Delivery | None:
        if delivery.held(now) or (delivery.settled and not terms.again):
            return None
        if delivery.in_doubt(now) and not terms.again:
            return delivery.uncertain(LOST_IN_SENDING, now)
        if delivery.attempts >= terms.attempts and not terms.again:  # the last attempt ended without an outcome
            return delivery.refused("given up", None, now, final=True)
        return delivery.claimed(attempt_id, now)

    claimed = await services.deliveries.change(new.id, decide)
    if claimed is None:
        raise Unavailable("The delivery was removed while it was claimed.")
    if claimed.state == "uncertain":
        _log.error("delivery %s is uncertain and is not sent again automatically: %s", claimed.id, claimed.error)
    return claimed


_End = Callable[[Delivery], Delivery]


async def _send(services: Services, claimed: Delivery, sending: Sending | NotWanted | NotSent, terms: Terms) -> _End:
    """Send, and return the delivery with its outcome."""
    left = False

    async def fence() -> None:
        nonlocal left
        now = services.now()

        def decide(delivery: Delivery) -> Delivery | None:
            mine = delivery.attempt_id == claimed.attempt_id and delivery.state == "sending"
            return delivery.handed_over(now) if mine else None

        written = await services.deliveries.change(claimed.id, decide)
        if written is None or written.attempt_id != claimed.attempt_id or written.handed_over_at is None:
            raise _TakenOver
        left = True

    try:
        if isinstance(sending, Exception):
            raise sending
        status = await sending.send(services, fence)
    except NotWanted as reason:
        why = str(reason)
        return lambda delivery: delivery.skipped(why, services.now())
    except _TakenOver:
        return lambda delivery: delivery
    except NotSent as error:
        return _refused(services, error, terms)
    except PerhapsSent as error:
        why = str(error)
        return lambda delivery: delivery.uncertain(why, services.now())
    except Exception as error:
        _log.exception("delivery %s: unexpected error", claimed.id)
        why = f"unexpected error: {type(error).__name__}"
        if left:
            return lambda delivery: delivery.uncertain(why, services.now())
        return _refused(services, NotSent(why), terms)
    return lambda delivery: delivery.delivered(status, services.now())


def _refused(services: Services, error: NotSent, terms: Terms) -> _End:
    def end(delivery: Delivery) -> Delivery:
        final = not error.retryable or delivery.attempts >= terms.attempts
        return delivery.refused(str(error), error.status, services.now(), final=final)

    return end


async def _settle(services: Services, claimed: Delivery, end: _End) -> Delivery:
    """Record the outcome, also over an `uncertain` state set by another process."""

    def decide(delivery: Delivery) -> Delivery | None:
        mine = delivery.attempt_id == claimed.attempt_id and delivery.state in ("sending", "uncertain")
        return end(delivery) if mine else None

    settled = await _write_with_retries(lambda: services.deliveries.change(claimed.id, decide))
    if settled is None:
        raise Unavailable("The delivery was removed while it was sent.")
    what = f"{settled.state} ({settled.error})" if settled.error else settled.state
    _log.log(_LEVELS.get(settled.state, logging.INFO), "delivery %s of %s: %s", settled.id, settled.event.type, what)
    return settled


async def _write_with_retries(write: Callable[[], Awaitable[Delivery | None]]) -> Delivery | None:
    """Write, with some retries: if the outcome of an accepted mail is not written, the mail becomes `uncertain`."""
    for delay_seconds in SETTLE_AGAIN_SECONDS:
        try:
            return await write()
        except Unavailable as error:
            _log.warning("retrying in %s s to write the outcome of a delivery: %s", delay_seconds, error)
            await asyncio.sleep(delay_seconds)
    return await write()
