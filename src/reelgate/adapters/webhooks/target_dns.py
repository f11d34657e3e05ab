"""Resolve a webhook's host once, check every address of it, and connect to one of exactly those.

The checked and the connected address cannot differ, whatever a name server answers the second time.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from reelgate.adapters.webhooks.target_addresses import IpAddress, address_in, is_loopback, why_forbidden
from reelgate.ports.notifications import NotSent

MAX_URL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parsed URL. `path` includes the query; the host is in ASCII."""

    secure: bool
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def authority(self) -> str:
        """The value of the Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_target(url: str, *, private_allowed: bool) -> Target:
    """Return the target of a URL.

    Raises:
        ValueError: the URL is not allowed. The text never contains the URL, whose path is often a secret.
    """
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"must be a URL in ASCII of at most {MAX_URL} characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if not host:
        raise ValueError("has no host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must not have a user, a password or a fragment")
    secure = _is_secure(parts, host, private_allowed=private_allowed)
    address = address_in(host)
    if address is not None and not private_allowed and (why := why_forbidden(address)):
        raise ValueError(f"leads to an address that is not public ({why})")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Target(secure=secure, host=host, port=port or (443 if secure else 80), path=path)


async def addresses_of(target: Target, *, private_allowed: bool) -> list[IpAddress]:
    """Return every address of a target's host, all of them allowed. Raises NotSent."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent("the endpoint's host cannot be resolved") from None
    addresses = [address for text in dict.fromkeys(str(info[4][0]) for info in found) if (address := address_in(text))]
    if not addresses:
        raise NotSent("the endpoint's host has no address")
    for address in addresses:
        if not private_allowed and (why := why_forbidden(address)):
            raise NotSent(f"the endpoint's host leads to an address that is not public ({why})")
        if not target.secure and not is_loopback(address):
            raise NotSent("http is only allowed for this machine: use https")
    return addresses


def _is_secure(parts: SplitResult, host: str, *, private_allowed: bool) -> bool:
    if parts.scheme == "https":
        return True
    address = address_in(host)
    here = host == "localhost" or (address is not None and is_loopback(address))
    if parts.scheme == "http" and private_allowed and here:
        return False
    raise ValueError("must begin with https://")
