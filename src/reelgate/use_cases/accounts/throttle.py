"""Bounds on how often credentials are tried: per account as it was typed and client address, and per each of them
(docs/accounts.md)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.errors import InvalidCredentials, LoginFailed, TooManyAttempts, Unavailable
from reelgate.ports import HasAccountPolicy, HasClock, HasRateLimiter, RateLimit


class Services(HasAccountPolicy, HasClock, HasRateLimiter, Protocol):
    """What counting attempts uses."""


_log = logging.getLogger(__name__)


@asynccontextmanager
async def counted_login(services: Services, account: str, address: str | None) -> AsyncIterator[None]:
    """Count a try to log in before the password is tried in the block, and take that back when the block succeeds.

    Nobody knows yet whether it is a failure, so tries at the same time cannot outrun a bound; one whose outcome nobody
    learns stays counted. The account from this address comes first: whoever is stopped there does not count for the account,
    so one address alone locks nobody out elsewhere.

    Args:
        account: what names the account, as it was typed: an e-mail address or a user name. Each is counted by itself,
            also where both name one account, so that no refusal tells that they do.
        address: where the try comes from; None where that cannot be known. Then it counts for the account, and with all
            other clients whose address is not known.

    Raises:
        LoginFailed: in place of the block's InvalidCredentials.
        TooManyAttempts: too many failures lately, or the directory itself wants no more.
        Unavailable: it cannot be counted, so it is not tried.
    """
    login = _Login(services, account, address, services.now())
    await login.count()
    try:
        yield
    except InvalidCredentials as error:
        raise LoginFailed(error.detail) from error
    except TooManyAttempts as error:  # the directory's own
        raise TooManyAttempts(error.detail, retry_after_seconds=error.retry_after_seconds, first=True) from error
    await login.take_back()


async def count_registration(services: Services, address: str | None) -> None:
    """Count a try to register. Raises TooManyAttempts, Unavailable."""
    policy = services.account_policy
    bound = (
        RateLimit("register:unknown", policy.attempts_without_address)
        if address is None
        else RateLimit(f"register:{address}", policy.registrations_of_address)
    )
    await services.rate_limiter.count(bound, window=policy.attempts_window, now=services.now())


@dataclass(frozen=True, slots=True)
class _Login:
    services: Services
    account: str
    address: str | None
    at: datetime

    async def count(self) -> None:
        policy = self.services.account_policy
        of_account = RateLimit(self._of_account, policy.login_max_failures_of_account)
        if self.address is None:
            # No bound for the account from one address: it would be one for the account from all the world.
            bounds = [RateLimit(self._of_address, policy.attempts_without_address), of_account]
        else:
            of_both = RateLimit(self._of_both, policy.login_max_failures)
            bounds = [of_both, RateLimit(self._of_address, policy.login_max_failures_of_address), of_account]
        await self.services.rate_limiter.count(*bounds, window=policy.attempts_window, now=self.at)

    async def take_back(self) -> None:
        """Forget the account's failures, and this try of the address, which may try other accounts as well."""
        attempts, window = self.services.rate_limiter, self.services.account_policy.attempts_window
        try:
            if self.address is not None:
                await attempts.clear(self._of_both, window=window, now=self.at)
            await attempts.clear(self._of_account, window=window, now=self.at)
            await attempts.give_back(self._of_address, window=window, now=self.at)
        except Unavailable as error:  # the password was right: a counter that is ahead until its window ends is no refusal
            _log.warning("a login stays counted: %s", error)

    @property
    def _of_both(self) -> str:
        return f"login:{self.account}@{self.address}"

    @property
    def _of_account(self) -> str:
        return f"login-account:{self.account}"

    @property
    def _of_address(self) -> str:
        return f"login-address:{self.address or 'unknown'}"
