"""Check that the holder of an admin's token is still an admin. Every admin route does this first."""

from __future__ import annotations

import asyncio
from typing import Protocol

from reelgate.domain import errors
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.identity import Caller
from reelgate.use_cases.accounts.inspect_token import revoked


class Services(HasBooks, HasUserLookup, Protocol):
    """What checking an admin needs."""


async def require_acting_admin(services: Services, caller: Caller) -> None:
    """Check what a token cannot show: that the caller is still an admin and was not disabled, removed or signed out.

    A token shows the state when it was issued and is valid for up to an hour. Without this check, a demoted admin could use it
    to read the audit log or take the role back, and a thief could use it even after the owner has changed the password. The
    check costs one look-up in the directory and one document; admin requests are rare, so nothing is cached.

    Admins of foreign issuers are not in the directory. Their token determines their role until it expires; the books
    determine whether they are disabled.

    Raises:
        Forbidden: the caller is not an admin, or no longer one.
        AccountDisabled: the account was disabled.
        Unauthorized: the token has been revoked.
        Unavailable: the directory or the books cannot be reached, so the request was refused.
    """
    if caller.role != "admin":
        raise errors.Forbidden("Only administrators may do this.")
    snapshot, user = await asyncio.gather(services.books.read(caller.uid, ReadSet()), services.user_lookup.get(caller.uid))
    if snapshot.account is not None:
        snapshot.account.require_enabled()
    ours = caller.issuer == services.user_lookup.issuer
    if (user is None and ours) or (user is not None and (user.role != "admin" or user.disabled)):
        raise errors.Forbidden("You are no longer an administrator.")
    if user is not None and ours and caller.issued_at is not None and user.has_revoked(caller.issued_at):
        raise revoked()
