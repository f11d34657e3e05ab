"""What a change writes, and what it never writes twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, Entry
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.messages import Message, PutPlaceholder
from reelgate.domain.errors import NameTaken, StorageLimitExceeded
from reelgate.domain.usage import usage_changes
from reelgate.ports.books import Books, ReadSet, Snapshot
from tests.fixtures.bookkeeping import NOON, Bookkeeper, SteppedClock, an_upload, object_of, request_of


async def test_nobody_has_books_before_the_first_change(books: Books) -> None:
    wanted = ReadSet(filename="a.mp4", trashed_file_id="u1", entry_id="reserve:u1")
    assert await books.read("ada", wanted) == Snapshot(account=None)


async def test_a_change_without_documents_of_its_own_creates_the_account(keeper: Bookkeeper) -> None:
    outcome = await keeper.reserve(an_upload(size=400))
    assert outcome.snapshot.account is None
    assert await keeper.account() == Account(
        uid="ada",
        email="ada@example.org",
        created_at=NOON,
        today=Day(date=NOON.date(), byte_seconds=0),
        trash=0,
        reserved=400,
        open_uploads=1,
        sequence=1,
    )
    assert await keeper.uploads() == {"u1": an_upload(size=400)}


async def test_every_field_of_an_account_survives(books: Books) -> None:
    account = Account(
        uid="ada",
        email="ada@example.org",
        username="Ada",
        created_at=NOON,
        disabled=True,
        storage_limit=2**53 + 1,
        daily_limit=0,
        alert_percents=(50, 90),
        stored=2**40,
        trash=2**41,
        sequence=12,
        reserved=2**41,
        open_uploads=3,
        recent_charges=("u1:1762171200", "audio:u1:1762171200"),
        today=Day(
            date=NOON.date(),
            uploaded=1,
            streamed=2,
            upload_count=3,
            deleted_bytes=4,
            deletion_count=5,
            stream_count=6,
            waived=Delta(uploaded=7, upload_count=8),
            byte_seconds=2**63,
            stored=2**53 + 1,
            raised={"storage:80": 2},
            standing=frozenset({"storage:80"}),
        ),
    )
    await books.commit("ada", lambda _: Change(account=account), ReadSet())
    assert (await books.read("ada", ReadSet())).account == account


async def test_every_field_of_an_open_upload_survives(books: Books, keeper: Bookkeeper) -> None:
    await keeper.report("r")
    account = replace(await keeper.account(), reserved=2**53 + 1, open_uploads=1)
    upload = replace(
        an_upload("u-1.~x", size=2**53 + 1),
        crc32c="AAAAAA==",
        title="Ein Titel",
        session_url="https://storage.example/s?1",
        chunked=True,
        main_service_file_id=7,
        sealed_chunks=3,
    )
    await books.commit("ada", lambda _: Change(account=account, put_upload=upload, put_name=upload.claim), ReadSet())
    assert (await books.read("ada", ReadSet(upload_id="u-1.~x"))).upload == upload
    assert await keeper.uploads() == {"u-1.~x": upload}


async def test_a_name_belongs_to_an_open_upload_then_to_its_video_and_then_to_none(books: Books, keeper: Bookkeeper) -> None:
    upload = an_upload(filename="a.mp4")
    named = ReadSet(filename="a.mp4", upload_id="u1")

    async def holder() -> tuple[object, ...]:
        snapshot = await books.read("ada", named)
        return snapshot.claim, snapshot.upload, snapshot.video and snapshot.video.file_id, (await keeper.uploads()).keys()

    assert await holder() == (None, None, None, set())
    await keeper.reserve(upload)
    assert await holder() == (upload.claim, upload, None, {"u1"})
    assert (await books.videos("ada", limit=10)).items == []
    await keeper.commit(upload)
    assert await holder() == (upload.claim, None, "u1", set())
    await keeper.delete("a.mp4")
    assert await holder() == (None, None, None, set())
    await keeper.reserve(replace(upload, upload_id="u2"))
    await keeper.release("u2")
    assert await holder() == (None, None, None, set())


async def test_a_second_change_replaces_the_whole_account(keeper: Bookkeeper) -> None:
    await keeper.limit("c1", storage=500)
    await keeper.reserve(an_upload())
    await keeper.limit("c2")
    await keeper.release("u1")
    account = await keeper.account()
    assert account.storage_limit is None
    assert (account.reserved, account.open_uploads) == (0, 0)
    assert await keeper.uploads() == {}


async def test_a_finished_upload_becomes_a_video_under_its_name(keeper: Bookkeeper, books: Books) -> None:
    video = await keeper.add_video(replace(an_upload(filename="Füße 🎬.mp4"), title="Zwei Füße"))
    assert (await books.read("ada", ReadSet(filename="Füße 🎬.mp4"))).video == video
    assert video.title == "Zwei Füße"
    assert video.uploaded_at == NOON
    assert (await books.read("ada", ReadSet(filename="Fusse.mp4"))).video is None
    assert (await books.read("eve", ReadSet(filename="Füße 🎬.mp4"))) == Snapshot(account=None)


async def test_the_entry_is_written_with_the_account(keeper: Bookkeeper, books: Books) -> None:
    await keeper.reserve(an_upload(size=400))
    assert (await books.read("ada", ReadSet(entry_id="reserve:u1"))).entry == Entry(
        entry_id="reserve:u1",
        kind="reserve",
        sequence=1,
        at=NOON,
        date=NOON.date(),
        delta=Delta(reserved=400),
        file_id="u1",
        filename="u1.mp4",
        size=400,
        fingerprint=request_of(an_upload(size=400)).fingerprint,
    )


async def test_an_entry_that_stands_there_ends_the_operation_before_it_is_decided(keeper: Bookkeeper, books: Books) -> None:
    granted = (await keeper.reserve(an_upload())).change
    assert granted is not None

    def never(_: Snapshot) -> Change:
        raise AssertionError("decided although the entry exists")

    outcome = await books.commit("ada", never, ReadSet(entry_id="reserve:u1"))
    assert outcome.change is None
    assert outcome.existing_entry == granted.entry
    assert outcome.snapshot.account == granted.account


async def test_an_entry_of_another_user_is_another_entry(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    await keeper.report("r1")
    outcome = await Bookkeeper(books, "eve", clock=clock).report("r1")
    assert outcome.existing_entry is None
    assert outcome.change is not None


async def test_a_change_that_would_write_an_entry_again_writes_nothing(keeper: Bookkeeper, books: Books) -> None:
    """Without asking for the entry beforehand: the create-only write finds out."""
    first = (await keeper.report("r1")).change
    assert first is not None
    before = await keeper.account()
    outcome = await books.commit(
        "ada",
        lambda snapshot: usage_changes.report_upload(
            keeper.ledger, snapshot.account or before, filename="x", size=99, report_id="r1"
        ),
        ReadSet(),
    )
    assert outcome.existing_entry == first.entry
    assert await keeper.account() == before


async def test_twins_that_share_a_commit_are_told_apart(keeper: Bookkeeper, books: Books) -> None:
    def decide(snapshot: Snapshot) -> Change:
        return usage_changes.report_upload(
            keeper.ledger, keeper.ledger.account_for(snapshot.account, "ada"), filename="x", size=9, report_id="r1"
        )

    first, second, third = await asyncio.gather(
        keeper.report("r0"), books.commit("ada", decide, ReadSet()), books.commit("ada", decide, ReadSet())
    )
    assert first.change is not None
    assert second.change is not None
    assert third.change is None
    assert third.existing_entry == second.change.entry
    assert (await keeper.account()).sequence == 2


async def test_deciding_for_nothing_writes_nothing(keeper: Bookkeeper, books: Books) -> None:
    await keeper.report("r1")
    outcome = await books.commit("ada", lambda _: None, ReadSet())
    assert outcome.change is None
    assert outcome.existing_entry is None
    assert outcome.snapshot.account == await keeper.account()


async def test_a_refusal_reaches_the_caller_and_writes_nothing(keeper: Bookkeeper) -> None:
    await keeper.reserve(an_upload(size=600))
    before = await keeper.account()
    with pytest.raises(StorageLimitExceeded) as refused:
        await keeper.reserve(an_upload("u2", size=401))
    assert (refused.value.limit, refused.value.reserved, refused.value.requested) == (1000, 600, 401)
    assert await keeper.account() == before


async def test_a_name_is_given_once(keeper: Bookkeeper) -> None:
    await keeper.add_video(an_upload("u1", filename="a.mp4"))
    with pytest.raises(NameTaken):
        await keeper.reserve(an_upload("u2", filename="a.mp4"))


async def test_a_refused_object_leaves_an_order_to_replace_it(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    upload = an_upload(size=400)
    await keeper.reserve(upload)
    await keeper.commit(upload, object_of("ada", upload, generation=9, size=401))
    clock.advance(seconds=1)
    left = {item.event_id: item for item in await books.outbox(clock.now, limit=10)}
    assert left["placeholder:u1:9"] == PutPlaceholder(
        event_id="placeholder:u1:9", name="ada/u1/u1.mp4", generation=9, upload_id="u1"
    )
    told = left["video.rejected:u1"]
    assert isinstance(told, Message)
    assert told.data["reason"] == "size is 401 bytes, granted were 400"
    assert (await keeper.account()).reserved == 0


async def test_deleting_moves_to_the_trash_and_restoring_moves_back(keeper: Bookkeeper, books: Books) -> None:
    video = await keeper.add_video(an_upload())
    both = ReadSet(filename="u1.mp4", trashed_file_id="u1")
    await keeper.delete("u1.mp4")
    snapshot = await books.read("ada", both)
    assert snapshot.video is None
    assert snapshot.trashed == replace(video, deleted_at=NOON, purge_at=NOON + timedelta(days=30), grant_series=1)
    await keeper.restore(snapshot.trashed)
    snapshot = await books.read("ada", both)
    assert snapshot.video == replace(video, first_purge_at=NOON + timedelta(days=30), grant_series=1)
    assert snapshot.trashed is None
    await keeper.delete("u1.mp4")
    await keeper.purge("u1")
    assert (await books.read("ada", both)) == Snapshot(account=await keeper.account())


async def test_the_first_change_of_a_new_day_keeps_the_old_one(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    await keeper.add_video(an_upload(size=900))
    ended = (await keeper.account()).today
    assert ended.raised == {"storage:80": 1}
    assert await books.closed_day("ada", ended.date) is None
    clock.advance(days=2)
    await keeper.report("r1", size=7)
    closed = replace(ended, stored=900)
    assert await books.closed_day("ada", ended.date) == closed
    assert await books.closed_days("ada", ended.date, ended.date + timedelta(days=2)) == [closed]
    assert await books.closed_day("ada", ended.date + timedelta(days=1)) is None
    assert await books.closed_day("eve", ended.date) is None
    assert (await keeper.account()).today.uploaded == 7


async def test_rolling_twice_writes_once(keeper: Bookkeeper, clock: SteppedClock) -> None:
    await keeper.report("r1")
    clock.advance(days=1)
    assert (await keeper.roll()).change is not None
    assert (await keeper.roll()).change is None


@pytest.mark.parametrize("uid", ["auth0|123", "https://id.example/u/7", "..", "__all__", "a%2Fb", "a/b", "Zoë"])
async def test_any_subject_can_have_books(books: Books, clock: SteppedClock, uid: str) -> None:
    keeper = Bookkeeper(books, uid, clock=clock)
    await keeper.report("r/1")
    assert (await keeper.report("r/1")).existing_entry is not None
    assert (await keeper.account()).uid == uid
    assert await books.accounts_to_close(clock.now.date() + timedelta(days=1), limit=5) == [uid]
