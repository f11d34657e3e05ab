"""One attempt at a delivery: claim it, send it, record the outcome.

A crash between any two of these steps cannot make a mail be sent twice: before its text is sent, the sender records this on
condition that it holds the claim, and a delivery in that state is never claimed again automatically.

The first attempt at a mail claims it with the same write, after the mail server has accepted sender and recipient, which saves
a write for every mail. If it dies before, there is no record of it, and Pub/Sub delivers the message again. Every further
attempt claims first, so that attempts that die are counted.

The mails of a user's day are counted after the claim, which is one of them: however many are sent at the same time, no more
than the allowed number are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.deliveries import Delivery, Event, delivery_id, new_delivery
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.books import HasBooks, HasPolicy
from reelgate.ports.notifications import (
    FollowedDelivery,
    HasDeliveries,
    HasMailer,
    HasNotifications,
    HasPreferences,
    HasWebhooks,
    NotSent,
    PerhapsSent,
)
from reelgate.ports.runtime import HasClock, HasIds
from reelgate.use_cases.notifications.channels import Channel, NotWanted, Sending, Withheld


class Services(
    HasBooks,
    HasClock,
    HasDeliveries,
    HasIds,
    HasMailer,
    HasNotifications,
    HasPolicy,
    HasPreferences,
    HasWebhooks,
    Protocol,
):
    """What attempting a delivery needs."""


LOST_IN_SENDING = "the sender stopped responding after the text may have been sent"

SETTLE_AGAIN_SECONDS = (0.2, 1.0, 3.0)

_LEVELS = {"uncertain": logging.ERROR, "failed": logging.ERROR, "pending": logging.WARNING}
_log = logging.getLogger(__name__)


@positional_value_type
class Terms:
    """The circumstances of an attempt.

    Attributes:
        again: whether a settled delivery is sent once more, which only an admin asks for. It may go beyond the mails of a day.
        attempts: after how many attempts a refusal is final.
        first: whether nothing was tried before, as far as Pub/Sub knows.
    """

    again: bool
    attempts: int
    first: bool = False


class _TakenOver(Exception):
    """Another attempt holds the delivery, or it is settled. `delivery` is what it was found as."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()
        self.delivery = delivery


async def attempt_delivery(
    services: Services, event: Event, channel: Channel, record: FollowedDelivery, known: Delivery | None, terms: Terms
) -> Delivery:
    """Try to deliver, unless it is settled or held by another attempt. Return the delivery afterwards. Raises Unavailable.

    `known` is what was just read from `record`.
    """
    try:
        sending: _Prepared = await channel.prepare(services, event)
    except (NotWanted, Withheld, NotSent) as error:
        sending = error
    attempt = _Attempt(services, event, channel, record, services.new_id(), terms)
    at_once = known is None and terms.first and (channel.fenced or isinstance(sending, Exception))
    if not at_once:
        claimed = await attempt.claim()
        if not attempt.holds(claimed):
            return claimed
    try:
        end = await attempt.send(sending)
    except _TakenOver as lost:  # not to be settled: by now it may be free again, and would be claimed without being sent
        return lost.delivery
    return await attempt.settle(end)


_Prepared = Sending | NotWanted | Withheld | NotSent
_End = Callable[[Delivery], Delivery]


