"""The address of a request's client."""

from __future__ import annotations

import ipaddress
import logging

from starlette.requests import Request

_log = logging.getLogger(__name__)

IPV6_PREFIX = 64
"""The network that a household or machine has; it can use another address of it for every request."""


def forwarded_for(request: Request) -> list[str]:
    """Return the entries of all X-Forwarded-For headers, in order."""
    entries = [entry.strip() for value in request.headers.getlist("x-forwarded-for") for entry in value.split(",")]
    return [entry for entry in entries if entry]


def client_address(request: Request, *, proxies_in_front: int) -> str | None:
    """Return the client's IPv4 address or IPv6 network, or None if it is unknown.

    Every proxy appends the address of its caller to X-Forwarded-For, and a client can send entries of its own. So entries
    count from the end: the last `proxies_in_front` were appended about trusted proxies, and the one before them is the client.
    With fewer entries the client is unknown: the first one would be the address of a proxy, shared by all clients.
    """
    entries = forwarded_for(request)
    if not entries and not proxies_in_front:
        return _network(request.client.host if request.client else "")
    return _network(entries[-1 - proxies_in_front]) if len(entries) > proxies_in_front else None


def logged_client_address(request: Request, *, proxies_in_front: int) -> str | None:
    """Return the client's address. Logs the number of X-Forwarded-For entries, from which operators find the right setting.

    The entries themselves are personal data, and not logged.
    """
    count = len(forwarded_for(request))
    address = client_address(request, proxies_in_front=proxies_in_front)
    meaning = "" if address else ", so the client's address is not known: all such clients are counted together"
    _log.log(
        logging.INFO if address else logging.WARNING,
        "X-Forwarded-For has %d entries, REELGATE_PROXIES_IN_FRONT is %d%s",
        count,
        proxies_in_front,
        meaning,
        extra={"json_fields": {"forwarded_for_entries": count, "proxies_in_front": proxies_in_front}},
    )
    return address


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
