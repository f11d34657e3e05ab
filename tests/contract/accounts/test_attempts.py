"""What the counters of attempts promise, with several instances counting at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from reelgate.adapters.attempts import DocumentAttempts
from reelgate.adapters.document_store import DocumentStore
from reelgate.domain.errors import TooManyAttempts
from tests.fixtures.bookkeeping import NOON

WINDOW = timedelta(minutes=15)


@pytest.fixture
def attempts(documents: DocumentStore) -> DocumentAttempts:
    return DocumentAttempts(documents, key=b"k")


async def count(attempts: DocumentAttempts, subject: str = "x", *, limit: int = 3, after: timedelta = timedelta()) -> None:
    await attempts.count(subject, limit=limit, window=WINDOW, now=NOON + after)


async def test_the_limit_is_reached_and_ends_with_the_window(attempts: DocumentAttempts) -> None:
    for minute in range(3):
        await attempts.check("x", limit=3, now=NOON)
        await count(attempts, after=timedelta(minutes=minute))
    for refused in (count(attempts, after=timedelta(minutes=5)), attempts.check("x", limit=3, now=NOON + timedelta(minutes=5))):
        with pytest.raises(TooManyAttempts) as wait:
            await refused
        assert wait.value.retry_after_seconds == 601
    await count(attempts, "y")
    await attempts.check("x", limit=3, now=NOON + WINDOW)
    for _ in range(3):
        await count(attempts, after=WINDOW)
    with pytest.raises(TooManyAttempts):
        await count(attempts, after=WINDOW)


async def test_clearing(attempts: DocumentAttempts) -> None:
    await attempts.clear("x")
    for _ in range(3):
        await count(attempts)
    await attempts.clear("x")
    await attempts.check("x", limit=1, now=NOON)
    await count(attempts, limit=1)


async def test_at_the_same_time_no_more_are_let_through_than_allowed(documents: DocumentStore) -> None:
    instances = [DocumentAttempts(documents, key=b"k") for _ in range(2)]
    results = await asyncio.gather(*(count(instances[n % 2], limit=5) for n in range(20)), return_exceptions=True)
    assert [result for result in results if result is not None and not isinstance(result, TooManyAttempts)] == []
    assert 1 <= results.count(None) <= 5


async def test_another_key_counts_apart(documents: DocumentStore) -> None:
    await count(DocumentAttempts(documents, key=b"one"), limit=1)
    await count(DocumentAttempts(documents, key=b"two"), limit=1)
