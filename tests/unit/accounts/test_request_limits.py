"""The limits of requests in instances: what costs no document, what instances share, and what they forget."""

from __future__ import annotations

import asyncio
import logging

import pytest

from reelgate.adapters.documents.read_meter import note_reads
from reelgate.adapters.records.request_limits import LeasedRequestLimits
from reelgate.domain.accounts.request_rates import Rate, RequestGroup
from reelgate.domain.errors import TooManyRequests
from tests.doubles.memory_document_store import MemoryDatabase, MemoryDocumentStore
from tests.fixtures.bookkeeping import SteppedClock
from tests.fixtures.store_calls import StoreCalls

RATES: dict[RequestGroup, Rate] = {"read": Rate(100), "write": Rate(20)}


class Deployment:
    """Instances over one database and one clock, which begins with a minute."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.database = MemoryDatabase()

    def instance(self, *, capacity: int = 100) -> tuple[LeasedRequestLimits, MemoryDocumentStore]:
        store = MemoryDocumentStore(self.database)
        clock = lambda: self.clock().timestamp()  # noqa: E731
        return LeasedRequestLimits(store, RATES, key=b"k", clock=clock, capacity=capacity), store


async def taken(limits: LeasedRequestLimits, subject: str = "ada", *, group: RequestGroup = "read", most: int = 1000) -> int:
    """Ask until refused, and return how often it was allowed."""
    for number in range(most):
        try:
            await limits.take(group, subject)
        except TooManyRequests:
            return number
    return most


async def test_who_needs_little_costs_no_document() -> None:
    deployment = Deployment()
    limits, store = deployment.instance()
    calls = StoreCalls(store)
    for _ in range(30):
        assert await taken(limits, most=10) == 10
        assert await taken(limits, "bob", most=10) == 10
        deployment.clock.advance(minutes=1)
    assert calls.take() == []


async def test_beyond_that_tokens_are_leased_and_a_full_counter_is_not_asked_again() -> None:
    limits, store = Deployment().instance()
    calls = StoreCalls(store)
    assert await taken(limits) == 100
    assert calls.take() == [("count", 1)] * 9
    assert await taken(limits) == 0
    assert calls.take() == []


async def test_instances_share_all_but_a_tenth_each() -> None:
    deployment = Deployment()
    instances = [deployment.instance()[0] for _ in range(5)]
    allowed = await asyncio.gather(*map(taken, instances))
    assert sum(allowed) == 90 + 5 * 10
    deployment.clock.advance(minutes=1)
    assert sum(await asyncio.gather(*map(taken, instances))) == 90 + 5 * 10


async def test_requests_of_one_user_at_once_wait_for_one_lease() -> None:
    limits, store = Deployment().instance()
    calls = StoreCalls(store)
    await asyncio.gather(*(limits.take("read", "ada") for _ in range(20)))
    assert calls.take() == [("count", 1)]
    answers = await asyncio.gather(*(limits.take("read", "ada") for _ in range(200)), return_exceptions=True)
    assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 120


async def test_users_and_groups_are_counted_apart() -> None:
    limits, _ = Deployment().instance()
    assert await taken(limits) == 100
    assert await taken(limits, "bob") == 100
    assert await taken(limits, group="write") == 20


async def test_a_refusal_says_the_limit_and_when_to_come_back() -> None:
    deployment = Deployment()
    limits, _ = deployment.instance()
    await taken(limits)
    with pytest.raises(TooManyRequests) as refused:
        await limits.take("read", "ada")
    error = refused.value
    assert (error.group, error.limit, error.retry_after_seconds) == ("read", 100, 6)
    deployment.clock.advance(seconds=6)
    await limits.take("read", "ada")


async def test_if_the_counter_cannot_be_reached_the_instance_counts_alone(caplog: pytest.LogCaptureFixture) -> None:
    deployment = Deployment()
    (limits, store), (others, _) = deployment.instance(), deployment.instance()
    await taken(others)
    store.unavailable = True
    with caplog.at_level(logging.WARNING):
        assert await taken(limits) == 100
    assert "counted by this instance alone" in caplog.text
    store.unavailable = False
    deployment.clock.advance(minutes=1)
    assert await taken(limits) == 100


async def test_counters_expire_with_their_minute_and_name_nobody() -> None:
    deployment = Deployment()
    limits, _ = deployment.instance()
    await taken(limits, "ada")
    [document] = deployment.database.documents.values()
    assert document.address.collection == ("attempts",)
    assert "ada" not in document.address.id
    assert document.fields["expires_at"].timestamp() == int(deployment.clock().timestamp()) + 60


async def test_the_one_who_was_not_seen_for_longest_is_forgotten() -> None:
    limits, _ = Deployment().instance(capacity=2)
    await taken(limits, "ada")
    await limits.take("read", "bob")
    await taken(limits, "ada")  # refused, and seen all the same
    await limits.take("read", "eve")
    assert await taken(limits, "ada") == 0
    assert await taken(limits, "bob") == 100, "forgotten, and begins anew"


async def test_what_a_request_reads_is_charged_to_it_alone() -> None:
    limits, _ = Deployment().instance()

    async def request(subject: str, documents: int) -> None:
        allowance = await limits.take("read", subject)
        await asyncio.sleep(0)
        note_reads(documents)
        allowance.settle()
        allowance.settle()  # nothing twice

    await asyncio.gather(*(asyncio.create_task(request(*one)) for one in (("ada", 1050), ("bob", 20))))
    assert (await taken(limits), await taken(limits, "bob")) == (100 - 1 - 10, 99)


async def test_a_second_token_of_a_request_leaves_the_counting_to_the_first() -> None:
    limits, _ = Deployment().instance()
    first = await limits.take("read", "ada")
    second = await limits.take("write", "ada", counts_reads=False)
    note_reads(1050)
    second.settle()
    first.settle()
    assert (await taken(limits), await taken(limits, group="write")) == (100 - 1 - 10, 20 - 1)


async def test_what_is_allowed_says_how_many_are_left_and_until_when() -> None:
    deployment = Deployment()
    limits, _ = deployment.instance()
    deployment.clock.advance(seconds=20)
    allowance = await limits.take("read", "ada")
    assert (allowance.group, allowance.per_minute, allowance.remaining, allowance.reset_seconds) == ("read", 100, 99, 40)
