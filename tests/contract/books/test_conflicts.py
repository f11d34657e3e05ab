"""Changes that race: with each other, with another instance, with lost answers and with impatience."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.document_store import Address, ConflictError, Document, OutcomeUnknown, Write
from reelgate.domain.books.entries import Totals
from reelgate.domain.books.ledger import Change
from reelgate.domain.errors import BooksBusy, BooksSlow, NameTaken, ReelgateError, StorageLimitExceeded
from reelgate.ports.books import CommitResult, ReadSet, Snapshot
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock, an_upload

Around = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]


def around_commits(books: DocumentBooks, around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every commit of an instance happen inside `around`."""
    commit = books.documents.commit

    async def wrapped(writes: Sequence[Write]) -> None:
        await around(lambda: commit(writes))

    monkeypatch.setattr(books.documents, "commit", wrapped)


async def test_a_change_that_was_overtaken_is_decided_again(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books, other = open_books(), Bookkeeper(open_books(), clock=clock)
    overtaken: list[bool] = []

    async def overtake(commit: Callable[[], Awaitable[None]]) -> None:
        if not overtaken:
            overtaken.append(True)
            await other.reserve(an_upload("u2", size=700))
        await commit()

    around_commits(books, overtake, monkeypatch)
    with pytest.raises(StorageLimitExceeded) as refused:
        await Bookkeeper(books, clock=clock).reserve(an_upload("u1", size=400))
    assert refused.value.reserved == 700
    assert set(await other.uploads()) == {"u2"}


async def test_a_twin_that_was_faster_is_recognised(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two instances settle the same event: the loser learns that it is settled, and nothing happens twice."""
    books, other = open_books(), Bookkeeper(open_books(), clock=clock)
    upload = an_upload(size=400)
    await other.reserve(upload)

    async def be_slow(commit: Callable[[], Awaitable[None]]) -> None:
        clock.advance(microseconds=1)
        await other.commit(upload)
        await commit()

    around_commits(books, be_slow, monkeypatch)
    outcome = await Bookkeeper(books, clock=clock).commit(upload)
    assert outcome.change is None
    assert outcome.existing_entry is not None
    assert outcome.existing_entry.entry_id == "commit:u1#7"
    assert (await other.account()).stored == 400


async def test_a_commit_whose_answer_was_lost_counts_once(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books()

    async def lose_the_answer(commit: Callable[[], Awaitable[None]]) -> None:
        await commit()
        raise ConflictError("the connection broke after the commit")

    around_commits(books, lose_the_answer, monkeypatch)
    keeper = Bookkeeper(books, clock=clock)
    outcome = await keeper.report("r1", size=30)
    assert _applied(outcome) == "report-upload:r1"
    assert outcome.change is not None
    assert outcome.change.account == await keeper.account()
    assert outcome.change.account.today.uploaded == 30


async def test_an_id_that_depends_on_the_account_is_found_again_too(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`delete:FILE:SEQUENCE`: after the lost answer the account has moved on, and the entry's id with it."""
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    await keeper.add_video(an_upload())
    lost: list[bool] = []

    async def lose_the_answer(commit: Callable[[], Awaitable[None]]) -> None:
        await commit()
        if not lost:
            lost.append(True)
            raise ConflictError("the connection broke after the commit")

    around_commits(books, lose_the_answer, monkeypatch)
    outcome = await keeper.delete("u1.mp4")
    assert _applied(outcome) == "delete:u1:3"
    assert (await keeper.account()).today.deletion_count == 1


async def test_a_crash_before_the_commit_changes_nothing(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books()

    async def crash(_: Callable[[], Awaitable[None]]) -> None:
        raise MemoryError("killed")

    around_commits(books, crash, monkeypatch)
    with pytest.raises(MemoryError, match="killed"):
        await Bookkeeper(books, clock=clock).report("r1")
    assert await open_books().read("ada", ReadSet(entry_id="report-upload:r1")) == Snapshot(account=None)


async def test_after_a_crash_behind_the_commit_everything_is_there(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    upload = an_upload(size=900)
    await keeper.reserve(upload)

    async def crash(commit: Callable[[], Awaitable[None]]) -> None:
        await commit()
        raise MemoryError("killed")

    around_commits(books, crash, monkeypatch)
    with pytest.raises(MemoryError, match="killed"):
        await keeper.commit(upload)
    survivor = open_books()
    snapshot = await survivor.read("ada", ReadSet(filename="u1.mp4", entry_id="commit:u1#7"))
    assert snapshot.account is not None
    assert snapshot.account.stored == 900
    assert snapshot.video is not None
    assert snapshot.entry is not None
    clock.advance(seconds=1)
    left = [item.event_id for item in await survivor.outbox(clock.now, limit=10)]
    assert sorted(left) == ["alert:ada:2026-11-03:storage:80:1", "video.ready:u1:7"]


async def test_what_cannot_be_done_in_the_allowed_attempts_is_refused_without_a_trace(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books(attempts=3, first_pause_seconds=0.0)
    other = Bookkeeper(open_books(), clock=clock)
    overtakings = 0

    async def overtake(commit: Callable[[], Awaitable[None]]) -> None:
        nonlocal overtakings
        overtakings += 1
        await other.report(f"r{overtakings}")
        await commit()

    around_commits(books, overtake, monkeypatch)
    with pytest.raises(BooksBusy) as refused:
        await Bookkeeper(books, clock=clock).reserve(an_upload())
    assert overtakings == 3
    assert refused.value.retry_after_seconds in {1, 2, 3}
    assert await other.uploads() == {}


async def test_what_cannot_be_done_in_time_is_refused_without_a_trace(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books(deadline_seconds=0.05, attempts=10_000)

    async def lose(_: Callable[[], Awaitable[None]]) -> None:
        raise ConflictError("somebody else was faster")

    around_commits(books, lose, monkeypatch)
    with pytest.raises(BooksBusy):
        await Bookkeeper(books, clock=clock).report("r1")
    assert (await books.read("ada", ReadSet())).account is None


async def test_a_first_read_that_was_slow_is_no_reason_to_refuse(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new user's only request: nobody else is there, however long the machine takes."""
    books, loop = open_books(), asyncio.get_running_loop()
    get, time = books.documents.get, loop.time

    async def slow_get(*addresses: Address) -> Mapping[Address, Document]:
        found = await get(*addresses)
        monkeypatch.setattr(loop, "time", lambda: time() + 60)  # so long has it taken
        return found

    monkeypatch.setattr(books.documents, "get", slow_get)
    assert _applied(await Bookkeeper(books, clock=clock).report("r1")) == "report-upload:r1"


NO_ANSWER = OutcomeUnknown("ReadTimeoutError")
LOST_RACE = ConflictError("FAILED_PRECONDITION")
ABORTED = OutcomeUnknown("ABORTED: too much contention on these documents", contended=True)


@pytest.mark.parametrize(
    ("problems", "refusal"),
    [
        ([LOST_RACE], BooksBusy),
        ([ABORTED], BooksBusy),
        ([LOST_RACE, ABORTED], BooksBusy),
        ([NO_ANSWER], BooksSlow),
        ([NO_ANSWER, LOST_RACE], BooksSlow),  # who was faster may be ourselves, with what had no answer
        ([ABORTED, NO_ANSWER], BooksSlow),
    ],
)
@pytest.mark.parametrize("ends", ["tries", "time"])
async def test_the_refusal_says_what_was_in_the_way(
    open_books: OpenBooks,
    clock: SteppedClock,
    monkeypatch: pytest.MonkeyPatch,
    problems: Sequence[ConflictError],
    refusal: type[BooksBusy | BooksSlow],
    ends: str,
) -> None:
    books, endless = open_books(first_pause_seconds=0.0, attempts=4 if ends == "tries" else 10_000), itertools.cycle(problems)
    loop = asyncio.get_running_loop()
    time, minutes = loop.time, itertools.count(1)

    async def fail(_: Callable[[], Awaitable[None]]) -> None:
        problem = next(endless)
        if ends == "time" and problem is problems[-1]:  # time passes once each of them was met
            passed = next(minutes)
            monkeypatch.setattr(loop, "time", lambda: time() + 60 * passed)
        raise problem

    around_commits(books, fail, monkeypatch)
    keeper = Bookkeeper(books, clock=clock)
    with pytest.raises(refusal) as refused:
        await keeper.report("r0")  # one after the other and at once: whoever waits is told the same
    if len(problems) == 1:
        results = await asyncio.gather(*(keeper.report(f"r{number}") for number in range(30)), return_exceptions=True)
        assert {type(result) for result in results} == {refusal}
    others = "at once" in refused.value.detail
    assert others == (refusal is BooksBusy)
    assert (await books.read("ada", ReadSet())).account is None


async def test_the_last_attempt_may_have_succeeded_unseen(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Busy means that nothing was written: so even after the last attempt it is looked once more."""
    books = open_books(attempts=1)

    async def lose_the_answer(commit: Callable[[], Awaitable[None]]) -> None:
        await commit()
        raise ConflictError("the connection broke after the commit")

    around_commits(books, lose_the_answer, monkeypatch)
    assert _applied(await Bookkeeper(books, clock=clock).report("r1")) == "report-upload:r1"


async def test_a_client_that_goes_away_takes_nobody_with_it(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    committing, go_on = asyncio.Event(), asyncio.Event()

    async def wait_for_permission(commit: Callable[[], Awaitable[None]]) -> None:
        committing.set()
        await go_on.wait()
        await commit()

    around_commits(books, wait_for_permission, monkeypatch)
    first = asyncio.create_task(keeper.report("r1", size=1))
    await committing.wait()
    second = asyncio.create_task(keeper.report("r2", size=10))
    third = asyncio.create_task(keeper.report("r3", size=100))
    await asyncio.sleep(0)  # both wait for the first by now
    first.cancel()
    second.cancel()
    go_on.set()
    assert (await third).change is not None
    assert first.cancelled() or (await asyncio.wait([first]))
    # The first was being written already, the second not yet: it never is.
    assert (await keeper.account()).today.uploaded == 101
    assert (await books.read("ada", ReadSet(entry_id="report-upload:r2"))).entry is None


@pytest.mark.parametrize("group_size", [1, 20])
async def test_many_at_once_in_two_instances_are_all_counted_once(
    open_books: OpenBooks, clock: SteppedClock, group_size: int
) -> None:
    clocks = [clock, SteppedClock(clock.now + timedelta(microseconds=1))]  # no two real instances decide at one instant
    keepers = [Bookkeeper(open_books(group_size=group_size), clock=clocks[n]) for n in range(2)]
    outcomes = await asyncio.gather(*(keepers[n % 2].report(f"r{n // 2}", size=1) for n in range(40)))
    applied = [outcome.change.entry for outcome in outcomes if outcome.change and outcome.change.entry]
    assert len(applied) == 20  # every report came twice
    account = await keepers[0].account()
    assert (account.today.uploaded, account.sequence) == (20, 20)
    fold = Totals.of((await keepers[0].books.entries("ada", limit=100)).items)
    assert fold.total.uploaded == 20
    assert fold.gaps == ()


async def test_of_requests_that_share_a_commit_each_sees_the_ones_before(open_books: OpenBooks, clock: SteppedClock) -> None:
    """Same name, same upload and too many bytes at once: one is granted, the others get their own answers."""
    keeper = Bookkeeper(open_books(), clock=clock)
    await keeper.report("r0")
    results: Sequence[CommitResult | BaseException] = await asyncio.gather(
        keeper.report("r1"),  # goes first and alone; the others wait for it
        keeper.reserve(an_upload("u1", filename="a.mp4", size=600)),
        keeper.reserve(an_upload("u1", filename="a.mp4", size=600)),
        keeper.reserve(an_upload("u2", filename="a.mp4", size=100)),
        keeper.reserve(an_upload("u3", filename="b.mp4", size=500)),
        keeper.commit(an_upload("u1", filename="a.mp4", size=600)),
        keeper.delete("a.mp4"),
        keeper.reserve(an_upload("u4", filename="a.mp4", size=700)),
        return_exceptions=True,
    )
    kinds = [result if isinstance(result, ReelgateError) else _applied(result) for result in results]
    assert kinds[:3] == ["report-upload:r1", "reserve:u1", "already reserve:u1"]
    assert isinstance(kinds[3], NameTaken)
    assert isinstance(kinds[4], StorageLimitExceeded)
    assert kinds[5:7] == ["commit:u1#7", "delete:u1:5"]
    assert kinds[7] == "reserve:u4"
    account = await keeper.account()
    assert (account.stored, account.reserved, set(await keeper.uploads())) == (0, 700, {"u4"})
    snapshot = await keeper.books.read("ada", ReadSet(filename="a.mp4", trashed_file_id="u1"))
    assert snapshot.video is None
    assert snapshot.trashed is not None
    assert (await keeper.books.videos("ada", limit=5)).items == []


async def test_an_error_in_one_decision_is_its_own(keeper: Bookkeeper, books: DocumentBooks) -> None:
    def fail(_: Snapshot) -> Change:
        raise ZeroDivisionError

    results: Sequence[CommitResult | BaseException] = await asyncio.gather(
        keeper.report("r1"),
        keeper.report("r2"),
        books.commit("ada", fail, ReadSet()),
        keeper.report("r3"),
        return_exceptions=True,
    )
    assert isinstance(results[2], ZeroDivisionError)
    assert (await keeper.account()).sequence == 3


async def test_an_impossible_write_harms_only_its_own_operation(keeper: Bookkeeper, books: DocumentBooks) -> None:
    """A video where the books say that there is none: whoever writes it can never succeed, and must not block the user."""
    video = await keeper.add_video(an_upload(filename="a.mp4"))

    def put_again(snapshot: Snapshot) -> Change:
        assert snapshot.account is not None
        return Change(account=snapshot.account, put_video=video)

    results: Sequence[CommitResult | BaseException] = await asyncio.gather(
        keeper.report("r1"), books.commit("ada", put_again, ReadSet()), keeper.report("r2"), return_exceptions=True
    )
    assert isinstance(results[1], RuntimeError)
    assert isinstance(results[0], CommitResult)
    assert isinstance(results[2], CommitResult)
    assert (await keeper.account()).today.upload_count == 3


def _applied(result: CommitResult | BaseException) -> str:
    assert isinstance(result, CommitResult), result
    if result.existing_entry is not None:
        return f"already {result.existing_entry.entry_id}"
    assert result.change is not None
    assert result.change.entry is not None
    return result.change.entry.entry_id
