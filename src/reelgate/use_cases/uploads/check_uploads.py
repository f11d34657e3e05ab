"""Check whether uploads would be granted, without reserving anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.limits import check_day, check_rejected, check_storage
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, HasPolicy, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.books.commit import current_ledger
from reelgate.use_cases.uploads.upload_request import check_role, check_size


class Services(HasBooks, HasClock, HasPolicy, Protocol):
    """What checking uploads needs."""


@value_type
class SizeVerdict:
    """Whether one size of the list would be granted after the allowed ones before it. `error` is the refusal, or None."""

    size: int
    error: errors.ReelgateError | None

    @property
    def allowed(self) -> bool:
        """Whether this size would be granted."""
        return self.error is None


@value_type
class Room:
    """The bytes that a caller has left, and the verdicts."""

    storage_available: int
    bandwidth_available: int
    verdicts: Sequence[SizeVerdict]


async def check_uploads(services: Services, caller: Caller, sizes: Sequence[int]) -> Room:
    """Return for each size, in order, whether it fits together with the allowed ones before it."""
    account = await current_account(services, caller)
    limits = account.limits(services.policy.default_limits)
    taken = account
    verdicts = []
    for size in sizes:
        error = _refusal(services, caller, taken, size)
        verdicts.append(SizeVerdict(size=size, error=error))
        if error is None:
            taken = replace(taken, stored=taken.stored + size, today=replace(taken.today, uploaded=taken.today.uploaded + size))
    return Room(
        storage_available=max(0, limits.storage_bytes - account.occupied),
        bandwidth_available=max(0, limits.daily_bytes - account.day_total),
        verdicts=verdicts,
    )


async def check_bandwidth(services: Services, caller: Caller, size: int) -> None:
    """Raise BandwidthLimitExceeded when an upload of `size` bytes would exceed the daily limit (usage monitoring)."""
    account = await current_account(services, caller)
    check_day(account, size, services.policy, services.now(), traffic="report")


async def current_account(services: Services, caller: Caller) -> Account:
    """Return the caller's account as of now, an empty one if there is none. Writes nothing."""
    ledger = current_ledger(services)
    account = (await services.books.read(caller.uid, ReadSet())).account
    return ledger.current(ledger.account_for(account, caller.uid, caller.email, email_verified=caller.email_verified))


def _refusal(services: Services, caller: Caller, account: Account, size: int) -> errors.ReelgateError | None:
    policy = services.policy
    try:
        check_role(caller, policy)
        check_size(size, policy)
        check_rejected(account, policy, services.now())
        check_storage(account, size, policy)
        check_day(account, size, policy, services.now())
    except (errors.Forbidden, errors.TooLarge, errors.LimitExceeded, errors.TooManyRejected) as error:
        return error
    return None
