"""One SMTP session (RFC 5321) in the calling thread, up to the point where the text would be sent."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import field
from typing import Literal

from reelgate.domain.value_types import value_type
from reelgate.ports.notifications import NotSent, PerhapsSent

Security = Literal["starttls", "tls", "none"]

COMMAND_SECONDS = 10.0
"""For each answer before the text. Servers give these at once."""
FINAL_ANSWER_SECONDS = 60.0
"""For the answer to the text: servers check it for spam before they accept it."""
QUIT_SECONDS = 1.0

_LINE_DOT = re.compile(rb"(?m)^\.")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


@value_type
class SmtpServer:
    """The mail server and the credentials for it. Without a user, AUTH is not used."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


class SmtpSession:
    """A connection for one mail. Methods block and raise NotSent, or PerhapsSent if the outcome is unknown."""

    def __init__(self, server: SmtpServer, tls: ssl.SSLContext, *, hello: str) -> None:
        """`tls` verifies the server's certificate; `hello` is the name to greet with."""
        self._server = server
        self._tls = tls
        self._hello = hello
        self._smtp: smtplib.SMTP | None = None
        self._aborted = False

    def prepare(self, *, sender: str, recipient: str) -> None:
        """Connect, encrypt, sign in, and have the server accept sender and recipient."""
        try:
            self._prepare(sender, recipient)
        finally:
            if self._aborted:  # possibly before it was connected
                self.quit()

    def abort(self) -> None:
        """Make a call in another thread fail at once. Does not block."""
        self._aborted = True
        smtp = self._smtp
        if smtp is not None and smtp.sock is not None:
            with suppress(OSError):
                smtp.sock.shutdown(socket.SHUT_RDWR)

    def _prepare(self, sender: str, recipient: str) -> None:
        try:
            smtp = self._smtp = self._connected()
            self._encrypt_and_sign_in(smtp)
            needs_utf8 = not (sender.isascii() and recipient.isascii())
            if needs_utf8 and not smtp.has_extn("smtputf8"):
                raise NotSent("the mail server accepts only ASCII addresses (no SMTPUTF8)", retryable=False)
            options = ["SMTPUTF8"] if needs_utf8 else []
            # From here on a permanent refusal (5xx) is about this mail, not about the server's state or our credentials.
            _accepted(smtp.mail(sender, options), "MAIL", (250,))
            _accepted(smtp.rcpt(recipient), "RCPT", (250, 251))
        except ssl.SSLError as error:
            raise NotSent(
                f"the mail server's TLS certificate could not be verified: {_clean(error.reason or 'error')}"
            ) from None
        except smtplib.SMTPResponseException as error:  # greeting, EHLO, STARTTLS, AUTH
            if isinstance(error, smtplib.SMTPAuthenticationError):  # the server's text may quote the credentials
                raise NotSent("the mail server refused the credentials", status=error.smtp_code) from None
            raise NotSent(f"the mail server answered {_reply(error)}", status=error.smtp_code) from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the mail server cannot be reached or used: {type(error).__name__}") from None

    def hand_over(self, message: bytes) -> int:
        """Send the text and return the server's status, 250."""
        smtp = self._smtp
        if smtp is None or smtp.sock is None:
            raise NotSent("the connection to the mail server is closed")
        try:
            code, answer = smtp.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the connection to the mail server was lost before the text: {type(error).__name__}") from None
        _accepted((code, answer), "DATA", (354,))
        try:
            smtp.sock.settimeout(FINAL_ANSWER_SECONDS)
            smtp.send(_LINE_DOT.sub(b"..", message) + b".\r\n")
            code, answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise PerhapsSent(f"the connection to the mail server was lost during the text: {type(error).__name__}") from None
        return _accepted((code, answer), "the text", (250,))

    def quit(self) -> None:
        """Send QUIT, wait briefly for its answer, and close the connection."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            if smtp.sock is not None:
                smtp.sock.settimeout(QUIT_SECONDS)
                smtp.docmd("QUIT")
        smtp.close()

    def _connected(self) -> smtplib.SMTP:
        where = (self._server.host, self._server.port)
        if self._server.security == "tls":
            return smtplib.SMTP_SSL(*where, local_hostname=self._hello, timeout=COMMAND_SECONDS, context=self._tls)
        return smtplib.SMTP(*where, local_hostname=self._hello, timeout=COMMAND_SECONDS)

    def _encrypt_and_sign_in(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            if not smtp.has_extn("starttls"):  # or an attacker in between has removed it
                raise NotSent("the mail server does not offer STARTTLS")
            smtp.starttls(context=self._tls)
            smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            smtp.login(self._server.user, self._server.password)


def _accepted(answer: tuple[int, bytes], command: str, expected: tuple[int, ...]) -> int:
    code, text = answer
    if code in expected:
        return code
    said = _clean(text.decode(errors="replace"))
    raise NotSent(f"the mail server answered {command} with {code} {said}", status=code, retryable=not 500 <= code < 600)


def _reply(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {_clean(said.decode(errors='replace') if isinstance(said, bytes) else said)}"


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)[:200]
