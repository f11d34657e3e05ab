"""Rate limits for credentials: per pair of account name (as typed) and client address, per account name, and per client
address; and for the directory's mails (docs/accounts.md)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.errors import InvalidCredentials, LoginFailed, TooManyAttempts, Unavailable
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.accounts import HasAccountPolicy, HasRateLimiter, RateLimit
from reelgate.ports.runtime import HasClock


class Services(HasAccountPolicy, HasClock, HasRateLimiter, Protocol):
    """What counting attempts needs."""


MAX_MAILS = 3
"""Mails of one kind that a person can be sent in one window."""

MAX_MAILS_OF_DAY = 10
"""Mails of one kind that a person can be sent in one day (of UTC)."""

_DAY = timedelta(days=1)

_log = logging.getLogger(__name__)


@asynccontextmanager
async def counted_login(services: Services, account: str, address: str | None) -> AsyncIterator[None]:
    """Count a login attempt before the block tries the password, and take it back if the block succeeds.

    Attempts are counted before their outcome is known, so concurrent attempts cannot exceed a limit. An attempt with an unknown
    outcome stays counted. The counter of the pair comes first: an attempt that it refuses does not count for the account, so a
    single address cannot lock a user out elsewhere.

    Args:
        account: the account name as typed: an e-mail address or a user name. The two are counted separately even if they belong
            to the same account, so that a refusal does not reveal that they do.
        address: the client's IP address; None if unknown. Then the attempt counts for the account, and for all clients with an
            unknown address together.

    Raises:
        LoginFailed: in place of the block's InvalidCredentials.
        TooManyAttempts: too many recent failures, or the directory itself refuses.
        Unavailable: the attempt cannot be counted, so the password is not tried.
    """
    login = _Login(services, account, address, services.now())
    await login.count()
    try:
        yield
    except InvalidCredentials as error:
        raise LoginFailed(error.detail, hint=error.hint) from error
    except TooManyAttempts as error:  # the directory's own
        raise TooManyAttempts(error.detail, retry_after_seconds=error.retry_after_seconds, first=True) from error
    await login.take_back()


async def count_registration(services: Services, address: str | None) -> None:
    """Count a registration attempt. Raises TooManyAttempts, Unavailable."""
    policy = services.account_policy
    bound = (
        RateLimit("register:unknown", policy.attempts_without_address)
        if address is None
        else RateLimit(f"register:{address}", policy.registrations_of_address)
    )
    await services.rate_limiter.count(bound, window=policy.attempts_window, now=services.now())


async def count_password_reset(services: Services, email: str, address: str | None) -> None:
    """Count a request for a mail that resets a password: per client address as registrations are, and `MAX_MAILS` and
    `MAX_MAILS_OF_DAY` per e-mail address. Addresses that are not registered are counted like others.

    Raises TooManyAttempts, Unavailable.
    """
    policy = services.account_policy
    of_client = (
        RateLimit("reset:unknown", policy.attempts_without_address)
        if address is None
        else RateLimit(f"reset:{address}", policy.registrations_of_address)
    )
    of_email = RateLimit(f"reset-email:{email}", MAX_MAILS)
    await services.rate_limiter.count(of_client, of_email, window=policy.attempts_window, now=services.now())
    await _count_mail_of_day(services, f"reset-email-day:{email}")


async def count_verification(services: Services, uid: str) -> None:
    """Count a mail that verifies an address: `MAX_MAILS` and `MAX_MAILS_OF_DAY` per user.

    Raises TooManyAttempts, Unavailable.
    """
    bound = RateLimit(f"verify-email:{uid}", MAX_MAILS)
    await services.rate_limiter.count(bound, window=services.account_policy.attempts_window, now=services.now())
    await _count_mail_of_day(services, f"verify-email-day:{uid}")


async def _count_mail_of_day(services: Services, subject: str) -> None:
    await services.rate_limiter.count(RateLimit(subject, MAX_MAILS_OF_DAY), window=_DAY, now=services.now())


@positional_value_type
class _Login:
    services: Services
    account: str
    address: str | None
    at: datetime

    async def count(self) -> None:
        policy = self.services.account_policy
        of_account = RateLimit(self._of_account, policy.login_max_failures_of_account)
        if self.address is None:
            # No limit per pair for an unknown address: all such clients would share it, and could lock the account.
            bounds = [RateLimit(self._of_address, policy.attempts_without_address), of_account]
        else:
            of_both = RateLimit(self._of_both, policy.login_max_failures)
            bounds = [of_both, RateLimit(self._of_address, policy.login_max_failures_of_address), of_account]
        await self.services.rate_limiter.count(*bounds, window=policy.attempts_window, now=self.at)

    async def take_back(self) -> None:
        """Clear the account's failures. Of the address, take back only this attempt: it may also try other accounts."""
        attempts, window = self.services.rate_limiter, self.services.account_policy.attempts_window
        try:
            failed = [self._of_account] if self.address is None else [self._of_both, self._of_account]
            await attempts.give_back(self._of_address, clear=failed, window=window, now=self.at)
        except Unavailable as error:  # the password was right; one count too many until the window ends is acceptable
            _log.warning("a successful login is still counted as a failure: %s", error)

    @property
    def _of_both(self) -> str:
        return f"login:{self.account}@{self.address}"

    @property
    def _of_account(self) -> str:
        return f"login-account:{self.account}"

    @property
    def _of_address(self) -> str:
        return f"login-address:{self.address or 'unknown'}"
