"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking: `uid` is the token's subject, `role` is `user` or `admin`."""

    uid: str
    email: str | None
    role: str


ANONYMOUS = Caller(uid="", email=None, role="anonymous")
"""Who calls a public route: nobody in particular."""


class TokenVerifier(Protocol):
    """Tells who a bearer token belongs to."""

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: the token proves nothing.
            Unavailable: the issuer's keys could not be fetched.
        """


class PushVerifier(Protocol):
    """Tells whether a request that carries a message was sent by this deployment's own subscriptions."""

    async def verify(self, token: str) -> None:
        """Return if it was.

        Raises:
            Unauthorized: the token proves nothing.
            Unavailable: the issuer's keys could not be fetched.
        """
