"""Settings of mails and webhooks."""

from __future__ import annotations

import re
from dataclasses import field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlsplit

from reelgate.config.reader import Reader
from reelgate.config.webhooks import parse_endpoints
from reelgate.domain.notifications.channels import Notifications
from reelgate.domain.value_types import value_type

if TYPE_CHECKING:
    from email.headerregistry import Address

SmtpSecurity = Literal["starttls", "tls", "none"]
STANDARD_PORTS = {"starttls": 587, "tls": 465, "none": 25}

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?|::1")


@value_type
class MailSettings:
    """The mail server, and the headers of mails."""

    host: str
    port: int
    security: SmtpSecurity
    user: str
    password: str = field(repr=False)
    sender: Address
    unsubscribe: str


@value_type
class NotificationSettings:
    """`mail` is None if no mails are sent. `private_targets` is whether webhooks may go to addresses that are not public."""

    channels: Notifications
    mail: MailSettings | None
    private_targets: bool


def notifications_from(read: Reader, *, in_cloud: bool) -> NotificationSettings:
    """Return the settings."""
    private = read.choice("REELGATE_WEBHOOK_PRIVATE_TARGETS", "refuse", ("refuse", "allow")) == "allow"
    if private and in_cloud:
        read.problems.append("REELGATE_WEBHOOK_PRIVATE_TARGETS is for the local cloud only (K_SERVICE is set): unset it")
    product = read.parsed("REELGATE_PRODUCT_NAME", "Reelgate", _line)
    mail = _mail_from(read, product)
    return NotificationSettings(
        channels=Notifications(
            mails=mail is not None,
            endpoints=read.parsed("REELGATE_WEBHOOKS", (), lambda text: parse_endpoints(text, private_allowed=private)),
            attempts=read.whole("REELGATE_DELIVERY_ATTEMPTS", 10, maximum=50),
            mails_per_day=read.whole("REELGATE_MAILS_PER_DAY", 20, maximum=1000),
            to_unverified=read.choice("REELGATE_UNVERIFIED_ADDRESSES", "withhold", ("withhold", "mail")) == "mail",
            product=product,
            api_url=read.parsed("REELGATE_API_URL", "", _url),
            audio_page=read.parsed("REELGATE_MAIL_AUDIO_PAGE", "", _page),
        ),
        mail=mail,
        private_targets=private,
    )


def _mail_from(read: Reader, product: str) -> MailSettings | None:
    host = read.parsed("REELGATE_SMTP_HOST", "", _host)
    security = cast("SmtpSecurity", read.choice("REELGATE_SMTP_SECURITY", "starttls", ("starttls", "tls", "none")))
    port = read.whole("REELGATE_SMTP_PORT", STANDARD_PORTS.get(security, 587), maximum=65_535)
    user = read.parsed("REELGATE_SMTP_USER", "", _line)
    password = read.parsed("REELGATE_SMTP_PASSWORD", "", _secret)
    sender = read.parsed("REELGATE_MAIL_FROM", None, lambda text: _sender(text, product))
    unsubscribe = read.parsed("REELGATE_MAIL_UNSUBSCRIBE", "", _unsubscribe)
    if bool(user) != bool(password):
        read.problems.append("REELGATE_SMTP_USER and REELGATE_SMTP_PASSWORD must be set together or not at all")
    if not host:
        return None
    if not sender:
        read.problems.append("REELGATE_MAIL_FROM is missing (REELGATE_SMTP_HOST is set)")
    if security == "none" and not _is_here(host):
        read.problems.append("REELGATE_SMTP_SECURITY: 'none' needs a mail server on the same machine")
    return MailSettings(
        host=host, port=port, security=security, user=user, password=password, sender=sender, unsubscribe=unsubscribe
    )


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("must be a host name or an IP address")
    return text


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _line(text: str) -> str:
    if not text.isprintable() or not text.strip() or len(text) > 100:
        raise ValueError("must be one line of at most 100 characters")
    return text.strip()


def _secret(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line")
    return text


def _sender(text: str, product: str) -> Address:
    from reelgate.domain.notifications.mail_addresses import sender_address  # noqa: PLC0415 - slow to import

    return sender_address(text, product)


def _unsubscribe(text: str) -> str:
    if not text.isascii() or not text.isprintable() or set(text) & set(" <>,") or not text.startswith(("mailto:", "https://")):
        raise ValueError("must start with mailto: or https://")
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("must be a URL") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or not text.isprintable():
        raise ValueError("must be a URL that starts with https:// and has no query")
    return text.rstrip("/")


def _page(text: str) -> str:
    plain = text.isascii() and text.isprintable() and not set(text) & set(' <>"')
    if not plain or not text.startswith(("https://", "http://")) or text.count("{video_id}") != 1:
        raise ValueError("must be a URL that starts with https:// and has {video_id} in it")
    return text
