"""Wrong passwords tried at the same moment at two instances over Firestore: no more of them are tried than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore
from reelgate.adapters.records.rate_limiter import DocumentRateLimiter
from reelgate.domain.errors import InvalidCredentials, TooManyAttempts
from tests.fixtures.memory_services import ACCOUNTS, MemoryServices
from tests.fixtures.newcomers import EMAIL, enter, sign_up

pytestmark = pytest.mark.emulator
TRIES = 200
LIMITS = replace(ACCOUNTS, login_max_failures=10, login_max_failures_of_account=40, login_max_failures_of_address=50)


@pytest.fixture
def instances(firestore_clients: Callable[[], FirestoreClient]) -> list[MemoryServices]:
    """Two instances that share a directory in memory; the counters are Firestore's."""
    both = [MemoryServices(account_policy=LIMITS) for _ in range(2)]
    for services in both:
        services.directory = both[0].directory
        documents = FirestoreDocumentStore(firestore_clients(), timeout_seconds=60.0)
        services.rate_limiter = DocumentRateLimiter(documents, key=b"k")
    return both


@pytest.mark.parametrize(
    ("account", "address", "limit"),
    [
        (EMAIL, "192.0.2.1", LIMITS.login_max_failures),
        (EMAIL, "192.0.2.{n}", LIMITS.login_max_failures_of_account),
        ("p{n}@example.org", "192.0.2.1", LIMITS.login_max_failures_of_address),
    ],
    ids=["one account, one address", "one account from everywhere", "one address, every account"],
)
async def test_exactly_as_many_reach_the_directory_as_allowed(
    instances: list[MemoryServices], account: str, address: str, limit: int
) -> None:
    uid = (await sign_up(instances[0], address="198.51.100.1")).account.uid
    results = await asyncio.gather(
        *(enter(instances[n % 2], account.format(n=n), f"guess {n}", address=address.format(n=n)) for n in range(TRIES)),
        return_exceptions=True,
    )
    refusals = [result for result in results if isinstance(result, TooManyAttempts)]
    assert sum(isinstance(result, InvalidCredentials) for result in results) == limit
    assert len(refusals) == TRIES - limit
    assert len(instances[0].directory.sign_ins) == limit
    assert [refusal.first for refusal in refusals].count(True) == 1
    for services in instances:
        with pytest.raises(TooManyAttempts) as wait:
            await enter(services, address=address.format(n=201))
        services.clock.advance(seconds=wait.value.retry_after_seconds)
    assert (await enter(instances[0], address=address.format(n=201))).caller.uid == uid


async def test_right_passwords_leave_room_for_each_other(instances: list[MemoryServices]) -> None:
    """A house full of people behind one address logs in, again and again, and nobody is stopped."""
    await sign_up(instances[0])
    for _ in range(LIMITS.login_max_failures_of_address // 5 + 1):
        await asyncio.gather(*(enter(instances[0]) for _ in range(5)))
    with pytest.raises(InvalidCredentials):
        await enter(instances[1], EMAIL, "wrong")
