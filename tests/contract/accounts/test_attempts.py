"""What the counters of attempts promise, with several instances counting at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.records.rate_limiter import DocumentRateLimiter
from reelgate.domain.errors import TooManyAttempts
from reelgate.ports.accounts import RateLimit
from tests.fixtures.bookkeeping import NOON

WINDOW = timedelta(minutes=15)
INTO = timedelta(minutes=5)
"""Windows are cut by the clock: one begins with NOON's second."""


@pytest.fixture
def attempts(documents: DocumentStore) -> DocumentRateLimiter:
    return DocumentRateLimiter(documents, key=b"k")


async def count(attempts: DocumentRateLimiter, *subjects: str, limit: int = 3, after: timedelta = timedelta()) -> None:
    bounds = [RateLimit(subject, limit) for subject in subjects or ("x",)]
    await attempts.count(*bounds, window=WINDOW, now=NOON + after)


async def refused(
    attempts: DocumentRateLimiter, *subjects: str, limit: int = 3, after: timedelta = timedelta()
) -> TooManyAttempts:
    with pytest.raises(TooManyAttempts) as refusal:
        await count(attempts, *subjects, limit=limit, after=after)
    return refusal.value


async def test_the_limit_is_reached_and_ends_with_the_window(attempts: DocumentRateLimiter) -> None:
    for minute in range(3):
        await count(attempts, after=timedelta(minutes=minute))
    for _ in range(3):
        wait = (await refused(attempts, after=INTO)).retry_after_seconds
        assert wait == 600
    await count(attempts, "y")
    await refused(attempts, after=timedelta(minutes=14, seconds=59))
    for _ in range(3):
        await count(attempts, after=INTO + timedelta(seconds=wait))
    await refused(attempts, after=WINDOW)


async def test_only_the_first_refusal_of_a_window_is_one_worth_telling(attempts: DocumentRateLimiter) -> None:
    await count(attempts, limit=1)
    refusals = [await refused(attempts, limit=1) for _ in range(4)]
    assert [refusal.first for refusal in refusals] == [True, False, False, False]
    await count(attempts, limit=1, after=WINDOW)
    refusals += [await refused(attempts, limit=1, after=WINDOW) for _ in range(2)]
    assert [refusal.first for refusal in refusals[4:]] == [True, False]
    assert len({refusal.counter for refusal in refusals}) == 2


async def test_what_is_behind_a_full_counter_is_not_counted(attempts: DocumentRateLimiter) -> None:
    await count(attempts, "first", limit=1)
    for _ in range(9):
        await refused(attempts, "first", "behind", limit=1)
    await count(attempts, "behind", limit=1)
    # Nor what is before one of which it is known that it is full.
    await refused(attempts, "behind", limit=1)
    await refused(attempts, "before", "behind", limit=1)
    await count(attempts, "before", limit=1)


async def test_giving_back_makes_room_in_the_window_that_it_was_counted_in(attempts: DocumentRateLimiter) -> None:
    for _ in range(3):
        await count(attempts)
    await attempts.give_back("x", window=WINDOW, now=NOON + INTO)
    await count(attempts)
    for _ in range(3):
        await count(attempts, after=WINDOW)
    await attempts.give_back("x", window=WINDOW, now=NOON)
    await refused(attempts, after=WINDOW)


async def test_clearing(attempts: DocumentRateLimiter) -> None:
    await attempts.give_back("y", clear=["x"], window=WINDOW, now=NOON)
    for _ in range(3):
        await count(attempts)
    await count(attempts, "other")
    await attempts.give_back("y", clear=["x", "other"], window=WINDOW, now=NOON + INTO)
    await count(attempts, "x", "other", limit=1)
    await refused(attempts, "x", limit=1)
    await refused(attempts, "other", limit=1)


async def test_at_the_same_time_exactly_as_many_are_let_through_as_allowed(documents: DocumentStore) -> None:
    instances = [DocumentRateLimiter(documents, key=b"k") for _ in range(2)]
    results = await asyncio.gather(*(count(instances[n % 2], limit=5) for n in range(30)), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, TooManyAttempts)]
    assert (results.count(None), len(refusals)) == (5, 25)
    assert [refusal.first for refusal in refusals].count(True) == 1


async def test_at_the_same_time_nothing_is_counted_behind_a_counter_that_is_full(documents: DocumentStore) -> None:
    instances = [DocumentRateLimiter(documents, key=b"k") for _ in range(2)]
    bounds = RateLimit("first", 5), RateLimit("behind", 100)
    results = await asyncio.gather(
        *(instances[n % 2].count(*bounds, window=WINDOW, now=NOON) for n in range(30)), return_exceptions=True
    )
    refusals = [result for result in results if isinstance(result, TooManyAttempts)]
    assert (results.count(None), len(refusals)) == (5, 25)
    assert [refusal.first for refusal in refusals].count(True) == 1
    await count(instances[0], "behind", limit=6)
    await refused(instances[0], "behind", limit=6)


async def test_a_counter_that_others_share_lets_exactly_as_many_through(documents: DocumentStore) -> None:
    attempts = DocumentRateLimiter(documents, key=b"k")
    results = await asyncio.gather(
        *(
            attempts.count(RateLimit(f"own-{n}", 1), RateLimit("shared", 7), window=WINDOW, now=NOON + timedelta(seconds=n))
            for n in range(20)
        ),
        return_exceptions=True,
    )
    assert results.count(None) == 7
    assert sum(isinstance(result, TooManyAttempts) for result in results) == 13


async def test_another_key_counts_apart(documents: DocumentStore) -> None:
    await count(DocumentRateLimiter(documents, key=b"one"), limit=1)
    await count(DocumentRateLimiter(documents, key=b"two"), limit=1)
