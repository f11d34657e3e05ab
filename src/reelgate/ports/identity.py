"""Who calls: the verification of tokens and of API keys, and the records of the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from reelgate.domain.value_types import value_type

if TYPE_CHECKING:
    from reelgate.domain.accounts.api_keys import ApiKey, Scope
    from reelgate.domain.accounts.checked_tokens import CheckedToken


@value_type
class Caller:
    """The user who makes a request, or for whom it is made with an API key.

    `uid` comes from the token's subject, `role` is `user` or `admin`, `issuer` is the token's issuer or empty. `issued_at` is
    the token's `iat`; it is ignored when callers are compared. `email_verified` is whether the token says so of the address.
    With an API key, `key_id` is its id, `scopes` are the key's, there is no address, and the role is always `user`.
    """

    uid: str
    email: str | None
    role: str
    issuer: str = ""
    issued_at: datetime | None = field(default=None, compare=False)
    key_id: str | None = None
    scopes: tuple[Scope, ...] = ()
    email_verified: bool = False


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


class ApiKeys(Protocol):
    """The records of all users' keys. Methods raise Unavailable, also when it is unknown whether something was written."""

    async def add(self, key: ApiKey) -> None:
        """Add a new key. Raises AccountDeleted for an erased user."""

    async def use(self, presented: CheckedToken, *, now: datetime) -> ApiKey | None:
        """Return the record of a presented key, valid or not, after one read; None if there is no such key.

        The use of a valid key is recorded, at most once in `NOTED_AFTER`. If that fails, a later use is recorded.
        """

    async def of_user(self, uid: str) -> Sequence[ApiKey]:
        """Return a user's keys that were not revoked, expired ones included, newest first."""

    async def revoke(self, uid: str, key_id: str, *, at: datetime) -> bool:
        """Revoke a user's key. Returns False if it was revoked before. Raises ApiKeyNotFound, also for another user's key."""

    async def suspend(self, uid: str, suspended: bool) -> None:
        """Make all keys of a user unusable for the time being, or usable again."""

    async def remove(self, key_id: str) -> None:
        """Remove a key without a trace, if it exists."""


class KeyVerifier(Protocol):
    """Verifies API keys."""

    async def verify(self, key: str, *, address: str | None) -> Caller:
        """Return whom the key acts for. What was learnt of a key is used for a minute, so a revoked key may work as long.

        Args:
            address: the client's IP address, whose wrong keys are counted; None if unknown.

        Raises:
            InvalidApiKey, ApiKeyExpired, ApiKeyRevoked.
            AccountDisabled: an admin has disabled the owner's account.
            TooManyAttempts: too many wrong keys from that address, and this key is not known yet.
            Unavailable.
        """


class HasApiKeys(Protocol):
    """Offers the records of API keys."""

    @property
    def api_keys(self) -> ApiKeys: ...


class HasKeyIdentity(Protocol):
    """Offers verifying API keys."""

    @property
    def key_identity(self) -> KeyVerifier: ...
