"""Playback grants in the books: made once, charged to the day and to the grant, and ended, in the owner's commits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.adapters.books import book_records
from reelgate.adapters.documents.document_store import ConflictError, Write
from reelgate.adapters.documents.single_documents import get_document
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.errors import GrantRevoked, GrantUsedUp, InvalidRequest, NotPlayableToday, VideoUnavailable
from reelgate.domain.playback.grants import TOKENS
from reelgate.ports.books import Books, ReadSet
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import NOON, Bookkeeper, SteppedClock, an_upload

READS = ReadSet(file_id="u1")


async def test_a_grant_is_found_by_its_id_alone_and_in_its_owners_books(keeper: Bookkeeper, books: Books) -> None:
    await keeper.add_video(an_upload())
    made = await keeper.share("u1", origins=("https://a.example",), max_bytes=1 << 40, max_plays=3, label="for Bob")
    assert await books.grant(made.grant_id) == made
    assert (await books.read("ada", replace(READS, grant_id=made.grant_id))).grant == made
    assert (await books.read("eve", replace(READS, grant_id=made.grant_id))).grant is None
    assert await books.grant(TOKENS.new().token.token_id) is None


async def test_the_document_says_when_it_may_be_removed(keeper: Bookkeeper, open_books: OpenBooks) -> None:
    await keeper.add_video(an_upload())
    made = await keeper.share("u1", lifetime=timedelta(hours=1))
    store = open_books().documents
    stored = await get_document(store, book_records.grant_address(made.grant_id))
    assert stored is not None
    assert stored.fields["purge_at"] == NOON + timedelta(hours=1, days=30)
    await keeper.revoke(made.grant_id)
    stored = await get_document(store, book_records.grant_address(made.grant_id))
    assert stored is not None
    assert stored.fields["purge_at"] == NOON + timedelta(days=30)


async def test_a_charge_is_in_the_day_and_in_the_grant(keeper: Bookkeeper, books: Books) -> None:
    await keeper.add_video(an_upload(size=100))
    made = await keeper.share("u1")
    await keeper.play(made, "v:1", 60, begins=True)
    await keeper.play(made, "v:2", 40)
    again = await keeper.play(made, "v:2", 40)
    assert again.existing_entry is not None
    played = await books.grant(made.grant_id)
    assert played == replace(made, plays=1, charged=100)
    assert ((await keeper.account()).today.streamed, (await keeper.account()).today.stream_count) == (100, 1)


async def test_races_do_not_exceed_a_grants_bytes_and_plays(open_books: OpenBooks, clock: SteppedClock) -> None:
    """Two instances charge at once: as many plays as there may be, and not a byte more."""
    keepers = [Bookkeeper(open_books(), clock=clock) for _ in range(2)]
    await keepers[0].add_video(an_upload(size=100))
    few = await keepers[0].share("u1", max_plays=3)
    small = await keepers[0].share("u1", max_bytes=50)
    plays = [keepers[n % 2].play(few, f"few:{n}", 1, begins=True) for n in range(8)]
    bytes_ = [keepers[n % 2].play(small, f"small:{n}", 20) for n in range(8)]
    results = await asyncio.gather(*plays, *bytes_, return_exceptions=True)
    assert {type(one) for one in results if isinstance(one, BaseException)} == {GrantUsedUp}
    books = keepers[0].books
    assert await books.grant(few.grant_id) == replace(few, plays=3, charged=3)
    assert await books.grant(small.grant_id) == replace(small, charged=40)
    assert (await keepers[0].account()).today.streamed == 43


async def test_a_day_that_is_used_up_charges_nothing(keeper: Bookkeeper, books: Books) -> None:
    await keeper.add_video(an_upload(size=900))
    made = await keeper.share("u1")
    await keeper.play(made, "v:1", 1000, begins=True)
    with pytest.raises(NotPlayableToday):
        await keeper.play(made, "v:2", 101)
    assert await books.grant(made.grant_id) == replace(made, plays=1, charged=1000)


async def test_revoking_wins_over_what_follows(keeper: Bookkeeper) -> None:
    await keeper.add_video(an_upload())
    first, second = await keeper.share("u1"), await keeper.share("u1")
    assert (await keeper.revoke(first.grant_id)).change is not None
    assert (await keeper.revoke(first.grant_id)).change is None
    with pytest.raises(GrantRevoked):
        await keeper.play(first, "v:1", 1)
    await keeper.play(second, "w:1", 1)
    await keeper.revoke_all("u1")
    with pytest.raises(GrantRevoked):
        await keeper.play(second, "w:2", 1)
    third = await keeper.share("u1")
    await keeper.play(third, "x:1", 1)


async def test_the_trash_ends_grants_for_good(keeper: Bookkeeper) -> None:
    await keeper.add_video(an_upload())
    made = await keeper.share("u1")
    deleted = (await keeper.delete("u1.mp4")).change
    assert deleted is not None
    assert deleted.put_trash is not None
    with pytest.raises(VideoUnavailable):
        await keeper.play(made, "v:1", 1)
    await keeper.restore(deleted.put_trash)
    with pytest.raises(GrantRevoked):
        await keeper.play(made, "v:2", 1)
    await keeper.play(await keeper.share("u1"), "w:1", 1)


async def test_a_grant_whose_answer_was_lost_is_made_once(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    await keeper.add_video(an_upload())
    commit, lost = books.documents.commit, list[bool]()

    async def lose_the_first_answer(writes: Sequence[Write]) -> Sequence[object]:
        versions = await commit(writes)
        if not lost:
            lost.append(True)
            raise ConflictError("the connection broke after the commit")
        return versions

    monkeypatch.setattr(books.documents, "commit", lose_the_first_answer)
    made = await keeper.share("u1")
    assert (await books.grants("ada", "u1", limit=10)).items == [made]
    assert (await keeper.account()).grant_changes == 1


async def test_lists_are_of_one_video_or_of_all_newest_first(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    await keeper.add_video(an_upload("u1"))
    await keeper.add_video(an_upload("u2"))
    made = list[PlaybackGrant]()
    for file_id in ("u1", "u2", "u1", "u1"):
        made.append(await keeper.share(file_id))
        clock.advance(seconds=1)
    newest = list(reversed(made))
    first = await books.grants("ada", "u1", limit=2)
    rest = await books.grants("ada", "u1", limit=2, cursor=first.next_cursor)
    assert [*first.items, *rest.items] == [newest[0], newest[1], newest[3]]
    assert rest.next_cursor is None
    everything = await books.all_grants("ada", limit=3)
    assert everything.items == newest[:3]
    assert (await books.all_grants("ada", limit=3, cursor=everything.next_cursor)).items == newest[3:]
    assert (await books.all_grants("eve", limit=3)).items == []
    with pytest.raises(InvalidRequest):
        await books.grants("ada", "u2", limit=2, cursor=first.next_cursor)


async def test_counted_are_grants_that_have_not_ended(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    video = await keeper.add_video(an_upload("u1"))
    await keeper.add_video(an_upload("u2"))
    for lifetime in (1, 2, 3):
        await keeper.share("u1", lifetime=timedelta(hours=lifetime))
    await keeper.revoke((await keeper.share("u1")).grant_id)
    await keeper.share("u2", lifetime=timedelta(hours=3))
    assert await books.count_grants("ada", clock.now, limit=100, video=video) == 3
    assert await books.count_grants("ada", clock.now, limit=100) == 4
    assert await books.count_grants("ada", clock.now, limit=2) == 2
    clock.advance(hours=1, minutes=30)
    assert await books.count_grants("ada", clock.now, limit=100, video=video) == 2
    revoked = (await keeper.revoke_all("u1")).change
    assert revoked is not None
    assert revoked.replace_video is not None
    assert await books.count_grants("ada", clock.now, limit=100, video=revoked.replace_video) == 0
    assert await books.count_grants("ada", clock.now, limit=100) == 3
