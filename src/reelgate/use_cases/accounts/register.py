"""Register: create an account from an e-mail address, a user name and a password.

Three places are written without a common transaction. The order makes sure that a repeated request or the next sign-in
completes an interrupted registration (docs/accounts.md):

1. the user name is claimed, for a uid that is generated here;
2. the directory creates the user with this uid, and refuses an e-mail address that another user has;
3. the claim is confirmed, if it is still valid;
4. the books open the account, and the message about it is part of the same commit.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email, clean_password, clean_username
from reelgate.domain.books.account import Account
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import Claim, HasAccountPolicy, HasDirectory, HasRateLimiter, HasUsernames
from reelgate.ports.identity import Caller, HasIdentity
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.accounts.open_account import open_account
from reelgate.use_cases.accounts.throttle import count_registration, counted_login
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices


class Services(
    CommitServices,
    HasAccountPolicy,
    HasDirectory,
    HasIdentity,
    HasIds,
    HasRateLimiter,
    HasUsernames,
    Protocol,
):
    """What registering needs."""


USABLE_FOR = timedelta(minutes=1)
"""How old a claim may be when its user is created. No request takes that long, unless its instance was frozen."""

STALE_AFTER = timedelta(minutes=10)
"""After how long an unconfirmed claim, whose uid the directory does not know, can be taken over."""


@value_type
class Registration:
    """A validated registration request."""

    email: str
    username: str
    password: str = field(repr=False)


@value_type
class Registered:
    """The account, and its current role."""

    account: Account
    role: str


def checked_registration(services: Services, *, email: object, username: object, password: object) -> Registration:
    """Return a validated request.

    Raises:
        RegistrationClosed, InvalidRequest, WeakPassword.
    """
    policy = services.account_policy
    if not policy.registration_open:
        raise errors.RegistrationClosed("Ask an administrator of this service to create an account for you.")
    address, name = clean_email(email), clean_username(username)
    cleaned = clean_password(password, email=address, username=name, minimum=policy.password_min_length)
    return Registration(email=address, username=name, password=cleaned)


async def register(
    services: Services, registration: Registration, *, address: str | None, audit: PendingEvent | None = None
) -> Registered:
    """Return the new account. A repeated request returns the same account, even if the first one was interrupted.

    Args:
        address: the client's IP address; None if unknown.

    Raises:
        EmailTaken, UsernameTaken, WeakPassword, InvalidRequest.
        TooManyAttempts: too many registrations from that address, or password attempts for a registered e-mail address.
        BooksBusy, Unavailable: retry; completed steps are kept.
    """
    await count_registration(services, address)
    claim = await _claim(services, registration)
    try:
        role = await _user_of(services, registration, claim, address)
    except errors.Unavailable:  # it is not known whether the user was created
        raise
    except (errors.EmailTaken, errors.UsernameTaken, errors.InvalidRequest, errors.TooManyAttempts):
        is_unused = await services.directory.get(claim.uid) is None
        if is_unused and claim.claimant == services.usernames.claimant(registration.email):
            await services.usernames.release(claim)
        raise
    if not await services.usernames.confirm(claim):
        # The instance was frozen so long that the name was taken over. Without a name there is no account.
        await services.directory.remove(claim.uid)
        raise _taken(registration.username)
    account = await open_account(services, claim.uid, registration.email, claim.username, audit=audit)
    return Registered(account=account, role=role)


async def _claim(services: Services, registration: Registration) -> Claim:
    """Return a new claim to the name, the claim of an earlier attempt with the same address, or a confirmed one.

    The password decides whether a confirmed claim is the caller's (`_user_of`).
    """
    usernames, now = services.usernames, services.now()
    claim = Claim(
        username=registration.username, uid=services.new_id(), claimant=usernames.claimant(registration.email), claimed_at=now
    )
    if await usernames.claim(claim):
        return claim
    existing = await usernames.find(registration.username)
    if existing is None:  # released a moment ago
        raise errors.Unavailable("The user name has just become available. Try again.")
    if existing.confirmed:
        return existing
    if existing.claimant == claim.claimant:
        claim = replace(claim, uid=existing.uid)
    elif existing.claimed_at + STALE_AFTER > now or await services.directory.get(existing.uid):
        raise _taken(registration.username)
    if not await usernames.claim(claim, instead_of=existing):
        raise _taken(registration.username)
    return claim


async def _user_of(services: Services, registration: Registration, claim: Claim, address: str | None) -> str:
    """Make sure that the claim's user exists in the directory and that the caller knows the password. Return the role."""
    if not claim.confirmed:
        if services.now() - claim.claimed_at > USABLE_FOR:
            raise errors.Unavailable("The registration took too long. Try again.")
        try:
            await services.directory.create(
                claim.uid, email=registration.email, password=registration.password, username=claim.username
            )
        except errors.EmailTaken:
            pass  # possibly an earlier attempt by the same person
        else:
            return "user"
    caller = await _signed_in(services, registration, address)
    if caller is None or caller.uid != claim.uid:
        # A caller without the password learns that the address or the name is taken, but never that they belong together.
        if claim.confirmed and await services.directory.find(registration.email) is None:
            raise _taken(registration.username)
        raise errors.EmailTaken("Log in, or register with another e-mail address.")
    return caller.role


async def _signed_in(services: Services, registration: Registration, address: str | None) -> Caller | None:
    """Return the user with this address and password. Attempts are limited as for a login."""
    try:
        async with counted_login(services, registration.email, address):
            tokens = await services.directory.sign_in(registration.email, registration.password)
    except errors.InvalidCredentials:
        return None
    return await services.identity.verify(tokens.id_token)


def _taken(username: str) -> errors.UsernameTaken:
    return errors.UsernameTaken(f"'{username}' is taken. Choose another user name.")
