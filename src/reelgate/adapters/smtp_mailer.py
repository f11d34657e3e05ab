"""Mails by SMTP, with the standard library's client in a thread: a mail is a rare and slow thing, and any server will do."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from email.message import EmailMessage

from reelgate.adapters.mail_message import MailHeaders, as_message, recipient_of
from reelgate.adapters.smtp_session import SmtpServer, SmtpSession
from reelgate.domain.mails import Mail
from reelgate.ports.telling import NotSent, PerhapsSent

PREPARE_SECONDS = 30.0
HAND_OVER_SECONDS = 75.0
"""For everything before the text, and for the text: together less than a function call, a push and a lease may take."""


class SmtpMailer:
    """Implements `Mailer`. Each mail has a connection of its own: between two of them the function may stand still."""

    def __init__(self, server: SmtpServer, headers: MailHeaders, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the system's certificate authorities."""
        self._server = server
        self._headers = headers
        self._tls = tls or ssl.create_default_context()

    async def open(self, mail: Mail, *, at: datetime) -> SmtpMail:
        """See `Mailer.open`."""
        to = recipient_of(mail)
        message = as_message(mail, self._headers, to=to, at=at)
        session = SmtpSession(self._server, self._tls, hello=self._headers.sender.domain)
        opened = SmtpMail(session, message)
        try:
            async with asyncio.timeout(PREPARE_SECONDS):
                await asyncio.to_thread(session.prepare, sender=self._headers.sender.addr_spec, recipient=to.addr_spec)
        except TimeoutError:
            # The thread ends with its next answer or time limit; the text is sent by `hand_over` alone.
            raise NotSent("the mail server is too slow") from None
        except NotSent:
            await opened.close()
            raise
        return opened


class SmtpMail:
    """Implements `OpenMail`."""

    def __init__(self, session: SmtpSession, message: EmailMessage) -> None:
        self._session = session
        self._message = message

    async def hand_over(self) -> int:
        """See `OpenMail.hand_over`."""
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS):
                return await asyncio.to_thread(self._session.hand_over, self._message)
        except TimeoutError:
            raise PerhapsSent("the mail server did not say in time whether it took the text") from None

    async def close(self) -> None:
        """See `OpenMail.close`."""
        await asyncio.to_thread(self._session.quit)
