"""Lists of videos: searched, filtered, sorted, and bounded in what they read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest

from reelgate.adapters.documents.document_store import Document, Query
from reelgate.domain.books.video import NEWEST_FIRST, Video, VideoField, VideoOrder
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.media.derived_media import DerivedMedia, Examination, MediaState
from reelgate.domain.videos.video_search import VideoSearch
from reelgate.use_cases.media import search_videos as searching
from reelgate.use_cases.media.describe_videos import DescribedVideo
from reelgate.use_cases.media.search_videos import VideoQuery, search_videos
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.set_title import set_title
from tests.fixtures.memory_services import ADA, BOB, MemoryServices

ALL = VideoQuery(order=NEWEST_FIRST)


def a_search(text: str, order: VideoOrder = NEWEST_FIRST) -> VideoQuery:
    return VideoQuery(order=order, search=VideoSearch.of(text))


async def pages(services: MemoryServices, query: VideoQuery, limit: int) -> AsyncIterator[list[DescribedVideo]]:
    cursor = None
    while True:
        page = await search_videos(services, ADA, query, limit=limit, cursor=cursor)
        yield list(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


async def names(services: MemoryServices, query: VideoQuery, limit: int = 100) -> list[str]:
    return [one.video.filename async for page in pages(services, query, limit) for one in page]


async def library(services: MemoryServices, *files: tuple[str, str | None, int]) -> None:
    for name, title, size in files:
        await services.add_video(name, size, title=title)
        services.clock.advance(seconds=1)


FILES = (("b.mp4", None, 30), ("a.mp4", "Zebra", 20), ("c.mp4", "ábc", 20), ("D.mp4", None, 10))


@pytest.mark.parametrize(
    ("field", "ascending"),
    [
        ("uploaded_at", ["b.mp4", "a.mp4", "c.mp4", "D.mp4"]),
        ("title_key", ["c.mp4", "b.mp4", "D.mp4", "a.mp4"]),
        ("size", ["D.mp4", "a.mp4", "c.mp4", "b.mp4"]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
async def test_every_order_in_both_directions_and_pages_of_every_size(
    services: MemoryServices, field: VideoField, ascending: list[str], limit: int
) -> None:
    await library(services, *FILES)
    assert await names(services, VideoQuery(order=VideoOrder(field, False)), limit) == ascending
    assert await names(services, VideoQuery(order=VideoOrder(field, True)), limit) == ascending[::-1]


async def test_a_new_title_has_another_place(services: MemoryServices) -> None:
    await library(services, *FILES)
    by_title = VideoQuery(order=VideoOrder("title_key", False))
    assert (await names(services, by_title))[-1] == "a.mp4"
    await set_title(services, ADA, by_name("a.mp4"), "Aardvark")
    assert (await names(services, by_title))[0] == "a.mp4"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_a_search_finds_each_match_once_on_pages_of_every_size(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(searching, "MAX_EXAMINED", 5)
    await library(services, *((f"{'hit' if n % 3 == 0 else 'miss'}{n:02}.mp4", None, 1) for n in range(20)))
    for field, descending in product(("uploaded_at", "title_key", "size"), (True, False)):
        found = await names(services, a_search("HIT", VideoOrder(field, descending)), limit)
        assert sorted(found) == [f"hit{n:02}.mp4" for n in range(0, 20, 3)]
        if field != "size":
            assert found == sorted(found, reverse=descending)


async def test_a_page_examines_so_many_videos_and_no_more(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_EXAMINED", 4)
    await library(services, *((f"{n}.mp4", None, 1) for n in range(9)))
    found = [[one.video.filename for one in page] async for page in pages(services, a_search("0"), 2)]
    assert found == [[], [], ["0.mp4"]]


async def test_a_list_reads_a_page_and_its_records(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    await library(services, *((f"{n}.mp4", None, 1) for n in range(12)))
    found, asked = noted_reads(services, monkeypatch)
    await search_videos(services, ADA, ALL, limit=3)
    assert (found, asked) == ([4], [3])  # one more video, to know whether there are more


async def test_a_search_reads_the_records_of_what_it_shows(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    await library(services, *((f"{n}.mp4", None, 1) for n in range(12)))
    found, asked = noted_reads(services, monkeypatch)
    await search_videos(services, ADA, a_search("1"), limit=2)
    assert (sum(asked), len(found)) == (2, 1)
    found.clear(), asked.clear()
    await search_videos(services, ADA, a_search("no such thing"), limit=2)
    assert (sum(found), asked) == (12 + 2, [])  # in reads of 2, 4 and 8, the first two of which say that there are more


def noted_reads(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[int]]:
    """Return how many documents each query finds, and how many records each read of records asks for, from now on."""
    find, get = services.books_store.find, services.derived_media.get
    found: list[int] = []
    asked: list[int] = []

    async def noting_find(query: Query) -> Sequence[Document]:
        documents = await find(query)
        found.append(len(documents))
        return documents

    async def noting_get(uid: str, *video_ids: str) -> Mapping[str, DerivedMedia]:
        asked.append(len(video_ids))
        return await get(uid, *video_ids)

    monkeypatch.setattr(services.books_store, "find", noting_find)
    monkeypatch.setattr(services.derived_media, "get", noting_get)
    return found, asked


async def put_record(services: MemoryServices, video: Video, examination: Examination) -> None:
    record = DerivedMedia(
        uid=video.uid,
        file_id=video.file_id,
        filename=video.filename,
        generation=video.generation,
        examination=examination,
    )
    await services.derived_media.change(video.uid, video.file_id, lambda _: record)


async def test_filters_by_type_and_state(services: MemoryServices) -> None:
    await services.add_video("film.mp4", 1)
    song = await services.add_video("song.mp3", 1, content_type="audio/mpeg")
    broken = await services.add_video("broken.mp4", 1)
    await put_record(services, song, "done")
    await put_record(services, broken, "failed")
    audio = VideoQuery(order=NEWEST_FIRST, search=VideoSearch.of(None, "audio"))
    assert await names(services, audio) == ["song.mp3"]
    states: tuple[MediaState, ...] = ("processing", "ready", "failed")
    found = [await names(services, replace(ALL, state=state), limit=1) for state in states]
    assert found == [["film.mp4"], ["song.mp3"], ["broken.mp4"]]


async def test_a_cursor_is_for_one_user_order_and_choice_of_filters(services: MemoryServices) -> None:
    await library(services, *FILES)
    await services.add_video("bob1.mp4", 1, caller=BOB)
    await services.add_video("bob2.mp4", 1, caller=BOB)
    queries = [
        VideoQuery(order=order, search=search, state=state)
        for order in (NEWEST_FIRST, VideoOrder("uploaded_at", False), VideoOrder("title_key", True), VideoOrder("size", True))
        for search in (VideoSearch(), VideoSearch.of("mp4"), VideoSearch.of("m"), VideoSearch.of(None, "video"))
        for state in (None, "processing")
    ]
    for query in queries:
        cursor = (await search_videos(services, ADA, query, limit=1)).next_cursor
        assert cursor is not None
        await search_videos(services, ADA, query, limit=1, cursor=cursor)
        for other in queries:
            if other != query:
                with pytest.raises(InvalidRequest):
                    await search_videos(services, ADA, other, limit=1, cursor=cursor)
        with pytest.raises(InvalidRequest):
            await search_videos(services, BOB, query, limit=1, cursor=cursor)


@pytest.mark.parametrize("cursor", ["", "x", "x-y", "0123456789ab-e30", "😀"])
async def test_what_is_no_cursor_is_refused(services: MemoryServices, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        await search_videos(services, ADA, ALL, limit=1, cursor=cursor)


async def test_nobody_else_s_videos_are_found(services: MemoryServices) -> None:
    await services.add_video("bob.mp4", 1, caller=BOB)
    assert await names(services, a_search("bob")) == []
