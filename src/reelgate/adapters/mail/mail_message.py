"""A mail as the bytes that are sent (RFC 5322, MIME), with the headers that mail software expects from automatic mails."""

from __future__ import annotations

import re
from binascii import b2a_qp
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime

from reelgate.domain.notifications.mail_addresses import mail_address
from reelgate.domain.value_types import value_type
from reelgate.ports.notifications import Mail, NotSent

_BOUNDARY = "=_alternative"
"""No quoted-printable text contains `=_` (RFC 2045, 6.7)."""
MAX_PLAIN_HEADER = 900
"""A line has at most 998 characters (RFC 5322, 2.1.1). Encoded words are folded into short ones."""
_LINE_END = re.compile(r"\r\n|\r|\n")


@value_type
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


def message_bytes(mail: Mail, headers: MailHeaders, *, to: Address, at: datetime) -> bytes:
    """Return the mail as it is sent: with a plain and an HTML part, and CRLF at the end of each line.

    Its Message-ID depends on the event alone, so that a duplicate mail can be recognised. In addresses, letters beyond ASCII
    stay (RFC 6532, with SMTPUTF8); everywhere else they are encoded (RFC 2047). Written here line by line, because
    `email.message` takes 1.8 ms of CPU time for what takes 0.1 ms here: it was a third of sending a mail.

    Raises:
        ValueError: a header would contain a line break. `Mail` has none; this is a second check.
    """
    fields = {
        "From": _mailbox(headers.sender),
        "To": _mailbox(to),
        "Subject": _encoded("Subject", _one_line(mail.subject)),
        "Date": format_datetime(at),
        "Message-ID": f"<{_one_line(mail.message_id)}@{headers.sender.domain}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office notice should answer it
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
    }
    if headers.unsubscribe:
        fields["List-Unsubscribe"] = f"<{_one_line(headers.unsubscribe)}>"  # RFC 2369
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"".join(
        (head.encode(), b"\r\n", _part("plain", mail.text), _part("html", mail.html), f"--{_BOUNDARY}--\r\n".encode())
    )


def _part(kind: str, text: str) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = _LINE_END.sub("\r\n", text)
    # The final line end also decides that soft line breaks are CRLF.
    return head.encode() + b2a_qp((lines if lines.endswith("\r\n") else f"{lines}\r\n").encode(), istext=True) + b"\r\n"


def _mailbox(address: Address) -> str:
    """Return an address with its display name, which is quoted (RFC 5322, 3.4) or, beyond ASCII, encoded."""
    name, spec = _one_line(address.display_name), _one_line(address.addr_spec)
    if not name:
        return spec
    if name.isascii() and "=?" not in name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{spec}>'
    return f"{_encoded('From', name)}\r\n <{spec}>"


def _encoded(header: str, text: str) -> str:
    """Return text for a header. What looks like an encoded word is encoded, too, so that it is shown as it is."""
    if text.isascii() and "=?" not in text and len(text) <= MAX_PLAIN_HEADER:
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _one_line(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise ValueError("a header has a line break")
    return text
