"""Say whether a token still counts, asking whoever may have revoked it (seed 003, `/validate`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.errors import Unauthorized
from reelgate.ports import Caller, HasBooks, HasDirectory, HasIdentity, ReadSet, VerifiedToken


class Services(HasBooks, HasDirectory, HasIdentity, Protocol):
    """What inspecting a token uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingToken:
    """A token that counts at this moment. `caller.role` is the role that its user has now."""

    token: VerifiedToken
    caller: Caller
    account: Account | None


async def inspect_token(services: Services, token: str) -> CountingToken:
    """Return what a token says and whose it is.

    Beyond what every function checks, the directory is asked about its own tokens (removed, disabled, signed out everywhere),
    and the books about everybody's.

    Raises:
        Unauthorized: it does not count.
        Unavailable: somebody who must be asked cannot be reached.
    """
    verified = await services.identity.inspect(token)
    caller = verified.caller
    if verified.issuer == services.directory.issuer:
        user = await services.directory.get(verified.subject)
        if user is None or user.disabled or user.has_revoked(verified.issued_at):
            raise revoked()
        caller = replace(caller, role=user.role)
    account = (await services.books.read(caller.uid, ReadSet())).account
    if account is not None and account.disabled:
        raise revoked()
    return CountingToken(token=verified, caller=caller, account=account)


def revoked() -> Unauthorized:
    """Return the refusal of a token that has been revoked."""
    return Unauthorized("The token has been revoked: log in again.")
