"""Firestore does the work but the answer is lost, or does not answer at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from google.api_core import exceptions as google
from google.cloud.firestore import AsyncClient, AsyncWriteBatch

from reelgate.adapters.books.optimistic_books import RetryPolicy
from reelgate.adapters.documents.firestore_books import FirestoreBooks
from reelgate.domain.errors import BooksSlow, Unavailable
from reelgate.ports import ReadSet
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock

pytestmark = pytest.mark.emulator
Connect = Callable[[], AsyncClient]
LOST: list[Any] = [
    google.DeadlineExceeded,
    google.ServiceUnavailable,
    google.InternalServerError,
    google.ResourceExhausted,
    google.Cancelled,
    google.Unknown,
    google.Aborted,
    # What a repetition by a proxy says of our own first success:
    google.AlreadyExists,
    google.FailedPrecondition,
]
UNAVAILABLE: Any = google.ServiceUnavailable
DENIED: Any = google.PermissionDenied


@pytest.fixture
def keeper(firestore_clients: Connect) -> Bookkeeper:
    books = FirestoreBooks(firestore_clients(), patience=RetryPolicy(attempts=3), timeout_seconds=10.0)
    return Bookkeeper(books, clock=SteppedClock())


def fail_commits(monkeypatch: pytest.MonkeyPatch, problem: Any, *, applied: bool, times: int) -> list[int]:
    """Let that many commits fail, after they were applied or before; count all commits in the returned list."""
    commit = AsyncWriteBatch.commit
    count = [0]

    async def failing(batch: AsyncWriteBatch, **options: Any) -> Any:
        count[0] += 1
        if count[0] > times or applied:
            answer = await commit(batch, **options)
            if count[0] > times:
                return answer
        raise problem("as the test wants it")

    monkeypatch.setattr(AsyncWriteBatch, "commit", failing)
    return count


@pytest.mark.parametrize("problem", LOST, ids=lambda problem: problem.__name__)
async def test_a_commit_that_was_applied_unseen_counts_once(
    keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, problem: Any
) -> None:
    commits = fail_commits(monkeypatch, problem, applied=True, times=1)
    outcome = await keeper.report("r1", size=30)
    assert outcome.change is not None
    assert (await keeper.account()).today.uploaded == 30
    assert commits == [1]


@pytest.mark.parametrize("problem", LOST, ids=lambda problem: problem.__name__)
async def test_a_commit_that_was_not_applied_is_tried_again(
    keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, problem: Any
) -> None:
    commits = fail_commits(monkeypatch, problem, applied=False, times=2)
    assert (await keeper.report("r1", size=30)).change is not None
    assert (await keeper.account()).today.uploaded == 30
    assert commits == [3]


async def test_in_the_end_it_is_slow_and_not_busy(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = fail_commits(monkeypatch, UNAVAILABLE, applied=False, times=99)
    with pytest.raises(BooksSlow):
        await keeper.report("r1")
    assert commits == [3]
    assert (await keeper.books.read("ada", ReadSet())).account is None


async def test_what_is_nobody_s_race_is_not_repeated(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = fail_commits(monkeypatch, DENIED, applied=False, times=99)
    with pytest.raises(google.PermissionDenied):
        await keeper.report("r1")
    assert commits == [1]


def fail_reads(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let that many reads break, the way a lost connection breaks them: when their first result is awaited."""
    read = AsyncClient.get_all
    left = [times]

    async def failing(client: AsyncClient, *arguments: Any, **options: Any) -> AsyncIterator[Any]:
        if left[0]:
            left[0] -= 1
            raise UNAVAILABLE("as the test wants it")
        async for snapshot in read(client, *arguments, **options):
            yield snapshot

    monkeypatch.setattr(AsyncClient, "get_all", failing)


async def test_a_read_that_broke_is_repeated(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    await keeper.report("r1", size=30)
    fail_reads(monkeypatch, 5)  # about as long as a new connection takes
    assert (await keeper.account()).today.uploaded == 30


async def test_a_database_that_does_not_answer_is_unavailable(
    firestore_clients: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_reads(monkeypatch, 1000)
    keeper = Bookkeeper(FirestoreBooks(firestore_clients(), patience=RetryPolicy(attempts=2), timeout_seconds=0.2))
    with pytest.raises(Unavailable):
        await keeper.books.read("ada", ReadSet())
    with pytest.raises(Unavailable):
        await keeper.report("r1")


async def test_a_database_that_nobody_runs_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    client = AsyncClient(project="demo-nobody")
    books = FirestoreBooks(client, timeout_seconds=0.2, patience=RetryPolicy(deadline_seconds=0.5))
    with pytest.raises(Unavailable):
        await books.videos("ada", limit=1)
    with pytest.raises(Unavailable):
        await books.outbox_done("x")
    with pytest.raises(Unavailable):
        await Bookkeeper(books).report("r1")
    await client._firestore_api.transport.close()
