"""Telling people and programs: mails and webhooks, and what can become of one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.notifications.webhook_endpoints import Endpoint


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
