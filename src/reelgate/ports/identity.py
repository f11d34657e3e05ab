"""Who calls, and the verification of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Protocol

from reelgate.domain.value_types import value_type


@value_type
class Caller:
    """The user who makes a request.

    `uid` comes from the token's subject, `role` is `user` or `admin`, `issuer` is the token's issuer or empty. `issued_at` is
    the token's `iat`; it is ignored when callers are compared.
    """

    uid: str
    email: str | None
    role: str
    issuer: str = ""
    issued_at: datetime | None = field(default=None, compare=False)


ANONYMOUS = Caller(uid="", email=None, role="anonymous")
"""The caller of a public route."""


@value_type
class VerifiedToken:
    """The claims of a verified token. `subject` is its `sub`, from which the uid is derived."""

    caller: Caller
    issuer: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    claims: Mapping[str, Any]


class TokenVerifier(Protocol):
    """Verifies bearer tokens."""

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: the token is invalid.
            Unavailable: the issuer's keys could not be fetched.
        """

    async def inspect(self, token: str) -> VerifiedToken:
        """Return the token's claims, verified at this moment. Raises as `verify` does."""


class PushVerifier(Protocol):
    """Verifies that a push request was sent by a subscription of this deployment."""

    async def verify(self, token: str, *, seen_by_platform: bool) -> None:
        """Return if the token was sent by a subscription of this deployment.

        Args:
            seen_by_platform: whether this is the token that Cloud Run checks if it requires authentication. It does not
                prove that Cloud Run checked it.

        Raises:
            Unauthorized: the token is invalid.
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
