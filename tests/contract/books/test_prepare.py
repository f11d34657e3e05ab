"""What an operation prepares between its read and its decision, and what becomes of it when others are faster or it fails."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.document_store import ConflictError, OutcomeUnknown, Write
from reelgate.domain.books.ledger import Change
from reelgate.domain.errors import AccountDisabled, Unavailable, VideoNotFound
from reelgate.ports.books import CommitResult, NotPrepared, ReadSet, Snapshot
from reelgate.use_cases.videos.delete_video import deletion
from reelgate.use_cases.videos.find_video import by_id, by_name
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import Bookkeeper, PlainSigner, SteppedClock, an_upload, object_of
from tests.fixtures.store_calls import StoreCalls


class Hold:
    """Holds work up until it is released."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.release = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self.release.wait()


async def fail() -> None:
    raise Unavailable("The signer cannot be reached.")


async def count_streams(keeper: Bookkeeper) -> int:
    entries = (await keeper.books.entries("ada", limit=100)).items
    return sum(entry.kind == "stream" for entry in entries)


async def test_it_is_prepared_on_what_is_decided(keeper: Bookkeeper, books: DocumentBooks) -> None:
    await keeper.add_video(an_upload())
    steps: list[Snapshot] = []

    async def prepare(snapshot: Snapshot) -> None:
        steps.append(snapshot)

    def decide(snapshot: Snapshot) -> Change | None:
        steps.append(snapshot)
        return None

    result = await books.commit("ada", decide, ReadSet(filename="u1.mp4"), prepare=prepare)
    assert steps == [result.snapshot, result.snapshot]
    assert result.snapshot.video is not None


async def test_it_costs_no_round_trip(keeper: Bookkeeper, books: DocumentBooks) -> None:
    await keeper.add_video(an_upload())
    calls = StoreCalls(books.documents)
    await keeper.stream(by_id("u1"))
    assert calls.take() == [("get", 2), ("commit", 2)]
    await keeper.stream(by_id("u1"))
    assert calls.take() == [("get", 2)]


async def test_all_operations_of_a_batch_prepare_at_once(keeper: Bookkeeper, books: DocumentBooks) -> None:
    for n in range(3):
        await keeper.add_video(an_upload(f"u{n}"))
    everyone = asyncio.Barrier(3)
    keeper.signer.before = lambda: _pass(everyone)
    calls = StoreCalls(books.documents)
    await asyncio.gather(*(keeper.stream(by_id(f"u{n}")) for n in range(3)))
    assert calls.take() == [("get", 4), ("commit", 4)]
    assert await count_streams(keeper) == 3


async def _pass(everyone: asyncio.Barrier) -> None:
    await everyone.wait()


