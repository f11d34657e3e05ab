"""Titles: a video that is replaced stands as it was read, or nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.document_store import ConflictError, Write
from reelgate.domain.errors import VideoNotFound
from reelgate.ports.books import Books, ReadSet
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock, an_upload


async def test_a_title_is_all_that_changes(keeper: Bookkeeper, books: Books) -> None:
    video = await keeper.add_video(an_upload())
    entries = (await books.entries("ada", limit=10)).items
    before = await keeper.account()
    await keeper.title("u1.mp4", "Zwei Füße 🎬")
    assert (await books.read("ada", ReadSet(filename="u1.mp4"))).video == replace(video, title="Zwei Füße 🎬")
    await keeper.title("u1.mp4", None)
    assert (await books.videos("ada", limit=10)).items == [video]
    assert (await books.entries("ada", limit=10)).items == entries
    assert await keeper.account() == before


async def test_the_title_it_has_is_not_written_again(keeper: Bookkeeper) -> None:
    await keeper.add_video(replace(an_upload(), title="T"))
    outcome = await keeper.title("u1.mp4", "T")
    assert outcome.change is None


async def test_a_title_goes_into_the_trash_and_back(keeper: Bookkeeper, books: Books) -> None:
    await keeper.add_video(an_upload())
    await keeper.title("u1.mp4", "T")
    deleted = (await keeper.delete("u1.mp4")).change
    assert deleted is not None
    assert deleted.put_trash is not None
    await keeper.restore(deleted.put_trash)
    snapshot = await books.read("ada", ReadSet(filename="u1.mp4"))
    assert snapshot.video is not None
    assert snapshot.video.title == "T"


async def test_a_video_deleted_meanwhile_is_not_brought_back(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deletion is committed between the read and the write of the title, by another instance."""
    books, other = open_books(), Bookkeeper(open_books(), clock=clock)
    await other.add_video(an_upload())

    async def delete() -> None:
        await other.delete("u1.mp4")

    _before_commits(books, delete, monkeypatch)
    with pytest.raises(VideoNotFound):
        await Bookkeeper(books, clock=clock).title("u1.mp4", "Too late")
    snapshot = await books.read("ada", ReadSet(filename="u1.mp4", trashed_file_id="u1"))
    assert snapshot.video is None
    assert snapshot.trashed is not None
    assert snapshot.trashed.title is None


async def test_another_video_of_that_name_is_decided_upon_anew(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name belongs to another file by the time of the write: its bytes must not be replaced by the old one's."""
    books, other = open_books(), Bookkeeper(open_books(), clock=clock)
    await other.add_video(an_upload("u1", filename="a.mp4", size=10))

    async def swap() -> None:
        await other.delete("a.mp4")
        await other.add_video(an_upload("u2", filename="a.mp4", size=20))

    _before_commits(books, swap, monkeypatch)
    await Bookkeeper(books, clock=clock).title("a.mp4", "T")
    video = (await books.read("ada", ReadSet(filename="a.mp4"))).video
    assert video is not None
    assert (video.file_id, video.size, video.title) == ("u2", 20, "T")


async def test_a_title_whose_answer_was_lost_is_written(
    open_books: OpenBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books()
    keeper = Bookkeeper(books, clock=clock)
    await keeper.add_video(an_upload())
    commit = books.documents.commit

    async def lose_the_answer(writes: Sequence[Write]) -> None:
        await commit(writes)
        raise ConflictError("the connection broke after the commit")

    monkeypatch.setattr(books.documents, "commit", lose_the_answer)
    outcome = await keeper.title("u1.mp4", "T")
    assert outcome.snapshot.video is not None
    assert outcome.snapshot.video.title == "T"


async def test_titles_and_a_deletion_at_once(open_books: OpenBooks, clock: SteppedClock) -> None:
    keepers = [Bookkeeper(open_books(), clock=clock) for _ in range(2)]
    await keepers[0].add_video(an_upload())
    titles = [keepers[n % 2].title("u1.mp4", f"Title {n}") for n in range(6)]
    *named, deleted = await asyncio.gather(*titles, keepers[1].delete("u1.mp4"), return_exceptions=True)
    assert not isinstance(deleted, BaseException), deleted
    assert {type(result) for result in named if isinstance(result, BaseException)} <= {VideoNotFound}
    snapshot = await keepers[0].books.read("ada", ReadSet(filename="u1.mp4", trashed_file_id="u1"))
    assert snapshot.video is None
    written = {f"Title {n}" for n, result in enumerate(named) if not isinstance(result, BaseException)}
    assert snapshot.trashed is not None
    assert snapshot.trashed.title in (written or {None})


def _before_commits(books: DocumentBooks, happens: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen once, between the read and the commit of an instance's next change."""
    commit = books.documents.commit
    happened: list[bool] = []

    async def overtaken(writes: Sequence[Write]) -> None:
        if not happened:
            happened.append(True)
            await happens()
        await commit(writes)

    monkeypatch.setattr(books.documents, "commit", overtaken)
