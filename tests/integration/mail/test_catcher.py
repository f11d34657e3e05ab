"""The mail catcher and webhook receiver over real sockets, used by the product's own mailer and poster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from localcloud.mail.server import running
from reelgate.adapters.mail.mail_message import MailHeaders
from reelgate.adapters.mail.smtp_mailer import SmtpMailer
from reelgate.adapters.mail.smtp_session import SmtpServer
from reelgate.adapters.webhooks.webhook_post import HttpWebhookPoster
from reelgate.domain.notifications.mail_addresses import mail_address
from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.domain.notifications.webhook_signatures import signing_key
from reelgate.ports.notifications import Mail, NotSent, PerhapsSent

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAIL = Mail(to="ada@example.org", subject="Hi", text="plain", html="<p>html</p>", message_id="evt_1")


@dataclass
class Catcher:
    http: httpx.AsyncClient
    port: int
    mailer: SmtpMailer

    async def send(self) -> int:
        opened = await self.mailer.open(MAIL, at=datetime.now(UTC))
        try:
            return await opened.hand_over()
        finally:
            await opened.close()

    async def post(self, secret: str = SECRET, name: str = "local") -> int:
        url = f"http://127.0.0.1:{self.port}/_emulator/webhooks/{name}"
        endpoint = Endpoint(id="x", url=url, secrets=(signing_key(secret),))
        return await HttpWebhookPoster(private_allowed=True).post(endpoint, "evt_1", b"{}", at=datetime.now(UTC))


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    async with running(port=0, smtp_port=0, secret=SECRET) as (port, smtp_port):
        server = SmtpServer(host="127.0.0.1", port=smtp_port, security="none")
        mailer = SmtpMailer(server, MailHeaders(sender=mail_address("no-reply@reelgate.example")))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/_emulator") as http:
            yield Catcher(http, port, mailer)


async def test_mails_are_kept_shown_and_forgotten(catcher: Catcher) -> None:
    assert await catcher.send() == 250
    (mail,) = (await catcher.http.get("/mails", params={"to": "ada@example.org"})).json()
    assert (mail["subject"], mail["text"].strip(), mail["html"].strip()) == ("Hi", "plain", "<p>html</p>")
    assert (await catcher.http.get("/mails", params={"to": "bob@example.org"})).json() == []
    await catcher.http.delete("/mails")
    assert (await catcher.http.get("/mails")).json() == []


async def test_mails_are_refused_as_asked(catcher: Catcher) -> None:
    for fault, error, status, kept in [
        ({"stage": "rcpt", "status": 451}, NotSent, 451, 0),
        ({"stage": "text", "status": 554}, NotSent, 554, 0),
        ({"stage": "rcpt", "status": 0}, NotSent, None, 0),
        ({"stage": "text", "status": 0}, PerhapsSent, None, 0),
        ({"stage": "text", "status": 0, "keep": True}, PerhapsSent, None, 1),
    ]:
        assert (await catcher.http.put("/mails/faults", json=fault)).status_code == 200
        with pytest.raises(error) as refused:
            await catcher.send()
        assert getattr(refused.value, "status", None) == status
        assert len((await catcher.http.get("/mails")).json()) == kept
    assert await catcher.send() == 250


async def test_webhooks_are_kept_with_whether_they_are_right(catcher: Catcher) -> None:
    assert (await catcher.http.get("/webhooks/secret")).json() == {"secret": SECRET}
    assert await catcher.post() == 204
    assert await catcher.post("whsec_" + "A" * 32, name="other") == 204
    hooks = (await catcher.http.get("/webhooks")).json()
    assert [(hook["name"], hook["verified"], hook["answered"]) for hook in hooks] == [
        ("local", True, 204),
        ("other", False, 204),
    ]
    assert len((await catcher.http.get("/webhooks", params={"name": "other"})).json()) == 1


async def test_webhooks_are_refused_as_asked(catcher: Catcher) -> None:
    await catcher.http.put("/webhooks/faults", json={"status": 500, "times": 1, "name": "local"})
    assert await catcher.post(name="other") == 204
    with pytest.raises(NotSent, match="answered 500"):
        await catcher.post()
    await catcher.http.put("/webhooks/faults", json={"status": 0})
    with pytest.raises(NotSent, match="closed the connection"):
        await catcher.post()
    assert await catcher.post() == 204
    assert (await catcher.http.put("/webhooks/faults", json={"status": 1})).status_code == 400
    assert (await catcher.http.put("/webhooks/faults", content=b"{")).status_code == 400
    await catcher.http.put("/webhooks/faults", json={"status": 500, "times": 9})
    await catcher.http.delete("/webhooks/faults")
    assert await catcher.post() == 204
