"""Which URLs a webhook may have."""

from __future__ import annotations

from dataclasses import field
from urllib.parse import SplitResult, urlsplit

from reelgate.domain.notifications.target_addresses import address_in, is_loopback, why_forbidden
from reelgate.domain.value_types import value_type

MAX_URL = 2000


@value_type
class Target:
    """The parts of a URL. `path` includes the query; the host is in ASCII."""

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
    """Return the parts of a webhook's URL.

    Raises:
        ValueError: a webhook may not have this URL. The text never contains the URL, whose path is often a secret.
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


def _is_secure(parts: SplitResult, host: str, *, private_allowed: bool) -> bool:
    if parts.scheme == "https":
        return True
    address = address_in(host)
    here = host == "localhost" or (address is not None and is_loopback(address))
    if parts.scheme == "http" and private_allowed and here:
        return False
    raise ValueError("must begin with https://")