async def test_a_failure_ends_its_operation_and_no_other(keeper: Bookkeeper, books: DocumentBooks, clock: SteppedClock) -> None:
    await keeper.add_video(an_upload())
    unlucky = Bookkeeper(books, clock=clock, signer=PlainSigner(before=fail))
    answers = await asyncio.gather(
        keeper.report("r1"), unlucky.stream("u1.mp4"), keeper.report("r2"), keeper.stream("gone.mp4"), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [CommitResult, Unavailable, CommitResult, VideoNotFound]
    assert await count_streams(keeper) == 0
    assert (await keeper.stream("u1.mp4")).change is not None


async def test_a_surprise_ends_its_operation_and_no_other(keeper: Bookkeeper, books: DocumentBooks) -> None:
    async def surprise(_: Snapshot) -> None:
        raise ZeroDivisionError

    answers = await asyncio.gather(
        keeper.report("r1"),
        books.commit("ada", never, ReadSet(), prepare=surprise),
        keeper.report("r2"),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [CommitResult, ZeroDivisionError, CommitResult]


async def test_a_cancelled_helper_ends_its_operation_and_no_other(keeper: Bookkeeper, books: DocumentBooks) -> None:
    """What waits for a task that someone else cancels gets CancelledError without being cancelled."""
    other = asyncio.create_task(asyncio.Event().wait())
    asyncio.get_running_loop().call_soon(other.cancel)

    async def prepare(_: Snapshot) -> None:
        await other

    answers = await asyncio.gather(
        keeper.report("r1"), books.commit("ada", never, ReadSet(), prepare=prepare), keeper.report("r2"), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [CommitResult, Unavailable, CommitResult]
    assert (await keeper.report("r3")).change is not None


async def test_what_hangs_is_given_up_in_time(open_books: OpenBooks, clock: SteppedClock) -> None:
    books = open_books(prepare_seconds=0.05)
    keeper = Bookkeeper(books, clock=clock)
    await keeper.add_video(an_upload())
    hanging = Bookkeeper(books, clock=clock, signer=PlainSigner(before=Hold()))
    answers = await asyncio.gather(hanging.stream("u1.mp4"), keeper.report("r1"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, CommitResult]
    assert await count_streams(keeper) == 0


async def test_a_client_that_goes_while_its_url_is_signed_is_not_charged(keeper: Bookkeeper) -> None:
    await keeper.add_video(an_upload())
    hold = Hold()
    keeper.signer.before = hold
    leaving = asyncio.create_task(keeper.stream("u1.mp4"))
    await hold.reached.wait()
    leaving.cancel()
    hold.release.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await keeper.report("r1")
    assert await count_streams(keeper) == 0


async def test_after_a_lost_race_it_is_prepared_for_what_was_read_again(
    open_books: OpenBooks, keeper: Bookkeeper, clock: SteppedClock
) -> None:
    """Another instance replaces the video while the URL of the first one is signed: the second one is signed and charged."""
    await keeper.add_video(an_upload("u1", filename="a.mp4", size=100))
    other = Bookkeeper(open_books(), clock=clock)

    async def replace_video() -> None:
        keeper.signer.before = None
        await other.delete("a.mp4")
        await other.add_video(an_upload("u2", filename="a.mp4", size=50))

    keeper.signer.before = replace_video
    change = (await keeper.stream("a.mp4")).change
    assert change is not None
    assert change.entry is not None
    assert (change.entry.file_id, change.entry.size) == ("u2", 50)
    assert ["u1" in keeper.signer.signed[0], "u2" in keeper.signer.signed[1], len(keeper.signer.signed)] == [True, True, 2]


async def test_after_a_lost_race_what_still_fits_is_not_prepared_again(
    open_books: OpenBooks, keeper: Bookkeeper, clock: SteppedClock
) -> None:
    await keeper.add_video(an_upload())
    other = Bookkeeper(open_books(), clock=clock)

    async def interfere() -> None:
        await other.report("r1")

    keeper.signer.before = interfere
    assert (await keeper.stream("u1.mp4")).change is not None
    assert len(keeper.signer.signed) == 1


async def test_a_video_that_the_batch_itself_replaces_is_prepared_in_the_next_round(
    keeper: Bookkeeper, books: DocumentBooks
) -> None:
    """Delete, upload under the same name, and stream in one commit: the round that signed for the old file charges nothing."""
    await keeper.add_video(an_upload("u1", filename="a.mp4", size=100))
    second = an_upload("u2", filename="a.mp4", size=50)
    calls = StoreCalls(books.documents)
    *_, streamed = await asyncio.gather(
        keeper.carry_out(deletion(by_name("a.mp4"))),
        keeper.reserve(second),
        keeper.commit(second, object_of("ada", second)),
        keeper.stream("a.mp4"),
    )
    change = streamed.change
    assert change is not None
    assert change.entry is not None
    assert (change.entry.file_id, change.entry.size) == ("u2", 50)
    assert [name for name, _ in calls.take()][:4] == ["get", "get", "commit", "get"]
    assert (await keeper.account()).today.streamed == 50


async def test_a_decision_that_is_never_prepared_is_refused_in_the_end(open_books: OpenBooks) -> None:
    books = open_books(attempts=3)
    prepared = itertools.count()

    async def prepare(_: Snapshot) -> None:
        next(prepared)

    def decide(_: Snapshot) -> Change | None:
        raise NotPrepared

    with pytest.raises(Unavailable):
        await books.commit("ada", decide, ReadSet(), prepare=prepare)
    assert next(prepared) == 3


@pytest.mark.parametrize("error", [ConflictError, OutcomeUnknown])
async def test_a_commit_whose_answer_was_lost_is_found_without_preparing_again(
    keeper: Bookkeeper, books: DocumentBooks, error: Callable[[str], Exception]
) -> None:
    await keeper.add_video(an_upload())
    commit = books.documents.commit

    async def lose_the_answer(writes: list[Write]) -> None:
        books.documents.commit = commit  # type: ignore[method-assign]
        await commit(writes)
        keeper.signer.before = fail
        raise error("lost")

    books.documents.commit = lose_the_answer  # type: ignore[assignment, method-assign]
    assert (await keeper.stream("u1.mp4")).change is not None
    assert await count_streams(keeper) == 1


async def test_32_first_requests_at_once_in_two_instances_are_one_charge(
    open_books: OpenBooks, keeper: Bookkeeper, clock: SteppedClock
) -> None:
    await keeper.add_video(an_upload())
    clock.advance(microseconds=1)
    other = Bookkeeper(open_books(), clock=SteppedClock())
    results = await asyncio.gather(*((keeper, other)[n % 2].stream("u1.mp4") for n in range(32)))
    assert sum(result.change is not None for result in results) == 1
    assert {*keeper.signer.signed, *other.signer.signed} == {keeper.signer.signed[0]}, "both sign the same URL"
    assert await count_streams(keeper) == 1
    assert (await keeper.account()).today.streamed == 100


async def test_a_disabled_account_is_refused_a_url_that_it_has_paid(keeper: Bookkeeper, books: DocumentBooks) -> None:
    await keeper.add_video(an_upload())
    await keeper.stream("u1.mp4")
    account = await keeper.account()
    await books.commit("ada", lambda _: Change(account=replace(account, disabled=True)), ReadSet())
    with pytest.raises(AccountDisabled):
        await keeper.stream("u1.mp4")
    assert len(keeper.signer.signed) == 1


def never(_: Snapshot) -> Change:
    """Decide nothing: to be called is an error."""
    raise AssertionError("decided without being prepared")
