"""Changes with several ledger entries, and decisions that look at entries themselves: the chunks of chunked uploads."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from reelgate.domain.books.entries import Totals
from reelgate.domain.errors import ChunkDiffers, StorageLimitExceeded
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.ports.books import ReadSet
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock, a_part, an_upload
from tests.fixtures.books.faults import CrashedError, make_faulty
from tests.fixtures.books.invariants import all_entries


def chunks(*sizes: int, first: int = 0) -> list[Chunk]:
    return [Chunk(index=first + n, size=size) for n, size in enumerate(sizes)]


async def begin(keeper: Bookkeeper, upload_id: str = "u1") -> None:
    await keeper.reserve(replace(an_upload(upload_id, size=0), chunked=True, main_service_file_id="7"))


async def ledger_of(keeper: Bookkeeper) -> list[tuple[int, str, int]]:
    """Return number, id and reserved bytes of all entries, after checking that they make up the account."""
    entries = sorted(await all_entries(keeper.books), key=lambda entry: entry.sequence)
    account = await keeper.account()
    fold = Totals.of(entries)
    assert (fold.total.reserved, fold.gaps, fold.count) == (account.reserved, (), account.sequence)
    return [(entry.sequence, entry.entry_id, entry.delta.reserved) for entry in entries]


async def test_all_entries_of_a_change_are_written(keeper: Bookkeeper) -> None:
    await begin(keeper)
    await keeper.reserve_chunks("u1", chunks(10, 20, 30))
    assert await ledger_of(keeper) == [
        (1, "reserve:u1", 0),
        (2, "chunk:u1:0", 10),
        (3, "chunk:u1:1", 20),
        (4, "chunk:u1:2", 30),
    ]
    upload = (await keeper.uploads())["u1"]
    assert (upload.size, upload.chunked, upload.main_service_file_id, upload.sealed_chunks) == (60, True, "7", None)


async def test_none_of_them_when_it_is_refused(keeper: Bookkeeper) -> None:
    await begin(keeper)
    with pytest.raises(StorageLimitExceeded):
        await keeper.reserve_chunks("u1", chunks(500, 501))
    assert await ledger_of(keeper) == [(1, "reserve:u1", 0)]


async def test_a_hundred_at_once(keeper: Bookkeeper) -> None:
    await begin(keeper)
    await keeper.reserve_chunks("u1", chunks(*[10] * 100))
    assert len(await ledger_of(keeper)) == 101


async def test_a_view_has_the_wanted_entries_that_exist(keeper: Bookkeeper) -> None:
    await begin(keeper)
    await keeper.reserve_chunks("u1", chunks(10))
    snapshot = await keeper.books.read("ada", ReadSet(entry_ids=("chunk:u1:0", "chunk:u1:1", "reserve:u1")))
    assert {key: entry.size for key, entry in snapshot.entries.items()} == {"chunk:u1:0": 10, "reserve:u1": 0}
    assert snapshot.entry is None


async def test_what_overlaps_adds_only_the_rest(keeper: Bookkeeper) -> None:
    await begin(keeper)
    await keeper.reserve_chunks("u1", chunks(10, 20))
    await keeper.reserve_chunks("u1", chunks(20, 30, first=1))
    assert (await keeper.reserve_chunks("u1", chunks(10, 20, 30))).change is None
    assert [entry_id for _, entry_id, _ in await ledger_of(keeper)][1:] == ["chunk:u1:0", "chunk:u1:1", "chunk:u1:2"]


async def test_overlapping_groups_in_two_instances_at_once(open_books: OpenBooks, clock: SteppedClock) -> None:
    """A group that loses must not take the winner's entry for its own success: its other chunks would be missing."""
    keepers = [Bookkeeper(open_books(attempts=1000, deadline_seconds=60.0), clock=clock) for _ in range(2)]
    await begin(keepers[0])
    groups = [chunks(1, 2, 3), chunks(2, 3, 4, first=1), chunks(3, 4, 5, first=2), chunks(4, 5, 6, first=3)] * 4
    await asyncio.gather(*(keepers[n % 2].reserve_chunks("u1", group) for n, group in enumerate(groups)))
    account = await keepers[0].account()
    assert (account.reserved, account.sequence) == (1 + 2 + 3 + 4 + 5 + 6, 7)
    await ledger_of(keepers[0])


async def test_groups_of_one_instant_that_begin_alike(open_books: OpenBooks, clock: SteppedClock) -> None:
    """Their first entries are equal in all, also in number and time: only the second one tells who has won."""
    keepers = [Bookkeeper(open_books(attempts=1000, deadline_seconds=60.0), clock=clock) for _ in range(2)]
    await begin(keepers[0])
    await asyncio.gather(keepers[0].reserve_chunks("u1", chunks(1)), keepers[1].reserve_chunks("u1", chunks(1, 1)))
    assert [entry_id for _, entry_id, _ in await ledger_of(keepers[0])][1:] == ["chunk:u1:0", "chunk:u1:1"]


async def test_contradicting_groups_in_two_instances_at_once(open_books: OpenBooks, clock: SteppedClock) -> None:
    keepers = [Bookkeeper(open_books(attempts=1000, deadline_seconds=60.0), clock=clock) for _ in range(2)]
    await begin(keepers[0])
    results = await asyncio.gather(
        *(keepers[n % 2].reserve_chunks("u1", chunks(1 + n % 2, first=0)) for n in range(8)), return_exceptions=True
    )
    assert {type(result) for result in results if isinstance(result, BaseException)} == {ChunkDiffers}
    assert (await keepers[0].account()).sequence == 2
    await ledger_of(keepers[0])


@pytest.mark.parametrize("fault", ["lost race", "lost answer"])
async def test_faults_are_survived(open_books: OpenBooks, clock: SteppedClock, fault: str) -> None:
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    await begin(keeper)
    make_faulty(books).append(fault)
    outcome = await keeper.reserve_chunks("u1", chunks(10, 20))
    assert outcome.change is not None
    assert outcome.change.account == await keeper.account()
    assert len(await ledger_of(keeper)) == 3


@pytest.mark.parametrize(("fault", "written"), [("crash before", 0), ("crash after", 3)])
async def test_a_repetition_after_a_crash(open_books: OpenBooks, clock: SteppedClock, fault: str, written: int) -> None:
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    await begin(keeper)
    make_faulty(books).append(fault)
    with pytest.raises(CrashedError):
        await keeper.reserve_chunks("u1", chunks(10, 20, 30))
    assert len(await ledger_of(keeper)) == 1 + written
    await keeper.reserve_chunks("u1", chunks(10, 20, 30))
    assert len(await ledger_of(keeper)) == 4


async def test_a_seal_happens_once(keeper: Bookkeeper) -> None:
    await begin(keeper)
    await keeper.reserve_chunks("u1", chunks(10, 20))
    assert (await keeper.seal("u1", [a_part(0, 10)])).change is not None
    again = await keeper.seal("u1", [a_part(0, 10), a_part(1, 20)])
    assert again.existing_entry is not None
    upload = (await keeper.uploads())["u1"]
    assert (upload.size, upload.sealed_chunks, upload.crc32c) == (10, 1, "AAAAAA==")
    assert (await ledger_of(keeper))[-1] == (4, "seal:u1", -20)
