"""Captions: their texts are written with their video's list of them, in one commit, and go with it."""

from __future__ import annotations

import asyncio
import random

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.domain.books.captions import CaptionsKey, CaptionsText
from reelgate.domain.errors import InvalidRequest, VideoNotFound
from reelgate.domain.videos.captions.changes import NewCaptions
from reelgate.ports.books import Books, CommitResult, ReadSet
from tests.contract.books.conftest import OpenBooks
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock, an_upload, some_captions
from tests.fixtures.store_calls import StoreCalls

DE, EN = CaptionsKey("u1", "de"), CaptionsKey("u1", "en")


async def test_a_text_is_written_read_and_removed(keeper: Bookkeeper, books: DocumentBooks) -> None:
    await keeper.add_video(an_upload())
    calls = StoreCalls(books.documents)
    new = NewCaptions.of("de", "WEBVTT\n\nGrüße 🎬\0", label="Deutsch", default=True)
    await keeper.put_captions("u1.mp4", new)
    assert [name for name, _ in calls.take()] == ["get", "get", "commit"]
    found = await books.captions("ada", DE)
    assert found == CaptionsText.of(DE, new.text)
    assert found.text == new.text
    video = (await books.read("ada", ReadSet(file_id="u1"))).video
    assert video is not None
    assert [(one.language, one.label, one.default) for one in video.captions] == [("de", "Deutsch", True)]
    assert (await keeper.account()).stored == video.stored_bytes == 100 + len(new.text.encode())
    await keeper.remove_captions("u1.mp4", "de")
    assert await books.captions("ada", DE) is None
    assert (await keeper.account()).stored == 100


async def test_texts_stay_where_they_are_in_the_trash_and_go_with_the_purge(keeper: Bookkeeper, books: Books) -> None:
    await keeper.add_video(an_upload())
    for language in ("de", "en"):
        await keeper.put_captions("u1.mp4", some_captions(language))
    deleted = (await keeper.delete("u1.mp4")).change
    assert deleted is not None
    assert deleted.put_trash is not None
    assert await books.captions("ada", DE) is not None
    account = await keeper.account()
    assert (account.stored, account.trash) == (0, 140)
    await keeper.restore(deleted.put_trash)
    account = await keeper.account()
    assert (account.stored, account.trash) == (140, 0)
    await keeper.delete("u1.mp4")
    await keeper.purge("u1")
    account = await keeper.account()
    assert (account.stored, account.trash) == (0, 0)
    assert (await books.caption_keys("ada", limit=10)).items == []


async def test_the_keys_are_a_list_in_pages_without_the_texts(keeper: Bookkeeper, books: Books) -> None:
    await keeper.add_video(an_upload("u1"))
    await keeper.add_video(an_upload("u2"))
    expected = {CaptionsKey(video, language) for video in ("u1", "u2") for language in ("de", "en", "pt-BR")}
    for key in expected:
        await keeper.put_captions(f"{key.file_id}.mp4", some_captions(key.language))
    found: list[CaptionsKey] = []
    cursor = None
    while True:
        page = await books.caption_keys("ada", limit=2, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert (len(found), set(found)) == (6, expected)
    assert (await books.caption_keys("eve", limit=10)).items == []
    other = (await books.names("ada", limit=1)).next_cursor
    with pytest.raises(InvalidRequest):
        await books.caption_keys("ada", limit=1, cursor=other)


async def test_the_largest_text_fits_whatever_it_says(keeper: Bookkeeper, books: Books) -> None:
    """A mebibyte of the UTF-8 that compresses worst: letters, and characters of two to four bytes, as often as is hardest."""
    noise = random.Random(41)
    kinds = [range(0x20, 0x7F), range(0xA0, 0x800), range(0x800, 0xD800), range(0x10000, 0x110000)]
    points = [noise.choice(noise.choices(kinds, weights=[72, 24, 3, 1])[0]) for _ in range(900_000)]
    text = "".join(map(chr, points)).encode()[: 1024 * 1024].decode(errors="ignore")
    assert len(text.encode()) > 1024 * 1024 - 4
    new = NewCaptions.of("de", text, label="de", default=False)
    assert len(new.deflated) > 950_000
    await keeper.add_video(an_upload())
    await keeper.limit("c1", storage=10_000_000)
    await keeper.put_captions("u1.mp4", new)
    found = await books.captions("ada", DE)
    assert found is not None
    assert found.text == text


async def test_as_many_large_texts_as_an_instance_receives_of_a_user_fit_into_one_commit(
    keeper: Bookkeeper, books: DocumentBooks
) -> None:
    """Firestore takes 10 MiB in a request; `REELGATE_FORMS_PER_USER` is at most 4."""
    noise = random.Random(42)
    await keeper.add_video(an_upload())
    await keeper.limit("c1", storage=10_000_000)
    texts = ["".join(chr(noise.randrange(0x20, 0x7F)) for _ in range(1024 * 1024)) for _ in range(4)]
    news = [
        NewCaptions.of(tag, text, label=tag, default=False) for tag, text in zip(("de", "en", "fr", "pt"), texts, strict=True)
    ]
    calls = StoreCalls(books.documents)
    await asyncio.gather(keeper.title("u1.mp4", "T"), *(keeper.put_captions("u1.mp4", new) for new in news))
    assert [name for name, _ in calls.take()].count("commit") <= 2
    assert (await keeper.account()).stored == 100 + 4 * 1024 * 1024
    for new in news:
        found = await books.captions("ada", CaptionsKey("u1", new.language))
        assert found is not None
        assert found.text == new.text


async def test_of_two_texts_at_once_the_list_tells_of_the_one_that_is_there(open_books: OpenBooks, clock: SteppedClock) -> None:
    keepers = [Bookkeeper(open_books(attempts=1000, deadline_seconds=60.0), clock=clock) for _ in range(2)]
    await keepers[0].add_video(an_upload())
    for n in range(6):
        texts = [some_captions("en", size) for size in (20 + n, 40 + n, 60 + n)]
        await asyncio.gather(*(keepers[at % 2].put_captions("u1.mp4", text) for at, text in enumerate(texts)))
        video = (await keepers[0].books.read("ada", ReadSet(file_id="u1"))).video
        found = await keepers[1].books.captions("ada", EN)
        assert video is not None
        assert found is not None
        assert len(found.text) == video.captions[0].size
        assert (await keepers[0].account()).stored == video.stored_bytes


async def test_a_text_for_a_video_that_is_purged_meanwhile_leaves_nothing(open_books: OpenBooks, clock: SteppedClock) -> None:
    keepers = [Bookkeeper(open_books(attempts=1000, deadline_seconds=60.0), clock=clock) for _ in range(2)]
    for n in range(4):
        await keepers[0].add_video(an_upload(f"v{n}"))

        async def away(file_id: str = f"v{n}") -> None:
            await keepers[1].delete(f"{file_id}.mp4")
            await keepers[1].purge(file_id)

        puts = [keepers[0].put_captions(f"v{n}.mp4", some_captions(language)) for language in ("de", "en")]
        *results, gone = await asyncio.gather(*puts, away(), return_exceptions=True)
        assert gone is None
        assert all(isinstance(result, CommitResult | VideoNotFound) for result in results)
        assert (await keepers[0].books.caption_keys("ada", limit=10)).items == []
        account = await keepers[0].account()
        assert (account.stored, account.trash) == (0, 0)
