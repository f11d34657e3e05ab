"""Sending mails and webhooks, and the records of what was sent and who wants which mails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.notifications.channels import Notifications
from reelgate.domain.notifications.deliveries import Delivery, State
from reelgate.domain.notifications.preferences import MailPreferences
from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.ports.books import Page


class NotSent(Exception):
    """It was certainly not delivered.

    The text says why without a secret; `status` is the answer's, where there was one; `retryable` is whether another attempt
    may succeed.
    """

    def __init__(self, why: str, *, status: int | None = None, retryable: bool = True) -> None:
        super().__init__(why)
        self.status = status
        self.retryable = retryable


class PerhapsSent(Exception):
    """Nobody knows whether it was delivered. The text says why without a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to one address. `message_id` has no angle brackets and no domain."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str


class OpenMail(Protocol):
    """A mail whose sender and recipient the server has accepted, and whose text has not left yet."""

    async def hand_over(self) -> int:
        """Send the text and return the server's status. Raises NotSent, PerhapsSent."""

    async def close(self) -> None:
        """Leave the server. Never raises, and may be called at any time."""


class Mailer(Protocol):
    """Sends mails, in two steps: what happens before the second one certainly sent nothing."""

    async def open(self, mail: Mail, *, at: datetime) -> OpenMail:
        """Return once a server has accepted who the mail is from and to. `at` is the mail's date. Raises NotSent."""


class WebhookPoster(Protocol):
    """Posts webhooks, signed."""

    async def post(self, endpoint: Endpoint, message_id: str, body: bytes, *, at: datetime) -> int:
        """Return the status (2xx) with which the endpoint took it. Raises NotSent for everything else, no answer included."""


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


class Preferences(Protocol):
    """Preferences by user. Every method raises Unavailable when they cannot be reached."""

    async def get(self, uid: str) -> MailPreferences:
        """Return a user's preferences; the defaults for who never set any."""

    async def change(self, uid: str, change: Callable[[MailPreferences], MailPreferences]) -> MailPreferences:
        """Write what `change` makes of a user's preferences, and return it. It may be asked several times."""


class HasNotifications(Protocol):
    """Offers the settings of notifications: which events go to which channels."""

    @property
    def notifications(self) -> Notifications: ...


class HasDeliveries(Protocol):
    """Offers the records of deliveries."""

    @property
    def deliveries(self) -> Deliveries: ...


class HasPreferences(Protocol):
    """Offers the users' mail preferences."""

    @property
    def preferences(self) -> Preferences: ...


class HasMailer(Protocol):
    """Offers the mail server; None where no mail is sent."""

    @property
    def mailer(self) -> Mailer | None: ...


class HasWebhooks(Protocol):
    """Offers posting webhooks."""

    @property
    def webhooks(self) -> WebhookPoster: ...
