"""A mail as the bytes that are sent (RFC 5322, MIME), with the headers that mail software expects from automatic mails."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import idna

from reelgate.ports.notifications import Mail, NotSent

MAX_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3: a path has at most 256 characters, its brackets included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHeaders:
    """The headers of every mail. `unsubscribe` is a mailto: or https: address, or empty."""

    sender: Address
    unsubscribe: str = ""


def mail_address(text: str, name: str = "") -> Address:
    """Return one address `local@domain`; the domain in the ASCII form of IDNA 2008. Raises ValueError for anything else."""
    local, _, domain = text.rpartition("@")
    if not local or not domain or len(text) > MAX_ADDRESS:
        raise ValueError("is not an e-mail address")
    try:
        domain = domain if domain.isascii() else _ascii_domain(domain)
        if not f"{local}{domain}".isprintable() or " " in text:
            raise ValueError
        if len(f"{local}@{domain}".encode()) > MAX_ADDRESS:
            raise ValueError
        # Only ASCII can be parsed; a local part with other letters (RFC 6531) must not need quotes.
        username = Address(addr_spec=f"{local if local.isascii() else 'x'}@{domain}").username
        username = username if local.isascii() else _unquoted(local)
        return Address(display_name=name, username=username, domain=domain)
    except (HeaderParseError, ValueError, IndexError, AttributeError):  # the parser itself stumbles over `a@[b`
        raise ValueError("is not an e-mail address") from None


def sender_address(text: str, name: str) -> Address:
    """Return the address in `local@domain` or `Name <local@domain>`; `name` if it has no name. Raises ValueError."""
    before, bracket, rest = text.partition("<")
    if not bracket:
        return mail_address(text, name)
    if not rest.endswith(">") or not before.isprintable():
        raise ValueError("is not an e-mail address")
    return mail_address(rest[:-1], before.strip().strip('"') or name)


def recipient_of(mail: Mail) -> Address:
    """Return the recipient of a mail. Raises a permanent NotSent if the address is invalid."""
    try:
        return mail_address(mail.to)
    except ValueError:
        raise NotSent("the recipient's address is invalid", retryable=False) from None


def as_message(mail: Mail, headers: MailHeaders, *, to: Address, at: datetime) -> EmailMessage:
    """Return the mail as a message with a plain and an HTML part.

    Its Message-ID depends on the event alone, so that a repeated mail can be recognised.

    Raises:
        ValueError: a header would contain a line break. `Mail` has none; this is a second check.
    """
    message = EmailMessage(policy=SMTP if _ascii_only(to, headers.sender) else SMTPUTF8)
    message["From"] = headers.sender
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = at
    message["Message-ID"] = f"<{mail.message_id}@{headers.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office notice shall answer
    if headers.unsubscribe:
        message["List-Unsubscribe"] = f"<{headers.unsubscribe}>"  # RFC 2369
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def _ascii_only(*addresses: Address) -> bool:
    return all(address.addr_spec.isascii() for address in addresses)


def _ascii_domain(domain: str) -> str:
    """Return the name of an international domain in the DNS (RFC 5891, 4). Raises ValueError if it has none.

    The standard library only has IDNA 2003, which maps `faß.de` to `fass.de`, a different domain. Of the mappings for user
    input (RFC 5895), NFC and lower case are applied; names that need more, such as ligatures, are refused.
    """
    return idna.encode(unicodedata.normalize("NFC", domain).lower(), std3_rules=True).decode()


def _unquoted(local: str) -> str:
    if set(local) & set('"(),:;<>@[\\]'):
        raise ValueError
    return local
