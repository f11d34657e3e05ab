"""Bounds on how often credentials are tried: per account and address, per account, per address (docs/accounts.md)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from reelgate.domain.errors import TooManyAttempts
from reelgate.ports import Services


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """The counters of one try to log in.

    `account` is what names the account (its e-mail address, or a name that nobody has), `address` where the try comes from.
    """

    services: Services
    account: str
    address: str

    async def begin(self) -> None:
        """Count this try, before anybody knows whether it is a failure: tries at the same time cannot outrun the bound.

        Counted is it for this account from this address only, where its owner has nobody to contend with.

        Raises:
            TooManyAttempts: too many failures lately.
        """
        policy, attempts, now = self.services.account_policy, self.services.attempts, self.services.now()
        await asyncio.gather(
            attempts.check(self._of_account, limit=policy.login_max_failures_of_account, now=now),
            attempts.check(self._of_address, limit=policy.login_max_failures_of_address, now=now),
        )
        await attempts.count(self._of_both, limit=policy.login_max_failures, window=policy.attempts_window, now=now)

    async def failed(self) -> None:
        """Count a failure for the account and for the address, too."""
        policy, attempts, now = self.services.account_policy, self.services.attempts, self.services.now()
        counted = (
            attempts.count(
                self._of_account, limit=policy.login_max_failures_of_account, window=policy.attempts_window, now=now
            ),
            attempts.count(
                self._of_address, limit=policy.login_max_failures_of_address, window=policy.attempts_window, now=now
            ),
        )
        for refused in await asyncio.gather(*counted, return_exceptions=True):
            if isinstance(refused, BaseException) and not isinstance(refused, TooManyAttempts):
                raise refused  # a counter that is full already counts this one as well

    async def succeeded(self) -> None:
        """Forget the account's failures."""
        await asyncio.gather(self.services.attempts.clear(self._of_both), self.services.attempts.clear(self._of_account))

    @property
    def _of_both(self) -> str:
        return f"login:{self.account}@{self.address}"

    @property
    def _of_account(self) -> str:
        return f"login-account:{self.account}"

    @property
    def _of_address(self) -> str:
        return f"login-address:{self.address}"


async def count_registration(services: Services, address: str) -> None:
    """Count a try to register. Raises TooManyAttempts."""
    policy = services.account_policy
    await services.attempts.count(
        f"register:{address}", limit=policy.registrations_of_address, window=policy.attempts_window, now=services.now()
    )
