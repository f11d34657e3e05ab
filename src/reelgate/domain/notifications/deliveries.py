"""Deliveries: the state machine of sending one event over one channel.

    (new) ──claim──> sending ──> delivered
                     │  ▲   └──> failed      refused permanently, or too often
                     ▼  │
                    pending                  refused for now: retried when the event is pushed again
    (new) ─────────────────────> skipped     muted by the user, or no address
    (new), sending ────────────> withheld    the address is not verified, or has had all mails of the day
    sending, handed over ──────> uncertain   outcome unknown: never sent again automatically
    sending, pending: stalled ──> failed     no attempt within a day, although the sweep published the event again

A claim is a lease with its own id: only its holder may send. Before a mail's text is sent, the holder records that
(`handed_over`), which distinguishes a crash before it from a crash after it; a first attempt claims and records it with one
write (docs/adr/0012-delivering-once.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from reelgate.domain.value_types import value_type

State = Literal["pending", "sending", "delivered", "failed", "skipped", "withheld", "uncertain"]
STATES: tuple[State, ...] = ("pending", "sending", "delivered", "failed", "skipped", "withheld", "uncertain")
SETTLED = frozenset({"delivered", "failed", "skipped", "withheld", "uncertain"})

LEASE = timedelta(minutes=3)
"""How long a claim is valid if it is not renewed. It is longer than any attempt (see the timeouts of mailer and webhooks)."""
SILENT_AFTER: dict[State, timedelta] = {"sending": LEASE + timedelta(minutes=1), "pending": timedelta(minutes=30)}
"""After how long without a change the sweep resumes a delivery: its sender has died, or its message is lost. Pub/Sub waits at
most 10 minutes before it pushes a refused message again."""
GIVEN_UP_AFTER = timedelta(days=1)
"""After how long without any attempt the sweep stops publishing an event again, for example because its channel was removed
from the settings."""
KEPT = timedelta(days=30)
MAX_ERROR = 300


@value_type
class Event:
    """What happened, as read from a message. `occurred_at` is RFC 3339; `data` is JSON and does not repeat the other fields."""

    event_id: str
    type: str
    uid: str
    occurred_at: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """The id of the event's messages, the same on every channel and attempt: consumers recognise repetitions by it."""
        return f"evt_{hashlib.sha256(self.event_id.encode()).hexdigest()[:32]}"


def delivery_id(event: Event, channel: str) -> str:
    """Return the id of the delivery of an event over a channel. It is the same for all attempts."""
    return f"{event.message_id}-{channel}"


@value_type
class Delivery:
    """One event over one channel (`mail`, or an endpoint's id).

    `status` is from the last answer (HTTP or SMTP), `error` says why the last attempt failed; neither contains a secret.
    `silent_since` is when it was last changed before the sweep published its event again; the next attempt clears it.
    `mailed_on` is the day of the deployment on which a mail's text was sent, or may have been; such mails count for that day.
    """

    event: Event
    channel: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    state: State = "pending"
    attempts: int = 0
    attempt_id: str | None = None
    lease_until: datetime | None = None
    handed_over_at: datetime | None = None
    mailed_on: date | None = None
    delivered_at: datetime | None = None
    silent_since: datetime | None = None
    status: int | None = None
    error: str | None = None

    @property
    def id(self) -> str:
        """See `delivery_id`."""
        return delivery_id(self.event, self.channel)

    @property
    def settled(self) -> bool:
        """Whether nothing more happens automatically."""
        return self.state in SETTLED

    def held(self, now: datetime) -> bool:
        """Whether an attempt is under way: its lease has not ended."""
        return self.state == "sending" and self.lease_until is not None and now < self.lease_until

    def in_doubt(self, now: datetime) -> bool:
        """Whether the sender stopped after the text may have been sent."""
        return self.state == "sending" and not self.held(now) and self.handed_over_at is not None

    def claimed(self, attempt_id: str, now: datetime) -> Delivery:
        """Return the delivery as claimed by one attempt."""
        return replace(
            self,
            state="sending",
            attempts=self.attempts + 1,
            attempt_id=attempt_id,
            lease_until=now + LEASE,
            handed_over_at=None,
            silent_since=None,
            updated_at=now,
        )

    def asked_for(self, now: datetime) -> Delivery:
        """Return the delivery after its event was published again, waiting for an attempt."""
        return replace(self, silent_since=self.silent_since or self.updated_at, updated_at=now)

    def given_up(self, now: datetime) -> bool:
        """Whether `GIVEN_UP_AFTER` has passed without any attempt."""
        return self.silent_since is not None and now - self.silent_since >= GIVEN_UP_AFTER

    def handed_over(self, now: datetime, day: date) -> Delivery:
        """Return the delivery just before its text is sent, on a day of the deployment."""
        return replace(self, handed_over_at=now, mailed_on=day, lease_until=now + LEASE, updated_at=now)

    def delivered(self, status: int, now: datetime) -> Delivery:
        """Return the delivery as accepted by its recipient."""
        return replace(self._ended(now), state="delivered", status=status, error=None, delivered_at=now)

    def refused(self, why: str, status: int | None, now: datetime, *, final: bool) -> Delivery:
        """Return the delivery as not delivered: failed if `final`, else pending until it is retried."""
        state: State = "failed" if final else "pending"
        return replace(self._ended(now), state=state, status=status, error=why[:MAX_ERROR], mailed_on=None)

    def uncertain(self, why: str, now: datetime) -> Delivery:
        """Return the delivery with an unknown outcome."""
        return replace(self._ended(now), state="uncertain", status=None, error=why[:MAX_ERROR])

    def skipped(self, why: str, now: datetime) -> Delivery:
        """Return the delivery as skipped because of `why`."""
        return replace(self._ended(now), state="skipped", status=None, error=why[:MAX_ERROR])

    def withheld(self, why: str, now: datetime) -> Delivery:
        """Return the delivery as not sent, because of a rule that protects its recipient."""
        return replace(self._ended(now), state="withheld", status=None, error=why[:MAX_ERROR], mailed_on=None)

    def _ended(self, now: datetime) -> Delivery:
        return replace(self, lease_until=None, silent_since=None, updated_at=now)


def new_delivery(event: Event, channel: str, now: datetime) -> Delivery:
    """Return a delivery without any attempt. It is kept for 30 days."""
    return Delivery(event=event, channel=channel, created_at=now, updated_at=now, expires_at=now + KEPT)
