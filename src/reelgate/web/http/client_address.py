"""Where a request comes from, as far as that can be known."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request

IPV6_PREFIX = 64
"""What one household or machine gets of IPv6; it may use a new address of it for every request."""


def forwarded_for(request: Request) -> list[str]:
    """Return the entries of X-Forwarded-For in their order, however many headers they are spread over."""
    entries = [entry.strip() for value in request.headers.getlist("x-forwarded-for") for entry in value.split(",")]
    return [entry for entry in entries if entry]


def client_address(request: Request, *, proxies_in_front: int) -> str | None:
    """Return the client's IPv4 address or IPv6 network, or None where it cannot be known.

    Every proxy writes behind X-Forwarded-For who called it. What a client has written there itself stands before that, so
    one counts from the end: `proxies_in_front` entries are of trusted proxies, the next one is the client. With fewer
    entries none is: the first would be a proxy's, and the same for all the world.
    """
    entries = forwarded_for(request)
    if not entries and not proxies_in_front:
        return _network(request.client.host if request.client else "")
    return _network(entries[-1 - proxies_in_front]) if len(entries) > proxies_in_front else None


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address.packed, IPV6_PREFIX), strict=False))
    return str(address)
