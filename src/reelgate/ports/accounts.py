"""User accounts: the directory, user names, and limits on attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.accounts.account_policy import AccountPolicy


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A user name that an account has, or that a registration wants for the uid that it is about to create.

    Attributes:
        claimant: stands for the e-mail address that claimed it, so that a registration can be taken up again.
        confirmed: the account is there, and the name is its own for good.
    """

    username: str
    uid: str
    claimant: str
    claimed_at: datetime
    confirmed: bool = False


class Usernames(Protocol):
    """User names, compared without regard to case and form (`credentials.username_key`). Methods raise Unavailable."""

    def claimant(self, email: str) -> str:
        """Return what stands for an e-mail address in claims: not the address, and the same for the same."""

    async def find(self, username: str) -> Claim | None:
        """Return the claim to a name, or None for a free one."""

    async def claim(self, claim: Claim, *, instead_of: Claim | None = None) -> bool:
        """Claim a free name, or one that is still as `instead_of` says. False, and nothing is changed, if it is not."""

    async def confirm(self, claim: Claim) -> bool:
        """Make the claim final. False if the name is not that uid's any more."""

    async def release(self, claim: Claim) -> None:
        """Give the name back, if that uid still claims it and has not been confirmed."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is counted, and how many are let through in one window."""

    subject: str
    limit: int


class RateLimiter(Protocol):
    """Counters of fixed windows, cut by the clock: nothing is to be reset. What is counted is kept as a keyed hash only.

    `now` says which window is meant: who gives back what was counted says the instant of the counting. Methods raise
    Unavailable.
    """

    async def count(self, *bounds: RateLimit, window: timedelta, now: datetime) -> None:
        """Count one more of each, one after the other: those behind the first that is full are not counted.

        However many count at once, and on however many instances, no more than each bound's limit get through. An answer
        that gets lost may count one that was refused with Unavailable.

        Raises:
            TooManyAttempts: one of them is full, until its window ends.
        """

    async def give_back(self, subject: str, *, window: timedelta, now: datetime) -> None:
        """Take back one that was counted at `now`."""

    async def clear(self, subject: str, *, window: timedelta, now: datetime) -> None:
        """Forget all that was counted in the window of `now`."""


class HasAccountPolicy(Protocol):
    """Offers the rules for registering and signing in."""

    @property
    def account_policy(self) -> AccountPolicy: ...


class HasDirectory(Protocol):
    """Offers the user directory, to read and to change."""

    @property
    def directory(self) -> UserDirectory: ...


class HasUserLookup(Protocol):
    """Offers the user directory, to read only."""

    @property
    def user_lookup(self) -> UserLookup: ...


class HasUsernames(Protocol):
    """Offers the user names."""

    @property
    def usernames(self) -> Usernames: ...


class HasRateLimiter(Protocol):
    """Offers the rate limiter."""

    @property
    def rate_limiter(self) -> RateLimiter: ...
