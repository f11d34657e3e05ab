"""The channels for events, with one interface: a mail to the user, and one webhook per endpoint."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Awaitable, Callable
from typing import Protocol

from reelgate.domain.notifications.deliveries import Event
from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.domain.notifications.webhook_signatures import webhook_body
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.notifications import HasMailer, HasNotifications, HasPreferences, HasWebhooks, Mail, Mailer, NotSent
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.notifications.mails import MAILED_TYPES, Incomplete, Sender, compose, muted


class Services(HasBooks, HasClock, HasMailer, HasNotifications, HasPreferences, HasWebhooks, Protocol):
    """What the channels need."""


MAIL = "mail"

Fence = Callable[[], Awaitable[None]]
"""Awaited directly before the irreversible step; raises if another attempt has taken over."""


class NotWanted(Exception):
    """The event is not sent over this channel; the text says why."""


class Withheld(Exception):
    """The mail is not sent, because of a rule that protects its recipient; the text says which."""


class Sending(Protocol):
    """Something ready to send."""

    async def send(self, services: Services, fence: Fence) -> int:
        """Send it and return the status of the recipient's answer. Raises NotSent, PerhapsSent, and what `fence` raises."""


class Channel(Protocol):
    """A way to send events."""

    @property
    def id(self) -> str: ...

    @property
    def fenced(self) -> bool:
        """Whether `send` awaits the fence."""

    async def prepare(self, services: Services, event: Event) -> Sending:
        """Return what to send. Raises NotWanted, Withheld, NotSent (it cannot be composed), Unavailable."""


@positional_value_type
class MailChannel:
    """Mails to the user whom an event concerns."""

    mailer: Mailer
    id: str = MAIL
    fenced: bool = True

    async def prepare(self, services: Services, event: Event) -> Sending:
        """See `Channel.prepare`. The mail goes to the address in the books, or else to the one in the message."""
        if _is_repeated_alert(event):
            raise NotWanted("this alert was raised before on the same day")
        if event.type != "account.created":  # which cannot be muted
            preferences, snapshot = await gather(services.preferences.get(event.uid), services.books.read(event.uid, ReadSet()))
            if muted(event.type, preferences):
                raise NotWanted("muted by the user")
        else:
            snapshot = await services.books.read(event.uid, ReadSet())
        account = snapshot.account
        to = (account.email if account else None) or event.data.get("email")
        if not isinstance(to, str) or not to:
            raise NotWanted("no address is known")
        settings = services.notifications
        if not settings.to_unverified and not (account and account.email == to and account.email_verified):
            raise Withheld("the address is not verified")
        try:
            sender = Sender(product=settings.product, api_url=settings.api_url, audio_page=settings.audio_page)
            mail = compose(event, sender, to=to)
        except Incomplete as error:
            raise NotSent(str(error), retryable=False) from None
        return _MailSending(self.mailer, mail)


def _is_repeated_alert(event: Event) -> bool:
    """Return whether an alert was raised again on the same day, which follows a reset by an admin."""
    count = event.data.get("count")
    return event.type.endswith(".alert") and isinstance(count, int) and count > 1


@positional_value_type
class _MailSending:
    mailer: Mailer
    mail: Mail

    async def send(self, services: Services, fence: Fence) -> int:
        opened = await self.mailer.open(self.mail, at=services.now())
        try:
            await fence()
            return await opened.hand_over()
        finally:
            await opened.close()


@positional_value_type
class WebhookChannel:
    """Webhooks to one endpoint. They may arrive twice, so no fence is needed: consumers recognise them by their id."""

    endpoint: Endpoint

    fenced: bool = False

    @property
    def id(self) -> str:
        """The endpoint's id."""
        return self.endpoint.id

    async def prepare(self, services: Services, event: Event) -> Sending:
        """See `Channel.prepare`."""
        return _WebhookSending(self.endpoint, event.message_id, webhook_body(event))


@positional_value_type
class _WebhookSending:
    endpoint: Endpoint
    message_id: str
    body: bytes

    async def send(self, services: Services, fence: Fence) -> int:
        return await services.webhooks.post(self.endpoint, self.message_id, self.body, at=services.now())


def channels_for(services: Services, event_type: str) -> list[Channel]:
    """Return the channels for events of a type."""
    mailer = services.mailer
    mails: list[Channel] = [MailChannel(mailer)] if mailer is not None and event_type in MAILED_TYPES else []
    return [*mails, *(WebhookChannel(one) for one in services.notifications.endpoints if one.subscribes_to(event_type))]


def channel_of(services: Services, channel_id: str) -> Channel | None:
    """Return a channel of this deployment by its id, None if it does not exist or no longer exists."""
    if channel_id == MAIL:
        return MailChannel(services.mailer) if services.mailer is not None else None
    return next((WebhookChannel(one) for one in services.notifications.endpoints if one.id == channel_id), None)
