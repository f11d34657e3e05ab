"""Deliveries: what became of telling one event over one channel, as a machine of states.

    (new) ──claim──> sending ──> delivered
                     │  ▲   └──> failed      refused for good, or too often
                     ▼  │
                    pending                  refused for now: tried again when the event is pushed again
    (new) ─────────────────────> skipped     nobody wants it: muted, or no address
    sending, handed over ──────> uncertain   nobody knows whether it arrived: never sent again by itself
    sending, pending: no news ──> failed     after a day in which the sweep asked and nobody tried

A claim is a lease with an id of its own: who holds it may send. Before a mail's text leaves, the holder writes that down
(`handed_over`), so that a crash after it is told from one before (docs/adr/0012-delivering-once.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["pending", "sending", "delivered", "failed", "skipped", "uncertain"]
STATES: tuple[State, ...] = ("pending", "sending", "delivered", "failed", "skipped", "uncertain")
SETTLED = frozenset({"delivered", "failed", "skipped", "uncertain"})

LEASE = timedelta(minutes=3)
"""How long a claim holds without news: longer than any attempt may take (the mailer's and the poster's time limits)."""
SILENT_AFTER: dict[State, timedelta] = {"sending": LEASE + timedelta(minutes=1), "pending": timedelta(minutes=30)}
"""After how long without news the sweep takes up a delivery: its sender has died, or its message is lost. Pub/Sub waits at most
10 minutes before it pushes a refused message again."""
GIVEN_UP_AFTER = timedelta(days=1)
"""How long the sweep asks for a delivery that nobody tries: its channel was taken out of the settings, for example."""
KEPT = timedelta(days=30)
MAX_ERROR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, as a message told it. `occurred_at` is RFC 3339; `data` is JSON and does not repeat the other fields."""

    event_id: str
    type: str
    uid: str
    occurred_at: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """The same for every way and every time the event is told, so that whoever hears it twice can know."""
        return f"evt_{hashlib.sha256(self.event_id.encode()).hexdigest()[:32]}"


def delivery_id(event: Event, channel: str) -> str:
    """Return the id of telling an event over a channel: one, however often and by whomever it is tried."""
    return f"{event.message_id}-{channel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event over one channel (`mail`, or an endpoint's id).

    `status` is the last answer's (HTTP or SMTP), `error` why the last attempt did not deliver; neither holds a secret.
    `silent_since` is the time of its last news, once the sweep has asked for it and as long as nobody has tried it since.
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
        """Whether nothing more happens by itself."""
        return self.state in SETTLED

    def held(self, now: datetime) -> bool:
        """Whether somebody is sending it at this moment, as far as anybody knows."""
        return self.state == "sending" and self.lease_until is not None and now < self.lease_until

    def in_doubt(self, now: datetime) -> bool:
        """Whether who was sending it fell silent after its text may have left."""
        return self.state == "sending" and not self.held(now) and self.handed_over_at is not None

    def claimed(self, attempt_id: str, now: datetime) -> Delivery:
        """Return it in the hands of one attempt."""
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
        """Return it as its event has just been told again, so that somebody tries it."""
        return replace(self, silent_since=self.silent_since or self.updated_at, updated_at=now)

    def given_up(self, now: datetime) -> bool:
        """Whether it was asked for long enough, and nobody has tried it."""
        return self.silent_since is not None and now - self.silent_since >= GIVEN_UP_AFTER

    def handed_over(self, now: datetime) -> Delivery:
        """Return it as its text is about to leave."""
        return replace(self, handed_over_at=now, lease_until=now + LEASE, updated_at=now)

    def delivered(self, status: int, now: datetime) -> Delivery:
        """Return it as taken by whoever it is for."""
        return replace(self._ended(now), state="delivered", status=status, error=None, delivered_at=now)

    def refused(self, why: str, status: int | None, now: datetime, *, final: bool) -> Delivery:
        """Return it as certainly not delivered: failed if that is final, else to be tried again."""
        return replace(self._ended(now), state="failed" if final else "pending", status=status, error=why[:MAX_ERROR])

    def uncertain(self, why: str, now: datetime) -> Delivery:
        """Return it as perhaps delivered."""
        return replace(self._ended(now), state="uncertain", status=None, error=why[:MAX_ERROR])

    def skipped(self, why: str, now: datetime) -> Delivery:
        """Return it as not wanted by whoever it is for."""
        return replace(self._ended(now), state="skipped", status=None, error=why[:MAX_ERROR])

    def _ended(self, now: datetime) -> Delivery:
        return replace(self, lease_until=None, silent_since=None, updated_at=now)


def new_delivery(event: Event, channel: str, now: datetime) -> Delivery:
    """Return a delivery that nobody has tried yet. It is kept for 30 days."""
    return Delivery(event=event, channel=channel, created_at=now, updated_at=now, expires_at=now + KEPT)
