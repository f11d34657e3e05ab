"""Mails by SMTP, with the standard library's client in threads: mails are rare and slow, and any server works."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from reelgate.adapters.mail.mail_message import MailHeaders, message_bytes, recipient_of
from reelgate.adapters.mail.smtp_session import SmtpServer, SmtpSession
from reelgate.ports.notifications import Mail, NotSent, PerhapsSent

PREPARE_SECONDS = 30.0
HAND_OVER_SECONDS = 75.0
"""For everything before the text, and for the text: together less than the limits of a function call, a push and a lease."""
MAX_THREADS = 40
"""More than the concurrent requests of one instance, so no mail waits for another and a slow server delays nothing else."""


class SmtpMailer:
    """Implements `Mailer`. Each mail has its own connection, because the function may be frozen between two mails."""

    def __init__(self, server: SmtpServer, headers: MailHeaders, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the system's certificate authorities."""
        self._server = server
        self._headers = headers
        self._tls = tls or ssl.create_default_context()
        self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="smtp")

    async def open(self, mail: Mail, *, at: datetime) -> SmtpMail:
        """See `Mailer.open`."""
        to = recipient_of(mail)
        message = message_bytes(mail, self._headers, to=to, at=at)
        session = SmtpSession(self._server, self._tls, hello=self._headers.sender.domain)
        opened = SmtpMail(session, message, self._threads)
        sender = self._headers.sender.addr_spec
        try:
            async with asyncio.timeout(PREPARE_SECONDS):
                await _in_thread(self._threads, partial(session.prepare, sender=sender, recipient=to.addr_spec))
        except TimeoutError:
            session.abort()
            await opened.close()
            raise NotSent("the mail server is too slow") from None
        except NotSent:
            await opened.close()
            raise
        return opened


class SmtpMail:
    """Implements `OpenMail`."""

    def __init__(self, session: SmtpSession, message: bytes, threads: ThreadPoolExecutor) -> None:
        self._session = session
        self._message = message
        self._threads = threads

    async def hand_over(self) -> int:
        """See `OpenMail.hand_over`."""
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS):
                return await _in_thread(self._threads, partial(self._session.hand_over, self._message))
        except TimeoutError:
            self._session.abort()
            raise PerhapsSent("the mail server did not confirm in time that it accepted the text") from None

    async def close(self) -> None:
        """See `OpenMail.close`."""
        await _in_thread(self._threads, self._session.quit)


async def _in_thread[T](threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)