@dataclass
class _Attempt:
    services: Services
    event: Event
    channel: Channel
    record: FollowedDelivery
    id: str
    terms: Terms
    claimed: bool = False

    def holds(self, delivery: Delivery) -> bool:
        """Whether this attempt may send."""
        return delivery.attempt_id == self.id and delivery.state == "sending"

    async def claim(self, *, hand_over: bool = False) -> Delivery:
        """Claim the delivery, unless this attempt has; with `hand_over`, record that the text is about to be sent.

        Return the delivery afterwards, which another attempt may hold. Raises Unavailable.
        """
        now, changed = self.services.now(), None

        def decide(current: Delivery | None) -> Delivery | None:
            nonlocal changed
            changed = self._claimable(current, now)
            if changed is None:
                return None
            return changed.handed_over(now, self.services.policy.day_of(now)) if hand_over and self.holds(changed) else changed

        delivery = await self.record.change(decide)
        if delivery is None:
            raise Unavailable("The delivery was removed while it was claimed.")
        self.claimed = self.claimed or self.holds(delivery)
        if changed is not None and delivery.state == "uncertain":
            _log.error("delivery %s is uncertain and is not sent again automatically: %s", delivery.id, delivery.error)
        return delivery

    def _claimable(self, current: Delivery | None, now: datetime) -> Delivery | None:
        """Return the delivery as claimed by this attempt, or ended because of earlier ones; None if it is not to be changed."""
        if current is None:  # an admin asks for one that exists: it was removed meanwhile
            return (
                None
                if self.claimed or self.terms.again
                else new_delivery(self.event, self.channel.id, now).claimed(self.id, now)
            )
        if self.claimed:
            return current if self.holds(current) else None
        if current.held(now) or (current.settled and not self.terms.again):
            return None
        if current.in_doubt(now) and not self.terms.again:
            return current.uncertain(LOST_IN_SENDING, now)
        if current.attempts >= self.terms.attempts and not self.terms.again:  # the last attempt ended without an outcome
            return current.refused("given up", None, now, final=True)
        return current.claimed(self.id, now)

    async def send(self, sending: _Prepared) -> _End:
        """Send, and return what the outcome makes of the delivery. Raises _TakenOver: nothing was sent."""
        left = False

        async def fence() -> None:
            nonlocal left
            delivery = await self.claim(hand_over=True)
            if not self.holds(delivery) or delivery.handed_over_at is None:
                raise _TakenOver(delivery)
            if not self.terms.again:
                await self._require_room(delivery)
            left = True

        services = self.services
        try:
            if isinstance(sending, Exception):
                raise sending
            status = await sending.send(services, fence)
        except NotWanted as reason:
            why = str(reason)
            return lambda delivery: delivery.skipped(why, services.now())
        except Withheld as reason:
            why = str(reason)
            return lambda delivery: delivery.withheld(why, services.now())
        except _TakenOver:
            raise
        except NotSent as error:
            return _refused(services, error, self.terms)
        except PerhapsSent as error:
            why = str(error)
            return lambda delivery: delivery.uncertain(why, services.now())
        except Exception as error:
            _log.exception("delivery %s: unexpected error", delivery_id(self.event, self.channel.id))
            why = f"unexpected error: {type(error).__name__}"
            if left:
                return lambda delivery: delivery.uncertain(why, services.now())
            return _refused(services, NotSent(why), self.terms)
        return lambda delivery: delivery.delivered(status, services.now())

    async def _require_room(self, claimed: Delivery) -> None:
        """Raise Withheld if this mail, which counts already, is one too many for its user's day; NotSent if that is unknown."""
        most, day = self.services.notifications.mails_per_day, claimed.mailed_on
        if day is None:
            raise RuntimeError("a mail is counted for the day on which it is handed over")
        try:
            mailed = await self.services.deliveries.mailed(self.event.uid, day, limit=most + 1)
        except Unavailable as error:
            raise NotSent(f"the mails of the day could not be counted: {error}") from None
        if mailed > most:
            raise Withheld(f"the user has had {most} mails on {day}, as many as REELGATE_MAILS_PER_DAY allows")

    async def settle(self, end: _End) -> Delivery:
        """Record the outcome, also over an `uncertain` state set by another process. Raises Unavailable."""
        now = self.services.now()

        def decide(current: Delivery | None) -> Delivery | None:
            delivery = current if self.claimed else self._claimable(current, now)
            if delivery is None:
                return None
            mine = delivery.attempt_id == self.id and delivery.state in ("sending", "uncertain")
            return end(delivery) if mine else None

        settled = await _write_with_retries(lambda: self.record.change(decide))
        if settled is None:
            raise Unavailable("The delivery was removed while it was sent.")
        what = f"{settled.state} ({settled.error})" if settled.error else settled.state
        _log.log(_LEVELS.get(settled.state, logging.INFO), "delivery %s of %s: %s", settled.id, settled.event.type, what)
        return settled


def _refused(services: Services, error: NotSent, terms: Terms) -> _End:
    def end(delivery: Delivery) -> Delivery:
        final = not error.retryable or delivery.attempts >= terms.attempts
        return delivery.refused(str(error), error.status, services.now(), final=final)

    return end


async def _write_with_retries(write: Callable[[], Awaitable[Delivery | None]]) -> Delivery | None:
    """Write, with some retries: if the outcome of an accepted mail is not written, the mail becomes `uncertain`."""
    for delay_seconds in SETTLE_AGAIN_SECONDS:
        try:
            return await write()
        except Unavailable as error:
            _log.warning("retrying in %s s to write the outcome of a delivery: %s", delay_seconds, error)
            await asyncio.sleep(delay_seconds)
    return await write()
