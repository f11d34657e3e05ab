"""User accounts: the directory, user names, and limits on attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.value_types import positional_value_type, value_type

if TYPE_CHECKING:
    from reelgate.domain.accounts.account_policy import AccountPolicy
    from reelgate.domain.accounts.request_rates import RequestGroup


@value_type
class User:
    """A user in the directory.

    `username` is a display name; the claims of `Usernames` decide which account owns it. `email_verified` is whether the user
    has followed the link in a mail to that address. Tokens issued before `valid_since` are revoked.
    """

    uid: str
    email: str | None
    email_verified: bool
    username: str | None
    role: str
    disabled: bool
    created_at: datetime
    valid_since: datetime

    def has_revoked(self, issued_at: datetime) -> bool:
        """Return whether a token with this `iat` (whole seconds) was revoked later, for example by a password change."""
        return issued_at < self.valid_since.replace(microsecond=0)


@value_type
class SignIn:
    """The tokens of a user who has signed in. `expires_in` is the lifetime of the ID token in seconds."""

    uid: str
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


class UserLookup(Protocol):
    """Reads the current state of users. Every function may use it."""

    @property
    def issuer(self) -> str:
        """Return the `iss` of the tokens that the directory issues."""

    async def get(self, uid: str) -> User | None:
        """Return a user, or None. Raises Unavailable when the directory cannot be reached."""

    async def find(self, email: str) -> User | None:
        """Return the user with this e-mail address, or None. Raises Unavailable when the directory cannot be reached."""


class UserDirectory(Protocol):
    """The user directory.

    Every method raises Unavailable when the directory cannot be reached; a change may still have happened.
    """

    @property
    def issuer(self) -> str:
        """Return the `iss` of the tokens that it issues."""

    async def create(self, uid: str, *, email: str, password: str, username: str) -> None:
        """Add a user.

        Raises:
            EmailTaken: a user with this address or uid exists.
            InvalidRequest: the directory rejects the address.
            WeakPassword: the password policy of the project rejects the password.
        """

    async def remove(self, uid: str) -> None:
        """Remove the user with this uid, if there is one."""

    async def get(self, uid: str) -> User | None:
        """Return a user, or None."""

    async def get_many(self, uids: Collection[str]) -> Mapping[str, User]:
        """Return the users that exist, by uid."""

    async def find(self, email: str) -> User | None:
        """Return the user with this e-mail address, or None."""

    async def set_role(self, uid: str, role: str) -> None:
        """Give a user a role, for tokens issued from now on. Raises UserNotFound."""

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """Disable a user and revoke their refresh tokens, or enable them again. Raises UserNotFound."""

    async def set_password(self, uid: str, password: str) -> None:
        """Give a user another password, and revoke their refresh tokens.

        Raises:
            UserNotFound.
            WeakPassword: the password policy of the project rejects the password.
        """

    async def end_sessions(self, uid: str) -> None:
        """Revoke a user's refresh tokens. Raises UserNotFound."""

    async def send_password_reset(self, email: str) -> None:
        """Have the directory mail a link for setting another password to a user. Does nothing for an unknown address."""

    async def send_verification(self, id_token: str) -> None:
        """Have the directory mail a link for verifying their address to the user of an ID token.

        Raises:
            TooManyAttempts: the rate limit of the directory itself.
            Unauthorized: the token is not valid any more.
        """

    async def sign_in(self, email: str, password: str) -> SignIn:
        """Return tokens if the password is right.

        Raises:
            InvalidCredentials: unknown user, wrong password, or the user is disabled.
            TooManyAttempts: the rate limit of the directory itself.
        """

    async def refresh(self, refresh_token: str) -> SignIn:
        """Return new tokens. Raises InvalidCredentials for a refresh token that is invalid or revoked."""


@value_type
class Claim:
    """A user name that an account has, or that a registration reserves for the uid it is about to create.

    Attributes:
        claimant: a digest of the e-mail address that claimed the name, so that the same person can resume a registration.
        confirmed: the account exists, and the name belongs to it permanently.
    """

    username: str
    uid: str
    claimant: str
    claimed_at: datetime
    confirmed: bool = False


class Usernames(Protocol):
    """User names, compared by `credentials.username_key`, which ignores case and Unicode form. Methods raise Unavailable."""

    def claimant(self, email: str) -> str:
        """Return the `claimant` of an e-mail address: always the same for one address, without revealing it."""

    async def find(self, username: str) -> Claim | None:
        """Return the claim to a name, or None if the name is free."""

    async def claim(self, claim: Claim, *, instead_of: Claim | None = None) -> bool:
        """Claim a free name, or replace the claim `instead_of`.

        Returns False and changes nothing if the stored claim is another one.
        """

    async def confirm(self, claim: Claim) -> bool:
        """Make the claim permanent. Returns False if the name no longer belongs to the uid."""

    async def release(self, claim: Claim) -> None:
        """Delete the claim, unless it is confirmed or now belongs to another uid."""


@positional_value_type
class RateLimit:
    """What is counted, and how many attempts are allowed in one window."""

    subject: str
    limit: int


class RateLimiter(Protocol):
    """Counts attempts in fixed windows of the clock, for all instances together. Subjects are stored as keyed hashes only.

    `now` selects the window. To give an attempt back, pass the instant at which it was counted. Methods raise Unavailable.
    """

    async def count(self, *bounds: RateLimit, window: timedelta, now: datetime) -> None:
        """Count one attempt against each limit, in order, and stop at the first that is full.

        Concurrent attempts on any number of instances never exceed a limit. If an answer of the store is lost, this
        raises Unavailable although the attempt may have been counted.

        Raises:
            TooManyAttempts: a limit is reached; it stays reached until its window ends.
        """

    async def give_back(self, subject: str, *, clear: Sequence[str] = (), window: timedelta, now: datetime) -> None:
        """Take back one attempt that was counted at `now`, and reset the counters of the subjects `clear`, all at once."""


class Allowance(Protocol):
    """The token of one request.

    Attributes:
        group: the group of routes it was taken for.
        per_minute: how many requests of the group are allowed in a minute.
    """

    group: RequestGroup
    per_minute: int

    @property
    def remaining(self) -> int:
        """Return how many more requests are allowed in this minute, as far as this instance knows."""

    @property
    def reset_seconds(self) -> int:
        """Return after how many seconds the minute is over."""

    def settle(self) -> None:
        """Charge the documents that the request has read. To be called once the request is done."""


class RequestLimits(Protocol):
    """Counts requests by groups of routes. All instances share the tokens of users who need more than an instance's own."""

    async def take(self, group: RequestGroup, subject: str, *, counts_reads: bool = True) -> Allowance:
        """Take the token of a user's request, or of a client address.

        Args:
            counts_reads: whether documents that this task reads from now on are counted for it; not for a second token of a
                request, whose first one counts them.

        Raises TooManyRequests. Never raises Unavailable: if the counters cannot be reached, this instance counts alone.
        """


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


class HasRequestLimits(Protocol):
    """Offers the rate limits of requests."""

    @property
    def request_limits(self) -> RequestLimits: ...
