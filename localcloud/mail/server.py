"""The SMTP server and the HTTP interface, started and stopped together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from localcloud.mail.api import mail_application
from localcloud.mail.mailbox import Mailbox
from localcloud.mail.smtp import smtp_listening
from localcloud.serving import listening


@asynccontextmanager
async def running(*, port: int, smtp_port: int, secret: str) -> AsyncIterator[tuple[int, int]]:
    """Run both while the block runs; yields the ports of HTTP and SMTP (0: one that the system chose)."""
    mails, webhooks = Mailbox(), Mailbox()
    runner = web.AppRunner(mail_application(mails, webhooks, secret), access_log=None)
    async with smtp_listening(mails, smtp_port) as bound_smtp, listening(runner, port) as bound:
        yield bound, bound_smtp
