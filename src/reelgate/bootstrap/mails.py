"""The mail server that the settings name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelgate.config.notifications import NotificationSettings
    from reelgate.ports.notifications import Mailer


def mail_server(config: NotificationSettings) -> Mailer | None:
    """Return the mail server. If none is set, log that and return None."""
    if config.mail is None:
        logging.getLogger("reelgate").warning("no mails are sent: REELGATE_SMTP_HOST is not set")
        return None
    from reelgate.adapters.mail.mail_message import MailHeaders
    from reelgate.adapters.mail.smtp_mailer import SmtpMailer
    from reelgate.adapters.mail.smtp_session import SmtpServer

    mail = config.mail
    server = SmtpServer(host=mail.host, port=mail.port, security=mail.security, user=mail.user, password=mail.password)
    return SmtpMailer(server, MailHeaders(sender=mail.sender, unsubscribe=mail.unsubscribe))
