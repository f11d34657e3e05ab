"""A name leads to a video's id; the id is all that is needed to read the video."""

from __future__ import annotations

import asyncio

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.domain.errors import NameTaken, VideoNotFound
from reelgate.ports.books import Books, CommitResult, ReadSet
from reelgate.use_cases.videos.find_video import by_id
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock, an_upload
from tests.fixtures.store_calls import StoreCalls

NAMED, BY_ID = ReadSet(filename="a.mp4"), ReadSet(file_id="u1")


async def test_a_video_is_read_by_its_id_in_one_call_and_by_its_name_in_two(keeper: Bookkeeper, books: DocumentBooks) -> None:
    video = await keeper.add_video(an_upload(filename="a.mp4"))
    calls = StoreCalls(books.documents)
    found, named = await books.read("ada", BY_ID), await books.read("ada", NAMED)
    assert calls.take() == [("get", 2), ("get", 2), ("get", 1)]
    assert (found.video, found.claim) == (video, None)
    assert (named.video, named.claim) == (video, video.claim)
    assert await books.read("eve", BY_ID) == await books.read("eve", NAMED)  # nothing of ada's


async def test_a_free_name_leads_nowhere_and_that_of_an_open_upload_to_no_video(
    keeper: Bookkeeper, books: DocumentBooks
) -> None:
    await keeper.reserve(an_upload(filename="b.mp4"))
    calls = StoreCalls(books.documents)
    assert (await books.read("ada", NAMED)).claim is None
    assert calls.take() == [("get", 2)]
    opened = await books.read("ada", ReadSet(filename="b.mp4"))
    assert (opened.claim, opened.video) == (an_upload(filename="b.mp4").claim, None)


async def test_what_is_not_a_finished_video_is_not_found_by_its_id(keeper: Bookkeeper, books: Books) -> None:
    await keeper.reserve(an_upload("u1", filename="a.mp4"))
    await keeper.add_video(an_upload("u2"))
    await keeper.delete(by_id("u2"))
    for file_id in ("u1", "u2", "never"):
        assert (await books.read("ada", ReadSet(file_id=file_id))).video is None
        for refused in (keeper.delete(by_id(file_id)), keeper.title(by_id(file_id), "T"), keeper.stream(by_id(file_id))):
            with pytest.raises(VideoNotFound):
                await refused


async def test_a_name_that_a_video_gives_up_is_free_in_the_same_commit(keeper: Bookkeeper, books: DocumentBooks) -> None:
    """Neither operation on ids reads the name, and the upload between them does."""
    await keeper.add_video(an_upload("u1", filename="a.mp4"))
    await keeper.add_video(an_upload("u2", filename="b.mp4"))
    calls = StoreCalls(books.documents)
    await asyncio.gather(
        keeper.delete(by_id("u1")),
        keeper.reserve(an_upload("u3", filename="a.mp4"), keyed=False),
        keeper.delete(by_id("u2")),
    )
    assert [name for name, _ in calls.take()] == ["get", "get", "commit"]
    assert set(await keeper.uploads()) == {"u3"}
    assert (await books.read("ada", ReadSet(name="a.mp4"))).claim == an_upload("u3", filename="a.mp4").claim
    assert (await books.read("ada", ReadSet(name="b.mp4"))).claim is None


async def test_of_all_who_want_a_name_that_is_given_up_one_gets_it(open_books: OpenBooks, clock: SteppedClock) -> None:
    """Two instances: an upload, and the restoring of an older file of the same name, while the video is deleted."""
    keepers = [Bookkeeper(open_books(attempts=1000, deadline_seconds=60.0), clock=clock) for _ in range(2)]
    await keepers[0].add_video(an_upload("old", filename="a.mp4"))
    trashed = (await keepers[0].delete(by_id("old"))).change
    assert trashed is not None
    assert trashed.put_trash is not None
    for n in range(8):
        await keepers[0].add_video(an_upload(f"now{n}", filename="a.mp4", size=10))
        results = await asyncio.gather(
            keepers[n % 2].delete(by_id(f"now{n}")),
            keepers[0].reserve(an_upload(f"new{n}", filename="a.mp4", size=10), keyed=False),
            keepers[1].restore(trashed.put_trash),
            return_exceptions=True,
        )
        assert isinstance(results[0], CommitResult), results
        won = [isinstance(result, CommitResult) for result in results[1:]]
        assert sum(won) <= 1
        assert all(isinstance(result, CommitResult | NameTaken) for result in results[1:]), results
        await keepers[0].uploads()  # checks that names, uploads and videos belong together
        if won[0]:
            await keepers[0].release(f"new{n}")
        if won[1]:
            await keepers[0].delete(by_id("old"))
