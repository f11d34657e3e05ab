"""The SMTP server accepts every mail, unless a fault says otherwise. No TLS, no AUTH: only this machine reaches it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from localcloud.mail.mailbox import Mailbox, mail_json
from localcloud.serving import HOST

MAX_MAIL_BYTES = 4 * 1024 * 1024


class Catcher:
    """aiosmtpd's handler."""

    def __init__(self, mails: Mailbox) -> None:
        self._mails = mails

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        fault = self._mails.inject(stage="rcpt")
        if fault is not None:
            return _answer(server, fault.status)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take a mail."""
        fault = self._mails.inject(stage="text")
        if fault is None or fault.keep:
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self._mails.add(mail_json(content, sender=envelope.mail_from or "", recipients=list(envelope.rcpt_tos)))
        return "250 OK" if fault is None else _answer(server, fault.status)


def _answer(server: SMTP, status: int) -> str:
    if status:
        return f"{status} injected fault"
    if server.transport is not None:  # aiosmtpd declares a BaseTransport; uvloop's is no subclass of WriteTransport
        cast(asyncio.WriteTransport, server.transport).abort()
    return "421 gone"


@asynccontextmanager
async def smtp_listening(mails: Mailbox, port: int) -> AsyncIterator[int]:
    """Take mails on 127.0.0.1 while the block runs; yields the port (port 0: one the system chose)."""

    def protocol() -> SMTP:
        return SMTP(Catcher(mails), hostname="localhost", data_size_limit=MAX_MAIL_BYTES, enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(protocol, HOST, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
