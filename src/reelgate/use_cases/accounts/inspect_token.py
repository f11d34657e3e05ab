"""Check whether a token is valid now, including revocation (`POST /validate` of the video-to-MP3 service)."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.errors import Unauthorized
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasDirectory
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.identity import Caller, HasIdentity, VerifiedToken


class Services(HasBooks, HasDirectory, HasIdentity, Protocol):
    """What inspecting a token needs."""


@value_type
class ValidToken:
    """A token that is valid now. `caller.role` is the role that its user has now."""

    token: VerifiedToken
    caller: Caller
    account: Account | None


async def inspect_token(services: Services, token: str) -> ValidToken:
    """Return the claims of a token and its user.

    In addition to the checks of every function, the directory is asked whether the user of one of its own tokens was removed,
    disabled or signed out everywhere, and the books whether the account is disabled.

    Raises:
        Unauthorized: the token is not valid.
        Unavailable: the directory or the books cannot be reached.
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
    return ValidToken(token=verified, caller=caller, account=account)


def revoked() -> Unauthorized:
    """Return the error for a token that has been revoked."""
    return Unauthorized("You have been signed out. Sign in again.", hint="The token has been revoked.")
