"""A mail as the bytes that are sent (RFC 5322, MIME), with the headers that mail software expects from automatic mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from reelgate.domain.notifications.mail_addresses import mail_address
from reelgate.ports.notifications import Mail, NotSent


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHeaders:
    """The headers of every mail. `unsubscribe` is a mailto: or https: address, or empty."""

    sender: Address
    unsubscribe: str = ""


def recipient_of(mail: Mail) -> Address:
    """Return the recipient of a mail. Raises a permanent NotSent if the address is invalid."""
    try:
        return mail_address(mail.to)
    except ValueError:
        raise NotSent("the recipient's address is invalid", retryable=False) from None


def as_message(mail: Mail, headers: MailHeaders, *, to: Address, at: datetime) -> EmailMessage:
    """Return the mail as a message with a plain and an HTML part.

    Its Message-ID depends on the event alone, so that a duplicate mail can be recognised.

    Raises:
        ValueError: a header would contain a line break. `Mail` has none; this is a second check.
    """
    message = EmailMessage(policy=SMTP if _ascii_only(to, headers.sender) else SMTPUTF8)
    message["From"] = headers.sender
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = at
    message["Message-ID"] = f"<{mail.message_id}@{headers.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notice should answer it
    if headers.unsubscribe:
        message["List-Unsubscribe"] = f"<{headers.unsubscribe}>"  # RFC 2369
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def _ascii_only(*addresses: Address) -> bool:
    return all(address.addr_spec.isascii() for address in addresses)
