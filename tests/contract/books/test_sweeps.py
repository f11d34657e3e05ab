"""What the sweep asks for: days to close, uploads and trash whose time is over, and the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from reelgate.domain.books.messages import Message, TrimTrash
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.errors import Unavailable
from reelgate.ports.books import Books
from reelgate.use_cases.books.commit import trimmer
from tests.fixtures.bookkeeping import NOON, Bookkeeper, SteppedClock, an_upload


async def test_accounts_are_closed_oldest_day_first(books: Books, clock: SteppedClock) -> None:
    for uid in ("cleo", "ada", "bea"):
        await Bookkeeper(books, uid, clock=clock).report("r")
        clock.advance(days=1)
    today = clock.now.date()
    assert await books.accounts_to_close(today, limit=10) == ["cleo", "ada", "bea"]
    assert await books.accounts_to_close(today, limit=2) == ["cleo", "ada"]
    assert await books.accounts_to_close(today - timedelta(days=2), limit=10) == ["cleo"]
    await Bookkeeper(books, "cleo", clock=clock).roll()
    assert await books.accounts_to_close(today, limit=10) == ["ada", "bea"]


async def test_uploads_of_all_users_are_swept_when_they_have_expired(books: Books, clock: SteppedClock) -> None:
    async def expired(now: datetime, *, limit: int = 10) -> list[tuple[str, str]]:
        return [(one.uid, one.upload.upload_id) for one in await books.expired_uploads(now, limit=limit)]

    ada, bea = Bookkeeper(books, "ada", clock=clock), Bookkeeper(books, "bea", clock=clock)
    await bea.reserve(an_upload("u1", at=NOON + timedelta(seconds=1)))
    await ada.reserve(an_upload("u2", at=NOON + timedelta(minutes=5)))
    await ada.reserve(an_upload("u3", at=NOON))
    await Bookkeeper(books, "cleo", clock=clock).report("r")
    expiry = NOON + timedelta(hours=1)
    assert await expired(expiry - timedelta(microseconds=1)) == []
    assert await expired(expiry) == [("ada", "u3")]
    assert await expired(expiry + timedelta(hours=1)) == [("ada", "u3"), ("bea", "u1"), ("ada", "u2")]
    assert await expired(expiry + timedelta(hours=1), limit=1) == [("ada", "u3")]
    assert (await books.expired_uploads(expiry, limit=1))[0].upload == an_upload("u3", at=NOON)
    await ada.release("u3", ReleaseReason.expired())
    assert await expired(expiry + timedelta(minutes=1)) == [("bea", "u1")]


async def test_a_user_s_own_uploads_that_have_expired(books: Books, clock: SteppedClock) -> None:
    async def expired(uid: str, now: datetime, *, limit: int = 10) -> list[str]:
        return [upload.upload_id for upload in await books.expired_uploads_of(uid, now, limit=limit)]

    ada, bea = Bookkeeper(books, "ada", clock=clock), Bookkeeper(books, "bea", clock=clock)
    for n, keeper in enumerate([ada, bea, ada, ada]):
        await keeper.reserve(an_upload(f"u{n}", at=NOON - timedelta(minutes=n)))
    expiry = NOON + timedelta(hours=1)
    assert await expired("ada", expiry) == ["u3", "u2", "u0"]
    assert await expired("ada", expiry, limit=2) == ["u3", "u2"]
    assert await expired("ada", expiry - timedelta(microseconds=1)) == ["u3", "u2"]
    assert await expired("bea", expiry) == ["u1"]
    assert await expired("cleo", expiry) == []


async def test_trash_of_all_users_is_purged_when_its_time_is_over(books: Books, clock: SteppedClock) -> None:
    for uid in ("ada", "bea"):
        keeper = Bookkeeper(books, uid, clock=clock)
        await keeper.add_video(an_upload())
        await keeper.delete("u1.mp4")
        clock.advance(hours=1)
    due = NOON + timedelta(days=30)
    assert await books.trash_to_purge(due - timedelta(microseconds=1), limit=10) == []
    [first] = await books.trash_to_purge(due, limit=10)
    assert (first.uid, first.file_id, first.purge_at) == ("ada", "u1", due)
    assert [video.uid for video in await books.trash_to_purge(due + timedelta(hours=1), limit=10)] == ["ada", "bea"]
    assert [video.uid for video in await books.trash_to_purge(due + timedelta(hours=1), limit=1)] == ["ada"]
    await Bookkeeper(books, "ada", clock=clock).purge("u1")
    assert [video.uid for video in await books.trash_to_purge(due + timedelta(hours=1), limit=10)] == ["bea"]


async def test_the_outbox_holds_what_was_not_done_oldest_first(books: Books, keeper: Bookkeeper, clock: SteppedClock) -> None:
    for n in range(3):
        await keeper.add_video(an_upload(f"u{n}"))
        clock.advance(seconds=10)
    ids = [f"video.ready:u{n}:7" for n in range(3)]
    assert [item.event_id for item in await books.outbox(clock.now, limit=10)] == ids
    assert [item.event_id for item in await books.outbox(clock.now, limit=2)] == ids[:2]
    assert [item.event_id for item in await books.outbox(NOON + timedelta(seconds=10), limit=10)] == ids[:1]
    await books.outbox_done(ids[1])
    await books.outbox_done(ids[1])
    await books.outbox_done("never.heard/of")
    assert [item.event_id for item in await books.outbox(clock.now, limit=10)] == [ids[0], ids[2]]


async def test_the_outbox_tells_since_when_something_waits(books: Books, keeper: Bookkeeper, clock: SteppedClock) -> None:
    assert await books.outbox_since() is None
    for n in range(2):
        clock.advance(seconds=10)
        await keeper.add_video(an_upload(f"u{n}"))
    assert await books.outbox_since() == NOON + timedelta(seconds=10)
    await books.outbox_done("video.ready:u0:7")
    assert await books.outbox_since() == NOON + timedelta(seconds=20)


async def test_an_outbox_item_is_the_message_that_was_decided(books: Books, keeper: Bookkeeper, clock: SteppedClock) -> None:
    upload = an_upload(size=800)
    await keeper.reserve(upload)
    change = (await keeper.commit(upload)).change
    assert change is not None
    clock.advance(seconds=1)
    left = {item.event_id: item for item in await books.outbox(clock.now, limit=10)}
    assert left == {item.event_id: item for item in change.outbox}
    alert = left["alert:ada:2026-11-03:storage:80:1"]
    assert isinstance(alert, Message)
    assert alert.data == {
        "kind": "storage",
        "threshold_percent": 80,
        "used": 800,
        "limit": 1000,
        "percentage_used": 80.0,
        "date": "2026-11-03",
        "count": 1,
        "email": "ada@example.org",
    }


async def test_a_user_s_trash_is_listed_first_due_first(books: Books, keeper: Bookkeeper, clock: SteppedClock) -> None:
    for n in range(3):
        await keeper.add_video(an_upload(f"u{n}"))
    for n in (1, 0, 2):
        await keeper.delete(f"u{n}.mp4")
        clock.advance(hours=1)
    trashed = (await books.oldest_trash("ada", limit=1))[0]
    await keeper.restore(trashed)
    await keeper.delete("u1.mp4")  # deleted last, but due first
    assert [video.file_id for video in await books.oldest_trash("ada", limit=10)] == ["u1", "u0", "u2"]
    assert [video.file_id for video in await books.oldest_trash("ada", limit=2)] == ["u1", "u0"]
    assert await books.oldest_trash("bea", limit=2) == []


async def test_an_order_to_trim_the_trash_waits_in_the_outbox(
    books: Books, keeper: Bookkeeper, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise Unavailable("The process ends here.")

    monkeypatch.setattr("reelgate.use_cases.books.commit.trim_trash", dies)
    for n in range(2):
        await keeper.add_video(an_upload(f"u{n}", size=1000))
        await keeper.delete(f"u{n}.mp4")
    await keeper.reset("r")
    await keeper.reserve(an_upload("u2", size=1))
    clock.advance(seconds=1)
    orders = [item for item in await books.outbox(clock.now, limit=100) if isinstance(item, TrimTrash)]
    assert orders == [TrimTrash(event_id="trim-trash:ada:2026-11-03:8", uid="ada")]
    monkeypatch.undo()
    assert await trimmer(keeper)("ada")  # type: ignore[arg-type]
    assert [video.file_id for video in await books.oldest_trash("ada", limit=10)] == ["u1"]
