"""The part of `CloudServices` about notifications."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from reelgate.bootstrap.base_services import BaseServices

if TYPE_CHECKING:
    from reelgate.domain.notifications.channels import Notifications
    from reelgate.ports.notifications import Deliveries, Mailer, Preferences, WebhookPoster


class NotificationServices(BaseServices):
    """Mails and webhooks."""

    @property
    def api_url(self) -> str:
        """The URL of the API as clients reach it; empty if it is not configured."""
        return self._config.notifications.channels.api_url

    @property
    def notifications(self) -> Notifications:
        """Which events go to which channels."""
        return self._config.notifications.channels

    @cached_property
    def deliveries(self) -> Deliveries:
        """The records of deliveries in Firestore."""
        from reelgate.adapters.records.deliveries import DocumentDeliveries

        return DocumentDeliveries(self._documents)

    @cached_property
    def preferences(self) -> Preferences:
        """The users' preferences in Firestore."""
        from reelgate.adapters.records.preferences import DocumentPreferences

        return DocumentPreferences(self._documents)

    @cached_property
    def mailer(self) -> Mailer | None:
        """The mail server of REELGATE_SMTP_*. If none is set, this logs that and is None: no mails are sent."""
        mail = self._config.notifications.mail
        if mail is None:
            logging.getLogger("reelgate").warning("no mails are sent: REELGATE_SMTP_HOST is not set")
            return None
        from reelgate.adapters.mail.mail_message import MailHeaders
        from reelgate.adapters.mail.smtp_mailer import SmtpMailer
        from reelgate.adapters.mail.smtp_session import SmtpServer

        server = SmtpServer(host=mail.host, port=mail.port, security=mail.security, user=mail.user, password=mail.password)
        return SmtpMailer(server, MailHeaders(sender=mail.sender, unsubscribe=mail.unsubscribe))

    @cached_property
    def webhooks(self) -> WebhookPoster:
        """Webhooks over HTTP."""
        from reelgate.adapters.webhooks.webhook_post import HttpWebhookPoster

        return HttpWebhookPoster(private_allowed=self._config.notifications.private_targets)
