"""Firestore does the work but the answer is lost, or does not answer at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from reelgate.adapters.books.document_books import CHANGE_RETRIES, DocumentBooks
from reelgate.adapters.documents import firestore_store
from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore, FirestoreError
from reelgate.domain.errors import BooksSlow, Unavailable
from reelgate.ports.books import ReadSet
from tests.fixtures.bookkeeping import ENCODE_ACTION, Bookkeeper, SteppedClock
from tests.fixtures.firestore_faults import LOST, fail_calls

pytestmark = pytest.mark.emulator
Connect = Callable[[], FirestoreClient]
DENIED = FirestoreError("PERMISSION_DENIED", "as the test wants it")


@pytest.fixture
def keeper(firestore_clients: Connect) -> Bookkeeper:
    documents = FirestoreDocumentStore(firestore_clients(), timeout_seconds=10.0)
    books = DocumentBooks(documents, encode_action=ENCODE_ACTION, retries=replace(CHANGE_RETRIES, attempts=3))
    return Bookkeeper(books, clock=SteppedClock())


@pytest.mark.parametrize("problem", LOST, ids=str)
async def test_a_commit_that_was_applied_unseen_counts_once(
    keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    commits = fail_calls(monkeypatch, "commit", problem, applied=True, times=1)
    outcome = await keeper.report("r1", size=30)
    assert outcome.change is not None
    assert (await keeper.account()).today.uploaded == 30
    assert commits == [1]


@pytest.mark.parametrize("problem", LOST, ids=str)
async def test_a_commit_that_was_not_applied_is_tried_again(
    keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    commits = fail_calls(monkeypatch, "commit", problem, applied=False, times=2)
    assert (await keeper.report("r1", size=30)).change is not None
    assert (await keeper.account()).today.uploaded == 30
    assert commits == [3]


async def test_in_the_end_it_is_slow_and_not_busy(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = fail_calls(monkeypatch, "commit", LOST[0], applied=False, times=99)
    with pytest.raises(BooksSlow):
        await keeper.report("r1")
    assert commits == [3]
    assert (await keeper.books.read("ada", ReadSet())).account is None


@pytest.mark.parametrize("method", ["commit", "batchGet"])
async def test_what_is_nobody_s_race_is_not_repeated(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    calls = fail_calls(monkeypatch, method, DENIED, applied=False, times=99)
    with pytest.raises(FirestoreError, match="PERMISSION_DENIED"):
        await keeper.report("r1")
    assert calls == [1]


@pytest.mark.parametrize("problem", LOST[:7], ids=str)
async def test_a_read_that_broke_is_repeated(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    await keeper.report("r1", size=30)
    reads = fail_calls(monkeypatch, "batchGet", problem, applied=False, times=2)
    assert (await keeper.account()).today.uploaded == 30
    assert reads == [3]


async def test_a_message_that_is_removed_twice_is_no_problem(keeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    await keeper.books.outbox_done("never:there")
    fail_calls(monkeypatch, "commit", LOST[0], applied=True, times=1)
    with pytest.raises(Unavailable):
        await keeper.books.outbox_done("never:there")
    await keeper.books.outbox_done("never:there")


@pytest.fixture
def nobody() -> Iterator[FirestoreClient]:
    """A client of a database that nobody runs."""
    client = firestore_store.connect("demo-nobody", emulator="127.0.0.1:1")
    yield client
    client.close()


async def test_a_database_that_nobody_runs_is_unavailable(nobody: FirestoreClient) -> None:
    books = DocumentBooks(
        FirestoreDocumentStore(nobody, timeout_seconds=0.2), retries=replace(CHANGE_RETRIES, deadline_seconds=0.5)
    )
    with pytest.raises(Unavailable):
        await books.videos("ada", limit=1)
    with pytest.raises(Unavailable):
        await books.outbox_done("x")
    with pytest.raises(Unavailable):
        await Bookkeeper(books).report("r1")
