"""The rate limits of requests: which one a route's caller comes under (docs/limits.md, "Requests")."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request

from reelgate.ports.accounts import Allowance, HasAccountPolicy, HasRequestLimits
from reelgate.ports.identity import Caller
from reelgate.web.http.calls import Route
from reelgate.web.http.client_address import client_address


class Services(HasAccountPolicy, HasRequestLimits, Protocol):
    """What counting requests needs."""


async def take_token(request: Request, route: Route[Any], caller: Caller, services: Services) -> Allowance | None:
    """Take the token of a request: the user's, also with an API key, or that of the client's address on public routes.

    Returns None on routes that have limits of their own. Raises TooManyRequests.
    """
    group = route.request_group
    if group is None:
        return None
    if group != "public":
        return await services.request_limits.take(group, caller.uid)
    address = client_address(request, proxies_in_front=services.account_policy.proxies_in_front)
    if address is None:
        return await services.request_limits.take("unaddressed", "")
    return await services.request_limits.take(group, address)
