"""Resolve a webhook's host once, check every address, and connect to one of the checked addresses.

The name is not resolved again, so a second DNS answer cannot redirect the connection.
"""

from __future__ import annotations

import asyncio
import socket

from reelgate.domain.notifications.target_addresses import IpAddress, address_in, is_loopback, why_forbidden
from reelgate.domain.notifications.webhook_targets import Target
from reelgate.ports.notifications import NotSent


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
            raise NotSent("http is for this machine only: use https")
    return addresses
