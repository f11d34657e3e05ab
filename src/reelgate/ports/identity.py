"""Who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking: `uid` is the token's subject, `role` is `user` or `admin`, `issuer` who says so (empty: nobody).

    `issued_at` is the token's `iat`; it does not make anybody somebody else.
    """

    uid: str
    email: str | None
    role: str
    issuer: str = ""
    issued_at: datetime | None = field(default=None, compare=False)


ANONYMOUS = Caller(uid="", email=None, role="anonymous")
"""Who calls a public route: nobody in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """All that a verified token says. `subject` is its `sub`, which the uid is made of."""

    caller: Caller
    issuer: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    claims: Mapping[str, Any]


class TokenVerifier(Protocol):
    """Tells who a bearer token belongs to."""

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: the token proves nothing.
            Unavailable: the issuer's keys could not be fetched.
        """

    async def inspect(self, token: str) -> VerifiedToken:
        """Return all that the token says, verified now. Raises as `verify` does."""


class PushVerifier(Protocol):
    """Tells whether a request that carries a message was sent by this deployment's own subscriptions."""

    async def verify(self, token: str, *, seen_by_platform: bool) -> None:
        """Return if it was.

        Args:
            seen_by_platform: whether this is the token by which a platform with access control of its own would have let the
                request in; it says nothing about whether there is one.

        Raises:
            Unauthorized: the token proves nothing.
            Unavailable: the issuer's keys could not be fetched.
        """


class HasIdentity(Protocol):
    """Offers verifying bearer tokens."""

    @property
    def identity(self) -> TokenVerifier: ...


class HasPushIdentity(Protocol):
    """Offers verifying pushed messages; None where the local Pub/Sub pushes, which sends no tokens."""

    @property
    def push_identity(self) -> PushVerifier | None: ...
