"""Who has an account here, and how they prove it: the directory of users that this deployment runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody in the directory.

    `username` is what the directory shows as their name; whose it really is, the claims of `Usernames` say. Tokens issued
    before `valid_since` do not count any more.
    """

    uid: str
    email: str | None
    username: str | None
    role: str
    disabled: bool
    created_at: datetime
    valid_since: datetime

    def has_revoked(self, issued_at: datetime) -> bool:
        """Return whether tokens issued then (`iat`, in whole seconds) have been revoked since, such as by a new password."""
        return issued_at < self.valid_since.replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The tokens of somebody who proved who they are. `expires_in` is the ID token's life in seconds."""

    uid: str
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


class UserLookup(Protocol):
    """What every function may ask the directory: who somebody is by now."""

    @property
    def issuer(self) -> str:
        """Return the `iss` of the tokens that the directory issues."""

    async def get(self, uid: str) -> User | None:
        """Return a user, or None. Raises Unavailable when the directory cannot be reached."""


class UserDirectory(Protocol):
    """The directory. Every method raises Unavailable when it cannot be reached; what was asked may yet have been done."""

    @property
    def issuer(self) -> str:
        """Return the `iss` of the tokens that it issues."""

    async def create(self, uid: str, *, email: str, password: str, username: str) -> None:
        """Add a user.

        Raises:
            EmailTaken: the address, or the uid, is there already.
            InvalidRequest: it takes no such address.
            WeakPassword: the project's own rules refuse the password.
        """

    async def remove(self, uid: str) -> None:
        """Remove a user, if there is one of that uid."""

    async def get(self, uid: str) -> User | None:
        """Return a user, or None."""

    async def get_many(self, uids: Collection[str]) -> Mapping[str, User]:
        """Return those users that there are."""

    async def find(self, email: str) -> User | None:
        """Return the user of an address, or None."""

    async def set_role(self, uid: str, role: str) -> None:
        """Give a user a role, for tokens issued from now on. Raises UserNotFound."""

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """Lock a user out, ending their refresh tokens, or let them in again. Raises UserNotFound."""

    async def sign_in(self, email: str, password: str) -> SignIn:
        """Return tokens to whoever knows the password.

        Raises:
            InvalidCredentials: no such user, another password, or a disabled one.
            TooManyAttempts: the directory itself wants no more tries for now.
        """

    async def refresh(self, refresh_token: str) -> SignIn:
        """Return new tokens. Raises InvalidCredentials for a refresh token that does not count (any more)."""
