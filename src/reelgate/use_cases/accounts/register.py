"""Register: create an account from an e-mail address, a user name and a password.

Three places are written without a common transaction. The order makes sure that a repeated request or the next sign-in
completes an interrupted registration (docs/accounts.md):

1. the user name is claimed, for a uid that is generated here;
2. the directory creates the user with this uid, and refuses an e-mail address that another user has;
3. the claim is confirmed, if it is still valid;
4. the books open the account, and the message about it is part of the same commit.

Then the directory sends its mail for confirming the address, unless it is verified already; no other mail goes there before. If
the process dies before that, the user asks for it (`send_verification`).
"""

from __future__ import annotations

import logging
from dataclasses import field, replace
from datetime import timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email, clean_password, clean_username
from reelgate.domain.books.account import Account
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import Claim, HasAccountPolicy, HasDirectory, HasRateLimiter, HasUsernames, SignIn
from reelgate.ports.identity import Caller, HasIdentity
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.accounts.open_account import Applicant, open_account
from reelgate.use_cases.accounts.throttle import count_registration, count_verification, counted_login
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

MAX_TRIES = 4
"""How often a claim is looked at again, because another request has changed it meanwhile."""

STALE_AFTER = timedelta(minutes=10)
"""After how long an unconfirmed claim, whose uid the directory does not know, can be taken over."""

_log = logging.getLogger(__name__)


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


@value_type
class _User:
    """The directory's user. `token` is empty until the user was signed in: new users have the defaults."""

    uid: str = ""
    role: str = "user"
    email_verified: bool = False
    token: str = field(default="", repr=False)


def checked_registration(services: Services, *, email: object, username: object, password: object) -> Registration:
    """Return a validated request.

    Raises:
        RegistrationClosed; WeakPassword, if nothing else is wrong; InvalidRequest, which names all that is.
    """
    policy = services.account_policy
    if not policy.registration_open:
        raise errors.RegistrationClosed("Ask an administrator of this service to create an account for you.")
    minimum = policy.password_min_length
    with errors.collect() as fields:
        address, name = fields.check(clean_email, email), fields.check(clean_username, username)
        cleaned = fields.check(clean_password, password, email=address or "", username=name or "", minimum=minimum)
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
        user = await _user_of(services, registration, claim, address)
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
    confirming = services.account_policy.confirm_addresses
    if confirming and not user.token:
        user = await _signed_in_once_created(services, registration)
    applicant = Applicant(uid=claim.uid, email=registration.email, username=claim.username, email_verified=user.email_verified)
    opened = await open_account(services, applicant, audit=audit)
    if confirming and opened.is_new and not user.email_verified:
        await _send_confirmation(services, claim.uid, user.token)
    return Registered(account=opened.account, role=user.role)


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
    for _ in range(MAX_TRIES):
        existing = await usernames.find(registration.username)
        if existing is None:  # released a moment ago
            raise errors.Unavailable("The user name has just become available. Try again.")
        if existing.confirmed:
            return existing
        if existing.claimant == claim.claimant:
            claim = replace(claim, uid=existing.uid)
        elif existing.claimed_at + STALE_AFTER > now or await services.directory.get(existing.uid):
            raise _taken(registration.username)
        if await usernames.claim(claim, instead_of=existing):
            return claim
        # Another request has changed the claim: perhaps this one, sent twice.
    raise _taken(registration.username)


async def _signed_in_once_created(services: Services, registration: Registration) -> _User:
    """Sign in as the user who was just created: the token says whether the address is verified, and can have a mail sent to it.

    Registering does not depend on it: without a token, the user asks for that mail later.
    """
    try:
        tokens = await services.directory.sign_in(registration.email, registration.password)
        caller = await services.identity.verify(tokens.id_token)
    except errors.ReelgateError as error:
        _log.warning("a new user could not be signed in, so no address is confirmed: %s", error)
        return _User()
    return _user(caller, tokens)


async def _send_confirmation(services: Services, uid: str, token: str) -> None:
    """Have the directory mail a link for verifying the address. If that fails, the user can ask for it."""
    if not token:
        return
    try:
        await count_verification(services, uid)
        await services.directory.send_verification(token)
    except errors.ReelgateError as error:
        _log.warning("the mail that confirms the address of %s was not sent: %s", uid, error)


async def _user_of(services: Services, registration: Registration, claim: Claim, address: str | None) -> _User:
    """Make sure that the claim's user exists in the directory and that the caller knows the password. Return the user."""
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
            return _User()
    found = await _signed_in(services, registration, address)
    if found is None or found.uid != claim.uid:
        # A caller without the password learns that the address or the name is taken, but never that they belong together.
        if claim.confirmed and await services.directory.find(registration.email) is None:
            raise _taken(registration.username)
        raise errors.EmailTaken("This e-mail address is registered already. Sign in, or use another one.")
    return found


async def _signed_in(services: Services, registration: Registration, address: str | None) -> _User | None:
    """Return the user with this address and password. Attempts are limited as for a login."""
    try:
        async with counted_login(services, registration.email, address):
            tokens = await services.directory.sign_in(registration.email, registration.password)
    except errors.InvalidCredentials:
        return None
    return _user(await services.identity.verify(tokens.id_token), tokens)


def _user(caller: Caller, tokens: SignIn) -> _User:
    return _User(uid=caller.uid, role=caller.role, email_verified=caller.email_verified, token=tokens.id_token)


def _taken(username: str) -> errors.UsernameTaken:
    return errors.UsernameTaken(f"'{username}' is taken. Choose another user name.")
