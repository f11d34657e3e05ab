"""What users do about their own sign-in: reset or change the password, end all sessions, verify the address."""

from __future__ import annotations

import logging
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email, clean_password
from reelgate.ports.accounts import HasAccountPolicy, HasDirectory, HasRateLimiter, User
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.accounts.log_in import is_possible_password
from reelgate.use_cases.accounts.throttle import count_password_reset, count_verification, counted_login


class Services(HasAccountPolicy, HasClock, HasDirectory, HasRateLimiter, Protocol):
    """What users' changes of their sign-in need."""


_log = logging.getLogger(__name__)


async def request_password_reset(services: Services, email: str, *, address: str | None) -> None:
    """Have the directory mail a link for setting another password, if the address is registered.

    Nothing shows whether it is: neither the result nor the number of calls, nor which attempts are counted.

    Args:
        address: the client's IP address; None if unknown.

    Raises InvalidRequest, TooManyAttempts, Unavailable.
    """
    email = clean_email(email)
    await count_password_reset(services, email, address)
    await services.directory.send_password_reset(email)


async def change_password(services: Services, caller: Caller, *, current: str, new: str, address: str | None) -> None:
    """Set another password, and end all sessions: refresh tokens are revoked. Wrong passwords are counted as failed logins.

    Raises:
        WrongPassword: `current` is not the current password.
        WeakPassword, InvalidRequest: `new` cannot be one.
        ForeignUser: the directory has no password of this user.
        AccountDeleted.
        AccountDisabled.
        TooManyAttempts.
        Unavailable: the password may have been set.
    """
    user = await _own_user(services, caller)
    if user.disabled:
        raise _disabled()
    if user.email is None:
        raise _foreign()
    minimum = services.account_policy.password_min_length
    password = clean_password(new, email=user.email, username=user.username or "", minimum=minimum, field="new_password")
    tried = current if is_possible_password(current) else "\N{REPLACEMENT CHARACTER}"
    try:
        async with counted_login(services, user.email, address):
            await services.directory.sign_in(user.email, tried)
    except errors.InvalidCredentials:
        raise errors.WrongPassword("That is not your current password.") from None
    try:
        await services.directory.set_password(user.uid, password)
    except errors.WeakPassword as error:
        raise errors.WeakPassword(error.detail, field="new_password") from None


async def end_sessions(services: Services, caller: Caller) -> None:
    """Revoke all refresh tokens of the caller.

    ID tokens that were issued before work until they expire, within the hour, except where the directory is asked
    (`inspect_token`, `require_acting_admin`). API keys go on working.

    Raises ForeignUser, AccountDeleted, Unavailable.
    """
    user = await _own_user(services, caller)
    await services.directory.end_sessions(user.uid)


async def send_verification(services: Services, caller: Caller, token: str) -> None:
    """Have the directory mail a link for verifying the caller's address, unless it is verified already.

    Args:
        token: the ID token with which the caller has made the request.

    Raises ForeignUser, AccountDeleted, AccountDisabled, Unauthorized, TooManyAttempts, Unavailable.
    """
    user = await _own_user(services, caller)
    if user.disabled:
        raise _disabled()
    if user.email is None:
        raise _foreign()
    if user.email_verified:
        _log.info("the address of %s is verified already", user.uid)
        return
    await count_verification(services, user.uid)
    await services.directory.send_verification(token)


async def _own_user(services: Services, caller: Caller) -> User:
    """Return the directory's user behind a caller who has signed in with it."""
    if caller.issuer != services.directory.issuer:
        raise _foreign()
    user = await services.directory.get(caller.uid)
    if user is None:
        raise errors.AccountDeleted("This account was deleted.")
    return user


def _disabled() -> errors.AccountDisabled:
    return errors.AccountDisabled("An administrator has disabled this account.")


def _foreign() -> errors.ForeignUser:
    return errors.ForeignUser("You sign in through another identity provider. Change your sign-in there.")
