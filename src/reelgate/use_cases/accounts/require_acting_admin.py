"""Ask whether the holder of an admin's token is an admin at this moment. Every route for admins does so first."""

from __future__ import annotations

import asyncio
from typing import Protocol

from reelgate.domain import errors
from reelgate.ports import Caller, HasBooks, HasUserLookup, ReadSet
from reelgate.use_cases.accounts.inspect_token import revoked


class Services(HasBooks, HasUserLookup, Protocol):
    """What checking an admin uses."""


async def require_acting_admin(services: Services, caller: Caller) -> None:
    """Check what a token may not know yet: that the caller still is an admin, and was not disabled, removed or signed out.

    A token says for up to an hour what was true when it was issued. A demoted admin could go on reading the audit log with it,
    or take the role back, and so could somebody who has stolen it, after its owner has changed the password. It costs one
    look-up in the directory and one document; admins ask rarely, so nothing is remembered.

    Admins of foreign issuers are in no directory. Their role is what their token says until it ends; whether they are disabled,
    the books say.

    Raises:
        Forbidden: they are not an admin, or no longer one.
        AccountDisabled: they were locked out.
        Unauthorized: the token has been revoked.
        Unavailable: the directory or the books cannot be reached, so nothing was done.
    """
    if caller.role != "admin":
        raise errors.Forbidden("Only admins may do this.")
    snapshot, user = await asyncio.gather(services.books.read(caller.uid, ReadSet()), services.user_lookup.get(caller.uid))
    if snapshot.account is not None:
        snapshot.account.require_enabled()
    ours = caller.issuer == services.user_lookup.issuer
    if (user is None and ours) or (user is not None and (user.role != "admin" or user.disabled)):
        raise errors.Forbidden("You are no longer an admin.")
    if user is not None and ours and caller.issued_at is not None and user.has_revoked(caller.issued_at):
        raise revoked()
