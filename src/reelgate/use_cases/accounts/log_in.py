"""Log in with an e-mail address or user name and a password, and refresh tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email, clean_username, is_sendable, username_key, wrong_credentials
from reelgate.domain.books.account import Account
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasAccountPolicy, HasDirectory, HasRateLimiter, HasUsernames, SignIn
from reelgate.ports.identity import Caller, HasIdentity
from reelgate.use_cases.accounts.open_account import registered_account
from reelgate.use_cases.accounts.throttle import counted_login
from reelgate.use_cases.books.commit import CommitServices


class Services(CommitServices, HasAccountPolicy, HasDirectory, HasIdentity, HasRateLimiter, HasUsernames, Protocol):
    """What logging in needs."""


MAX_PASSWORD_BYTES = 4096
"""More than Firebase Auth accepts. Longer passwords are not sent to it."""


@value_type
class LoggedIn:
    """An authenticated user and the tokens for them."""

    caller: Caller
    account: Account
    tokens: SignIn = field(repr=False)


async def log_in(
    services: Services, identifier: str, password: str, *, address: str | None, about: Callable[[str], None] = lambda _: None
) -> LoggedIn:
    """Return tokens for the right password.

    The error and the number of calls are the same for every cause of failure: for an unknown user name, the password is tried
    with an e-mail address that cannot exist.

    Args:
        identifier: an e-mail address, or a user name (which has no `@`).
        address: the client's IP address; None if unknown.
        about: called with the e-mail address of a known user name before the password is tried; not called for an unknown name,
            which may be a password typed into the wrong field.

    Raises:
        InvalidCredentials, TooManyAttempts, BooksBusy, Unavailable.
    """
    by_name = "@" not in identifier
    email = await _address_by_name(services, identifier, about) if by_name else _address_of(identifier)
    # The typed text is counted, not the account behind it: otherwise a full counter would reveal which name belongs to which
    # address.
    typed = _nonexistent_address(identifier) if by_name else email
    async with counted_login(services, typed, address):
        try:
            tokens = await services.directory.sign_in(
                email, password if is_possible_password(password) else "\N{REPLACEMENT CHARACTER}"
            )
        except errors.TooManyAttempts:
            if not by_name:
                raise
            raise wrong_credentials() from None  # the directory counts per address, and anyone can fill its counters
    return await _welcome(services, tokens)


async def refresh(services: Services, refresh_token: str) -> LoggedIn:
    """Return new tokens for a refresh token. Raises InvalidCredentials, BooksBusy, Unavailable."""
    return await _welcome(services, await services.directory.refresh(refresh_token))


async def _welcome(services: Services, tokens: SignIn) -> LoggedIn:
    token = await services.identity.inspect(tokens.id_token)
    caller, shown_name = token.caller, token.claims.get("name")
    account = await registered_account(services, caller, shown_name if isinstance(shown_name, str) else None)
    return LoggedIn(caller=caller, account=account, tokens=tokens)


def _address_of(identifier: str) -> str:
    try:
        return clean_email(identifier)
    except errors.InvalidRequest:
        return _nonexistent_address(identifier)


async def _address_by_name(services: Services, identifier: str, about: Callable[[str], None]) -> str:
    name = _name_of(identifier)
    claim = await services.usernames.find(name or "nobody")
    user = await services.directory.get(claim.uid if name and claim else "nobody")
    if user is None or not user.email:
        return _nonexistent_address(identifier)
    about(user.email)
    return user.email


def _name_of(identifier: str) -> str:
    """Return the typed user name; an empty string if it is not a possible one."""
    try:
        return clean_username(identifier)
    except errors.InvalidRequest:
        return ""


def _nonexistent_address(identifier: str) -> str:
    """Return an address that cannot exist (RFC 2606: `.invalid`), always the same for the same name or text.

    Each name has its own, so that the directory's rate limit, which counts per address, treats unknown names like known ones.
    """
    digest = hashlib.sha256(username_key(_name_of(identifier) or identifier).encode(errors="replace")).hexdigest()
    return f"{digest[:40]}@nobody.invalid"


def is_possible_password(password: str) -> bool:
    """Return whether the directory takes a text as a password at all. Any other text is wrong, and is not sent to it."""
    return bool(password) and is_sendable(password) and len(password.encode()) <= MAX_PASSWORD_BYTES
