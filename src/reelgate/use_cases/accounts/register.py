"""Register: an e-mail address, a user name and a password become an account (seed 004).

Three places are written that share no transaction, in an order that leaves nothing behind that the next step, the same
request again or the next sign-in would not finish (docs/accounts.md):

1. the user name is claimed, for a uid that is chosen here;
2. the directory gets the user, under that uid: it decides whose e-mail address it is;
3. the claim is confirmed, if it still stands;
4. the books open the account, with the message that tells of it in the same commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email, clean_password, clean_username
from reelgate.domain.books.account import Account
from reelgate.ports import Caller, Claim, HasAccountPolicy, HasDirectory, HasIdentity, HasIds, HasRateLimiter, HasUsernames
from reelgate.use_cases.accounts.open_account import open_account
from reelgate.use_cases.accounts.throttle import count_registration, counted_login
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
    """What registering uses."""


USABLE_FOR = timedelta(minutes=1)
"""How old a claim may be when a user is created for it: no request lasts as long, but for one that was frozen."""

STALE_AFTER = timedelta(minutes=10)
"""When an unconfirmed claim to a uid that the directory does not know can be taken over by somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A checked request to register."""

    email: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The account, and the role that its user has by now."""

    account: Account
    role: str


def checked_registration(services: Services, *, email: object, username: object, password: object) -> Registration:
    """Return a request whose fields can be what they are to be.

    Raises:
        RegistrationClosed, InvalidRequest, WeakPassword.
    """
    policy = services.account_policy
    if not policy.registration_open:
        raise errors.RegistrationClosed("Ask an administrator of this service for an account.")
    address, name = clean_email(email), clean_username(username)
    cleaned = clean_password(password, email=address, username=name, minimum=policy.password_min_length)
    return Registration(email=address, username=name, password=cleaned)


async def register(services: Services, wanted: Registration, *, address: str | None) -> Registered:
    """Return the new account. The same request again returns the same account, whatever became of the first.

    Args:
        address: where the request comes from; None where that cannot be known.

    Raises:
        EmailTaken, UsernameTaken, WeakPassword, InvalidRequest.
        TooManyAttempts: too many tries to register from there, or to guess the password of a registered address.
        BooksBusy, Unavailable: repeat it; what has been done is not lost.
    """
    await count_registration(services, address)
    claim = await _claim(services, wanted)
    try:
        role = await _user_of(services, wanted, claim, address)
    except errors.Unavailable:  # nobody knows whether the user is there
        raise
    except (errors.EmailTaken, errors.UsernameTaken, errors.InvalidRequest, errors.TooManyAttempts):
        forgotten = await services.directory.get(claim.uid) is None
        if forgotten and claim.claimant == services.usernames.claimant(wanted.email):
            await services.usernames.release(claim)
        raise
    if not await services.usernames.confirm(claim):
        # Frozen for so long that the name went to somebody else: whoever has no name has no account.
        await services.directory.remove(claim.uid)
        raise _taken(wanted.username)
    return Registered(account=await open_account(services, claim.uid, wanted.email, claim.username), role=role)


async def _claim(services: Services, wanted: Registration) -> Claim:
    """Return a fresh claim to the name, the one that an earlier try with the same address has left, or a confirmed one.

    Whose a confirmed one is, the password decides (`_user_of`).
    """
    usernames, now = services.usernames, services.now()
    claim = Claim(username=wanted.username, uid=services.new_id(), claimant=usernames.claimant(wanted.email), claimed_at=now)
    if await usernames.claim(claim):
        return claim
    standing = await usernames.find(wanted.username)
    if standing is None:  # given back just now
        raise errors.Unavailable("The user name has just become free. Try again.")
    if standing.confirmed:
        return standing
    if standing.claimant == claim.claimant:
        claim = replace(claim, uid=standing.uid)
    elif standing.claimed_at + STALE_AFTER > now or await services.directory.get(standing.uid):
        raise _taken(wanted.username)
    if not await usernames.claim(claim, instead_of=standing):
        raise _taken(wanted.username)
    return claim


async def _user_of(services: Services, wanted: Registration, claim: Claim, address: str | None) -> str:
    """Make sure that the directory has the user of the claim, and that whoever asks knows the password. Return the role."""
    if not claim.confirmed:
        if services.now() - claim.claimed_at > USABLE_FOR:
            raise errors.Unavailable("The registration took too long. Try again.")
        try:
            await services.directory.create(claim.uid, email=wanted.email, password=wanted.password, username=claim.username)
        except errors.EmailTaken:
            pass  # an earlier try of the same person, perhaps
        else:
            return "user"
    caller = await _who_knows(services, wanted, address)
    if caller is None or caller.uid != claim.uid:
        # Without the password, the answer is that the address is taken, or else the name; never that they belong together.
        if claim.confirmed and await services.directory.find(wanted.email) is None:
            raise _taken(wanted.username)
        raise errors.EmailTaken("Log in, or register with another e-mail address.")
    return caller.role


async def _who_knows(services: Services, wanted: Registration, address: str | None) -> Caller | None:
    """Return who has this address and this password. Guessing is bounded as for a login."""
    try:
        async with counted_login(services, wanted.email, address):
            tokens = await services.directory.sign_in(wanted.email, wanted.password)
    except errors.InvalidCredentials:
        return None
    return await services.identity.verify(tokens.id_token)


def _taken(username: str) -> errors.UsernameTaken:
    return errors.UsernameTaken(f"'{username}' belongs to somebody. Choose another user name.")
