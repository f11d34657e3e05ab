"""Sending mails and webhooks, the records of deliveries, and mail preferences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.notifications.deliveries import Delivery, State
from reelgate.domain.value_types import value_type

if TYPE_CHECKING:
    from reelgate.domain.notifications.channels import Notifications
    from reelgate.domain.notifications.preferences import MailPreferences
    from reelgate.domain.notifications.webhook_endpoints import Endpoint
    from reelgate.ports.books import Page


class NotSent(Exception):
    """A mail or webhook was certainly not delivered.

    The text says why and contains no secret. `status` is the status of the answer, if there was one. `retryable` is whether
    another attempt may succeed.
    """

    def __init__(self, why: str, *, status: int | None = None, retryable: bool = True) -> None:
        super().__init__(why)
        self.status = status
        self.retryable = retryable


class PerhapsSent(Exception):
    """It is unknown whether a mail was delivered. The text says why and contains no secret."""


@value_type
class Mail:
    """A mail to one address. `message_id` has no angle brackets and no domain."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str


class OpenMail(Protocol):
    """A mail whose sender and recipient the server has accepted, and whose text was not sent yet."""

    async def hand_over(self) -> int:
        """Send the text and return the server's status. Raises NotSent, PerhapsSent."""

    async def close(self) -> None:
        """Close the connection. Never raises, and may be called at any time."""


class Mailer(Protocol):
    """Sends mails in two steps, `open` and `hand_over`. A failure before the second one means that nothing was sent."""

    async def open(self, mail: Mail, *, at: datetime) -> OpenMail:
        """Return once the server has accepted sender and recipient. `at` is the date of the mail. Raises NotSent."""


class WebhookPoster(Protocol):
    """Posts signed webhooks."""

    async def post(self, endpoint: Endpoint, message_id: str, body: bytes, *, at: datetime) -> int:
        """Return the 2xx status of the endpoint. Raises NotSent for any other status and for no answer."""


DecideDelivery = Callable[[Delivery], Delivery | None]
"""A pure decision: the new state of a delivery, or None to keep it. It may run several times."""


@value_type
class DeliveryFilter:
    """Which deliveries to list; None means any."""

    state: State | None = None
    type: str | None = None
    uid: str | None = None


class FollowedDelivery(Protocol):
    """The record of one delivery, changed several times by one attempt. Every method raises Unavailable."""

    async def read(self) -> Delivery | None:
        """Return the delivery, or None, for the next change to decide on."""

    async def change(self, decide: Callable[[Delivery | None], Delivery | None]) -> Delivery | None:
        """Decide on what was last read or written here, and write; if others have changed it since, read and decide again.

        Returns the delivery after that, None if there is none and `decide` makes none.
        """


class Deliveries(Protocol):
    """The records of deliveries. Every method raises Unavailable when they cannot be reached."""

    async def add(self, delivery: Delivery) -> bool:
        """Add a delivery. Returns False and writes nothing if there is one with this id, or its user was erased."""

    async def get(self, delivery_id: str) -> Delivery | None:
        """Return a delivery, or None."""

    async def change(self, delivery_id: str, decide: DecideDelivery) -> Delivery | None:
        """Read, decide and write; start again if the delivery was changed in between.

        Returns the delivery after that, None if it does not exist.
        """

    def follow(self, delivery_id: str, *, uid: str = "", new: bool = False) -> FollowedDelivery:
        """Return the record of a delivery for several changes. It is not created if the user `uid` was erased: Unavailable.

        `new`: the first change expects that there is no record yet, and reads it only if there is.
        """

    async def silent(self, state: State, before: datetime, *, limit: int) -> Sequence[Delivery]:
        """Return deliveries in `state` that were last changed before `before`, oldest first."""

    async def mailed(self, uid: str, day: date, *, limit: int) -> int:
        """Return how many mails to a user count for a day, `limit` at most. What was written before is counted."""

    async def list(self, which: DeliveryFilter, *, limit: int, cursor: str | None = None) -> Page[Delivery]:
        """Return deliveries, newest first. Raises InvalidRequest for a cursor of another list."""


class Preferences(Protocol):
    """The mail preferences of users. Every method raises Unavailable when they cannot be reached."""

    async def get(self, uid: str) -> MailPreferences:
        """Return the preferences of a user, which are the defaults until they are changed."""

    async def change(self, uid: str, change: Callable[[MailPreferences], MailPreferences]) -> MailPreferences:
        """Apply `change` to the preferences of a user and return the result. `change` may run several times.

        Raises AccountDeleted for an erased user.
        """


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
    """Offers the webhook poster."""

    @property
    def webhooks(self) -> WebhookPoster: ...
