"""Lists: their order, their pages, and cursors that fit nowhere else."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.firestore_values import document_id
from reelgate.domain.books.entries import EntryKind
from reelgate.domain.books.list_cursors import video_cursor
from reelgate.domain.books.video import VideoField, VideoOrder
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.ports.books import Books, Page
from tests.fixtures.bookkeeping import NOON, POLICY, Bookkeeper, SteppedClock, an_upload

Lister = Callable[[str | None], Awaitable[Page[Any]]]


async def all_pages(lister: Lister) -> list[list[Any]]:
    """Follow the cursors to the end."""
    pages, cursor = [], None
    while True:
        page = await lister(cursor)
        pages.append(list(page.items))
        cursor = page.next_cursor
        if cursor is None:
            return pages


async def test_videos_come_newest_first_and_in_pages(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    for n in range(5):
        await keeper.add_video(an_upload(f"u{n}"))
        clock.advance(microseconds=1)
    pages = await all_pages(lambda cursor: books.videos("ada", limit=2, cursor=cursor))
    assert [[video.file_id for video in page] for page in pages] == [["u4", "u3"], ["u2", "u1"], ["u0"]]


async def test_videos_of_one_instant_are_listed_once_each(keeper: Bookkeeper, books: Books) -> None:
    for n in range(5):
        await keeper.add_video(an_upload(f"u{n}"))
    pages = await all_pages(lambda cursor: books.videos("ada", limit=2, cursor=cursor))
    assert [video.file_id for page in pages for video in page] == ["u4", "u3", "u2", "u1", "u0"]


TITLES = ("b", "Zebra", None, "ábc", "B", "\uff5e", "\U0001f600", "x" * 150, "x" * 149 + "y")


@pytest.mark.parametrize("field", ["uploaded_at", "title_key", "size"])
@pytest.mark.parametrize("descending", [True, False])
async def test_videos_come_in_every_order_and_in_pages(
    keeper: Bookkeeper, books: Books, clock: SteppedClock, field: VideoField, descending: bool
) -> None:
    for n, title in enumerate(TITLES):
        await keeper.add_video(replace(an_upload(f"u{n}", size=10 - n // 2), title=title))
        clock.advance(microseconds=n % 2)
    order = VideoOrder(field, descending)
    pages = await all_pages(lambda cursor: books.videos("ada", limit=2, cursor=cursor, order=order))
    listed = [video for page in pages for video in page]
    assert len(listed) == len(TITLES)
    assert listed == sorted(listed, key=lambda video: (getattr(video, field), video.file_id), reverse=descending)
    for video in listed:
        after = (await books.videos("ada", limit=9, cursor=video_cursor("ada", order, video), order=order)).items
        assert after == listed[listed.index(video) + 1 :]


async def test_a_full_last_page_has_no_cursor(keeper: Bookkeeper, books: Books) -> None:
    for n in range(2):
        await keeper.add_video(an_upload(f"u{n}"))
    assert (await books.videos("ada", limit=2)).next_cursor is None
    assert (await books.videos("eve", limit=2)).items == []


async def test_a_page_goes_on_where_it_stopped_although_things_came_and_went(
    keeper: Bookkeeper, books: Books, clock: SteppedClock
) -> None:
    for n in range(4):
        await keeper.add_video(an_upload(f"u{n}"))
        clock.advance(seconds=1)
    first = await books.videos("ada", limit=2)
    await keeper.delete("u2.mp4")  # the very one that the cursor stands at
    await keeper.add_video(an_upload("u9"))
    second = await books.videos("ada", limit=2, cursor=first.next_cursor)
    assert [video.file_id for video in second.items] == ["u1", "u0"]


async def test_the_trash_comes_last_deleted_first(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    for n in range(3):
        await keeper.add_video(an_upload(f"u{n}"))
    for n in (1, 0, 2):
        clock.advance(hours=1)
        await keeper.delete(f"u{n}.mp4")
    pages = await all_pages(lambda cursor: books.trash("ada", limit=1, cursor=cursor))
    assert [video.file_id for [video] in pages] == ["u2", "u0", "u1"]
    assert pages[0][0].deleted_at == clock.now
    assert (await books.videos("ada", limit=5)).items == []


async def test_entries_come_newest_first_and_by_day_and_file(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    await keeper.add_video(an_upload("u1"))
    await keeper.add_video(an_upload("u2"))
    clock.advance(days=1)
    await keeper.stream("u1.mp4")
    await keeper.delete("u1.mp4")

    async def ids(**narrowed: Any) -> list[str]:
        pages = await all_pages(lambda cursor: books.entries("ada", limit=2, cursor=cursor, **narrowed))
        return [entry.entry_id for page in pages for entry in page]

    charged = StreamWindow.of("u1", clock.now, seconds=POLICY.stream_url_seconds).entry_id()
    everything = ["delete:u1:6", charged, "commit:u2#7", "reserve:u2", "commit:u1#7", "reserve:u1"]
    assert await ids() == everything
    assert await ids(day=NOON.date()) == everything[2:]
    assert await ids(day=NOON.date() + timedelta(days=1)) == everything[:2]
    assert await ids(file_id="u1") == ["delete:u1:6", charged, "commit:u1#7", "reserve:u1"]
    assert await ids(day=NOON.date(), file_id="u1") == ["commit:u1#7", "reserve:u1"]
    assert await ids(file_id="u3") == []


async def test_cursors_are_safe_in_urls(keeper: Bookkeeper, books: Books) -> None:
    for n in range(2):
        await keeper.add_video(an_upload(f"u{n}"))
    for page in (await books.videos("ada", limit=1), await books.entries("ada", limit=1)):
        assert page.next_cursor is not None
        assert set(page.next_cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


async def test_a_cursor_fits_only_the_list_that_gave_it(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    eve = Bookkeeper(books, "eve", clock=clock)
    for n in range(4):
        await keeper.add_video(an_upload(f"u{n}"))
        await eve.add_video(an_upload(f"u{n}"))
    for n in range(2):
        await keeper.delete(f"u{n}.mp4")
    today = NOON.date()
    lists: dict[str, Lister] = {
        "videos": lambda cursor: books.videos("ada", limit=1, cursor=cursor),
        "oldest": lambda cursor: books.videos("ada", limit=1, cursor=cursor, order=VideoOrder("uploaded_at", False)),
        "by title": lambda cursor: books.videos("ada", limit=1, cursor=cursor, order=VideoOrder("title_key", False)),
        "by size": lambda cursor: books.videos("ada", limit=1, cursor=cursor, order=VideoOrder("size", False)),
        "eve's videos": lambda cursor: books.videos("eve", limit=1, cursor=cursor),
        "trash": lambda cursor: books.trash("ada", limit=1, cursor=cursor),
        "entries": lambda cursor: books.entries("ada", limit=1, cursor=cursor),
        "today's": lambda cursor: books.entries("ada", limit=1, cursor=cursor, day=today),
        "a file's": lambda cursor: books.entries("ada", limit=1, cursor=cursor, file_id="u1"),
    }
    for giver, give in lists.items():
        cursor = (await give(None)).next_cursor
        assert cursor is not None
        for taker, take in lists.items():
            if giver == taker:
                assert len((await take(cursor)).items) == 1
                continue
            with pytest.raises(InvalidRequest) as refused:
                await take(cursor)
            assert refused.value.field == "cursor", f"{giver} -> {taker}"


async def test_accounts_are_listed_by_uid_and_in_pages(books: Books, clock: SteppedClock) -> None:
    uids = ["ada", "a.b", ".", "bea", "Zoe", "über|7", "__x__", "a%b"]
    for uid in uids:
        await Bookkeeper(books, uid, clock=clock).report("r")
    pages = await all_pages(lambda cursor: books.accounts(limit=3, cursor=cursor))
    assert [len(page) for page in pages] == [3, 3, 2]
    listed = [account.uid for page in pages for account in page]
    assert sorted(listed) == sorted(uids)
    assert listed == sorted(listed, key=document_id)
    assert all(account.today.uploaded for page in pages for account in page)


async def test_a_page_of_accounts_goes_on_after_accounts_that_came_later(books: Books, clock: SteppedClock) -> None:
    for uid in ("b", "d"):
        await Bookkeeper(books, uid, clock=clock).report("r")
    first = await books.accounts(limit=1)
    assert ([account.uid for account in first.items], first.next_cursor is not None) == (["b"], True)
    for uid in ("a", "c"):
        await Bookkeeper(books, uid, clock=clock).report("r")
    rest = await books.accounts(limit=10, cursor=first.next_cursor)
    assert ([account.uid for account in rest.items], rest.next_cursor) == (["c", "d"], None)


def altered(cursor: str, change: Callable[[list[Any]], object]) -> str:
    """Return a cursor with its content changed."""
    content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(json.dumps(change(content)).encode()).decode().rstrip("=")


BAD_CURSORS = ["", "x", "é", "\x00", "====", "W10", "bnVsbA", "e30", "!!!!", "A" * 5000, base64.b64encode(b"[" * 3000).decode()]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
async def test_what_is_no_cursor_is_refused(books: Books, cursor: str) -> None:
    for lister in (books.videos, books.trash, books.entries):
        with pytest.raises(InvalidRequest) as refused:
            await lister("ada", limit=1, cursor=cursor)
        assert refused.value.field == "cursor"
    with pytest.raises(InvalidRequest):
        await books.accounts(limit=1, cursor=cursor)


@pytest.mark.parametrize("position", ["", "a\n", "x" * 600, 5, None])
async def test_an_altered_cursor_of_accounts_is_refused(books: Books, clock: SteppedClock, position: object) -> None:
    for uid in ("ada", "bea"):
        await Bookkeeper(books, uid, clock=clock).report("r")
    cursor = (await books.accounts(limit=1)).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidRequest):
        await books.accounts(limit=1, cursor=altered(cursor, lambda content: [content[0], position]))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:1],
        lambda content: [*content, 1],
        lambda content: [content[0], "yesterday", content[2]],
        lambda content: [content[0], "2026-11-03T12:00:00", content[2]],
        lambda content: [content[0], content[1], "a/b"],
        lambda content: [content[0], content[1], ""],
        lambda content: [content[0], content[1], "k" * 1501],
        lambda content: [content[0], content[1], 5],
        lambda content: {"0": content[0]},
    ],
)
async def test_an_altered_cursor_is_refused(keeper: Bookkeeper, books: Books, change: Callable[[list[Any]], object]) -> None:
    for n in range(2):
        await keeper.add_video(an_upload(f"u{n}"))
    cursor = (await books.videos("ada", limit=1)).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidRequest):
        await books.videos("ada", limit=1, cursor=altered(cursor, change))


@pytest.mark.parametrize(
    ("field", "value"),
    [("title_key", value) for value in ("\ud800", "a\n", "x" * 101, 5, None)]
    + [("size", value) for value in (-1, 2**53, True, "1", 1.5, None)],
)
async def test_an_altered_cursor_of_another_order_is_refused(
    keeper: Bookkeeper, books: Books, field: VideoField, value: object
) -> None:
    for n in range(2):
        await keeper.add_video(an_upload(f"u{n}"))
    order = VideoOrder(field, False)
    cursor = (await books.videos("ada", limit=1, order=order)).next_cursor
    assert cursor is not None
    changed = altered(cursor, lambda content: [content[0], value, content[2]])
    with pytest.raises(InvalidRequest):
        await books.videos("ada", limit=1, cursor=changed, order=order)


@pytest.mark.parametrize("position", [0, -1, 2**63, True, "1", 1.5, None])
async def test_an_altered_ledger_cursor_is_refused(keeper: Bookkeeper, books: Books, position: object) -> None:
    for n in range(2):
        await keeper.report(f"r{n}")
    cursor = (await books.entries("ada", limit=1)).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidRequest):
        await books.entries("ada", limit=1, cursor=altered(cursor, lambda content: [content[0], position]))


async def test_closed_days_come_in_their_order_and_the_last_one_before_a_date(
    keeper: Bookkeeper, books: Books, clock: SteppedClock
) -> None:
    days = []
    for n, idle in enumerate((1, 3, 1, 1)):
        days.append(clock.now.date())
        await keeper.report(f"r{n}", size=n + 1)
        clock.advance(days=idle)
    await keeper.roll()
    found = await books.closed_days("ada", days[0], days[-1])
    assert [(day.date, day.uploaded) for day in found] == [(days[0], 1), (days[1], 2), (days[2], 3), (days[3], 4)]
    assert [day.date for day in await books.closed_days("ada", days[1], days[2])] == [days[1], days[2]]
    assert await books.closed_days("ada", days[1] + timedelta(days=1), days[2] - timedelta(days=1)) == []
    assert await books.last_day_before("ada", days[2]) == found[1]
    assert await books.last_day_before("ada", days[0]) is None
    assert await books.last_day_before("eve", days[3]) is None


async def test_entries_of_some_kinds_come_newest_first(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    await keeper.reserve(an_upload("yesterday"))
    clock.advance(days=1)
    for name in ("a", "b"):
        await keeper.add_video(an_upload(name, filename=f"{name}.mp4", size=7, at=clock()))
    await keeper.delete("a.mp4")
    today = POLICY.day_of(clock())
    kinds = (EntryKind.RESERVE, EntryKind.DELETE)
    found = await books.entries_of_kinds("ada", today, kinds, limit=10)
    assert [(entry.kind, entry.filename) for entry in found] == [
        (EntryKind.DELETE, "a.mp4"), (EntryKind.RESERVE, "b.mp4"), (EntryKind.RESERVE, "a.mp4"),
    ]  # fmt: skip
    assert list(await books.entries_of_kinds("ada", today, kinds, limit=2)) == list(found[:2])
    assert await books.entries_of_kinds("bob", today, kinds, limit=10) == []


async def test_whether_there_is_an_entry_about_a_file(keeper: Bookkeeper, books: Books, clock: SteppedClock) -> None:
    await keeper.add_video(an_upload("a", filename="a.mp4", size=7))
    await keeper.delete("a.mp4")
    today = POLICY.day_of(clock())

    async def has(kind: EntryKind = EntryKind.DELETE, *, uid: str = "ada", days: int = 0, **about: Any) -> bool:
        day = today + timedelta(days=days)
        return await books.has_entry_about(uid, day, kind, **{"filename": "a.mp4", "size": 7, **about})

    assert await has()
    others = [has(uid="bob"), has(days=1), has(filename="b.mp4"), has(size=8), has(EntryKind.RESTORE)]
    assert not any([await other for other in others])
