"""Mails through real SMTP servers: encrypted, signed in, refused, and lost at every step."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from reelgate.adapters.mail import smtp_mailer, smtp_session
from reelgate.adapters.mail.mail_message import MailHeaders
from reelgate.adapters.mail.smtp_mailer import SmtpMailer
from reelgate.adapters.mail.smtp_session import SmtpServer
from reelgate.domain.notifications.mail_addresses import mail_address
from reelgate.ports.notifications import Mail, NotSent, PerhapsSent
from tests.fixtures.certificates import Certificate
from tests.integration.notify.smtp_servers import (
    DROP,
    PASSWORD,
    SILENCE,
    USER,
    Received,
    Script,
    real_server,
    scripted_server,
)

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
TEXT = "Grüße\n.\n..two dots\n.hidden\n" + "long " * 300
MAIL = Mail(to="ada@example.org", subject="Grüße", text=TEXT, html="<p>Grüße</p>\n.\n", message_id="evt_1")
HEADERS = MailHeaders(sender=mail_address("no-reply@reelgate.example", "Reelgate"))


def server_at(port: int, **more: Any) -> SmtpServer:
    return SmtpServer(**{"host": "127.0.0.1", "port": port, "security": "none", **more})


async def send(mailer: SmtpMailer, mail: Mail = MAIL) -> int:
    opened = await mailer.open(mail, at=AT)
    try:
        return await opened.hand_over()
    finally:
        await opened.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_arrives_whole_over_tls_with_a_login(certificate: Certificate, security: str) -> None:
    received = Received()
    tls = {"starttls" if security == "starttls" else "tls": certificate.server()}
    async with real_server(received, auth=True, **tls) as port:
        server = server_at(port, security=security, user=USER, password=PASSWORD)
        assert await send(SmtpMailer(server, HEADERS, tls=certificate.client())) == 250
    (envelope,) = received.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@reelgate.example", ["ada@example.org"])
    assert (received.logins, received.encrypted) == ([USER], [True])
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert (message["Subject"], message["Message-ID"]) == ("Grüße", "<evt_1@reelgate.example>")
    assert plain.get_content().replace("\r\n", "\n").rstrip() == TEXT.rstrip()
    assert html.get_content().replace("\r\n", "\n") == MAIL.html


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("trusted", ["nobody", "stranger", "wrong name"])
async def test_a_server_that_cannot_show_who_it_is_gets_neither_password_nor_mail(
    certificate: Certificate, stranger: Certificate, security: str, trusted: str
) -> None:
    shown = stranger if trusted == "wrong name" else certificate
    client = {"nobody": None, "stranger": stranger.client(), "wrong name": stranger.client()}[trusted]
    received = Received()
    async with real_server(received, auth=True, **{security: shown.server()}) as port:
        server = server_at(port, security=security, user=USER, password=PASSWORD)
        with pytest.raises(NotSent, match="certificate could not be verified") as refused:
            await send(SmtpMailer(server, HEADERS, tls=client))
    assert refused.value.retryable
    assert (received.mails, received.logins) == ([], [])


async def test_a_server_that_hides_starttls_gets_neither_password_nor_mail() -> None:
    script = Script({})
    async with scripted_server(script) as port:
        with pytest.raises(NotSent, match="does not offer STARTTLS"):
            await send(SmtpMailer(server_at(port, security="starttls", user=USER, password=PASSWORD), HEADERS))
    assert [line.partition(" ")[0].upper() for line in script.heard] == ["EHLO", "QUIT"]


async def test_a_wrong_password_is_not_the_mail_s_fault_and_shows_nowhere(certificate: Certificate) -> None:
    received = Received()
    async with real_server(received, starttls=certificate.server(), auth=True) as port:
        server = server_at(port, security="starttls", user=USER, password="wrong-secret")
        with pytest.raises(NotSent, match="refused the credentials") as refused:
            await send(SmtpMailer(server, HEADERS, tls=certificate.client()))
    assert (refused.value.status, refused.value.retryable) == (535, True)
    assert "wrong-secret" not in f"{refused.value!r} {refused.value.__context__!r} {server!r}"
    assert received.mails == []


@pytest.mark.parametrize(
    ("command", "answer", "status", "retryable"),
    [
        ("CONNECT", "421 busy", 421, True),
        ("CONNECT", "554 go away", 554, True),
        ("MAIL", "451 later", 451, True),
        ("MAIL", "550 not from you", 550, False),
        ("RCPT", "450 mailbox busy", 450, True),
        ("RCPT", "550 5.1.1 nobody here", 550, False),
        ("DATA", "451 later", 451, True),
        ("DATA", "554 no", 554, False),
        ("TEXT", "452 no room", 452, True),
        ("TEXT", "554 5.7.1 spam", 554, False),
    ],
)
async def test_refusals_are_certain_and_tell_why(command: str, answer: str, status: int, retryable: bool) -> None:
    async with scripted_server(Script({command: answer})) as port:
        with pytest.raises(NotSent, match=answer.rpartition(" ")[2]) as refused:
            await send(SmtpMailer(server_at(port), HEADERS))
    assert (refused.value.status, refused.value.retryable) == (status, retryable)


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_text_sent_nothing(command: str) -> None:
    async with scripted_server(Script({command: DROP, **({"HELO": DROP} if command == "EHLO" else {})})) as port:
        with pytest.raises(NotSent) as refused:
            await send(SmtpMailer(server_at(port), HEADERS))
    assert (refused.value.status, refused.value.retryable) == (None, True)


@pytest.mark.parametrize("script", [{"TEXT": DROP}, {"HALF": DROP}])
async def test_a_connection_lost_in_or_after_the_text_is_uncertain(script: dict[str, str]) -> None:
    big = replace(MAIL, text="x" * 4_000_000)
    async with scripted_server(Script(script)) as port:
        with pytest.raises(PerhapsSent, match="lost during the text"):
            await send(SmtpMailer(server_at(port), HEADERS), big)


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "RCPT", "DATA"])
async def test_a_server_that_falls_silent_before_the_text_is_given_up(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(smtp_session, "COMMAND_SECONDS", 0.2)
    async with scripted_server(Script({command: SILENCE})) as port:
        with pytest.raises(NotSent):
            await send(SmtpMailer(server_at(port), HEADERS))


async def test_a_server_that_falls_silent_after_the_text_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_session, "FINAL_ANSWER_SECONDS", 0.2)
    async with scripted_server(Script({"TEXT": SILENCE})) as port:
        with pytest.raises(PerhapsSent):
            await send(SmtpMailer(server_at(port), HEADERS))


async def test_all_steps_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_mailer, "PREPARE_SECONDS", 0.2)
    monkeypatch.setattr(smtp_session, "COMMAND_SECONDS", 1.0)
    script = Script({"RCPT": SILENCE})
    async with scripted_server(script) as port:
        with pytest.raises(NotSent, match="too slow"):
            await send(SmtpMailer(server_at(port), HEADERS))
        assert "DATA" not in script.heard


async def test_the_text_and_its_answer_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_mailer, "HAND_OVER_SECONDS", 0.2)
    async with scripted_server(Script({"TEXT": SILENCE})) as port:
        with pytest.raises(PerhapsSent, match="did not confirm in time"):
            await send(SmtpMailer(server_at(port), HEADERS))


async def test_where_nobody_listens_nothing_is_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotSent, match="cannot be reached"):
            await send(SmtpMailer(server_at(taken.getsockname()[1]), HEADERS))


async def test_an_address_beyond_ascii_needs_a_server_that_can() -> None:
    mail = replace(MAIL, to="ädä@example.org")
    received = Received()
    async with real_server(received) as port:
        assert await send(SmtpMailer(server_at(port), HEADERS), mail) == 250
    assert received.mails[0].rcpt_tos == ["ädä@example.org"]
    async with scripted_server(Script({})) as port:
        with pytest.raises(NotSent, match="SMTPUTF8") as refused:
            await send(SmtpMailer(server_at(port), HEADERS), mail)
    assert not refused.value.retryable


async def test_what_is_opened_and_not_handed_over_sends_nothing() -> None:
    received = Received()
    async with real_server(received) as port:
        opened = await SmtpMailer(server_at(port), HEADERS).open(MAIL, at=AT)
        await opened.close()
        with pytest.raises(NotSent, match="closed"):
            await opened.hand_over()
        await asyncio.gather(opened.close(), opened.close())
    assert received.mails == []
