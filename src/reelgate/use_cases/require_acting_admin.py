"""Ask whether somebody with an admin's token is an admin at this moment. Every route for admins does, first of all."""

from __future__ import annotations

import asyncio

from reelgate.domain import errors
from reelgate.ports import Caller, Services, Wanted


async def require_acting_admin(services: Services, caller: Caller) -> None:
    """Check what a token may not know yet: that the caller still is an admin, and was not disabled or removed.

    A token says for up to an hour what was true when it was issued. So whoever was demoted would go on reading the audit log,
    or take the role back. It costs one look-up in the directory and one document; admins ask rarely, so nothing is remembered.

    Admins of foreign issuers are in no directory. Their role is what their token says until it ends; whether they are disabled,
    the books say.

    Raises:
        Forbidden: they are no admin, or not any more.
        AccountDisabled: they were locked out.
        Unavailable: nobody could say. So nothing was done.
    """
    if caller.role != "admin":
        raise errors.Forbidden("Only admins may do this.")
    view, user = await asyncio.gather(services.books.view(caller.uid, Wanted()), services.user_lookup.get(caller.uid))
    if view.account is not None:
        view.account.require_enabled()
    removed = user is None and caller.issuer == services.user_lookup.issuer
    if removed or (user is not None and (user.role != "admin" or user.disabled)):
        raise errors.Forbidden("You are no admin any more.")
