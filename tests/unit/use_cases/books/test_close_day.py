"""The daily run: days closed in pages, uploads and trash swept, the outbox emptied; again and again without harm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from reelgate.domain.books.account import Day
from reelgate.domain.books.video import StoredObject
from reelgate.domain.errors import BooksBusy, Unavailable
from reelgate.ports.books import CommitResult, Decide, ReadSet
from reelgate.ports.identity import Caller
from reelgate.use_cases.upkeep import work_in_pages
from reelgate.use_cases.upkeep.close_day import close_days
from reelgate.use_cases.upkeep.sweep import empty_outbox, purge_trash, sweep_uploads
from reelgate.use_cases.upkeep.work_in_pages import Tally
from reelgate.use_cases.usage.report_usage import report_upload
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices

TODAY = date(2026, 11, 3)
DONE = Tally(done=0, failed=0, finished=True)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_in_pages, "PAGE", 2)


async def fill(services: MemoryServices, users: int) -> list[str]:
    uids = [f"user{number}" for number in range(users)]
    for uid in uids:
        caller = Caller(uid=uid, email=None, role="user")
        await report_upload(services, caller, filename="e.mp4", size=10, report_id=None)
    return uids


def soon(services: MemoryServices):  # type: ignore[no-untyped-def]
    return services.now() + timedelta(minutes=5)


async def test_every_account_is_closed_once_and_its_day_kept(services: MemoryServices) -> None:
    uids = await fill(services, 5)
    assert await close_days(services, until=soon(services)) == DONE
    services.clock.advance(hours=12)
    assert await close_days(services, until=soon(services)) == Tally(done=5, failed=0, finished=True)
    for uid in uids:
        kept = await services.books.closed_day(uid, TODAY)
        assert kept is not None
        assert (kept.uploaded, kept.upload_count) == (10, 1)
        assert (await services.existing_account(uid)).today == Day(date=date(2026, 11, 4), byte_seconds=0)
    assert await close_days(services, until=soon(services)) == DONE


async def test_a_missed_run_blocks_nobody(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 1000)
    await delete_video(services, ADA, by_name("a.mp4"))
    await services.add_video("b.mp4", 1000)
    services.clock.advance(days=3)
    await issue_stream_url(services, ADA, by_name("b.mp4"))
    account = await services.existing_account()
    assert (account.today.date, account.today.streamed, account.today.uploaded) == (date(2026, 11, 6), 1000, 0)
    kept = await services.books.closed_day("ada", TODAY)
    assert kept is not None
    assert (kept.uploaded, kept.deletion_count) == (2000, 1)


async def test_open_uploads_survive_the_night(services: MemoryServices) -> None:
    services.clock.advance(hours=11, minutes=30)
    await services.grant(size=300)
    services.clock.advance(hours=1)
    await close_days(services, until=soon(services))
    account = await services.existing_account()
    assert (account.reserved, account.day_total) == (300, 300)


@pytest.mark.parametrize("problem", [BooksBusy("busy"), RuntimeError("broken documents")])
async def test_what_fails_is_tried_once_and_left_for_the_next_run(services: MemoryServices, problem: Exception) -> None:
    uids = await fill(services, 5)
    services.clock.advance(hours=12)
    commit, tried = services.books.commit, []

    async def failing(uid: str, decide: Decide, reads: ReadSet, **more: Any) -> CommitResult:
        if uid in uids[:2]:
            tried.append(uid)
            raise problem
        return await commit(uid, decide, reads, **more)

    services.books.commit = failing  # type: ignore[method-assign]
    assert await close_days(services, until=soon(services)) == Tally(done=3, failed=2, finished=False)
    assert sorted(tried) == uids[:2]
    services.books.commit = commit  # type: ignore[method-assign]
    assert await close_days(services, until=soon(services)) == Tally(done=2, failed=0, finished=True)


async def test_when_time_is_up_the_rest_waits(services: MemoryServices) -> None:
    await fill(services, 5)
    services.clock.advance(hours=12)
    commit, until = services.books.commit, soon(services)

    async def slow(uid: str, decide: Decide, reads: ReadSet, **more: Any) -> CommitResult:
        services.clock.advance(minutes=3)
        return await commit(uid, decide, reads, **more)

    services.books.commit = slow  # type: ignore[method-assign]
    assert await close_days(services, until=until) == Tally(done=2, failed=0, finished=False)


async def test_alerts_are_armed_again_by_the_new_day(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 800)
    assert services.published("alerts") == ["storage.alert"]
    services.clock.advance(hours=12)
    await close_days(services, until=soon(services))
    assert services.published("alerts") == ["storage.alert"] * 2  # still 80 %: raised for the new day
    await close_days(services, until=soon(services))
    ids = [m.event_id for m in services.events.published if m.topic == "alerts"]
    assert ids == ["alert:ada:2026-11-03:storage:80:1", "alert:ada:2026-11-04:storage:80:1"]


async def test_expired_uploads_are_swept_and_arrived_ones_kept(services: MemoryServices) -> None:
    callers = [Caller(uid=f"user{number}", email=None, role="user") for number in range(5)]
    for caller in callers:
        await services.grant("lost.mp4", caller=caller)
        services.send(await services.grant("unheard.mp4", caller=caller))
    assert await sweep_uploads(services, until=soon(services)) == DONE
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    assert await sweep_uploads(services, until=soon(services)) == Tally(done=10, failed=0, finished=True)
    for caller in callers:
        account = await services.existing_account(caller.uid)
        assert (account.stored, account.reserved) == (100, 0)
    assert await sweep_uploads(services, until=soon(services)) == DONE


async def test_a_bucket_that_is_away_leaves_the_sweep_unfinished(services: MemoryServices) -> None:
    await services.grant()
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    services.media.unavailable = True
    assert await sweep_uploads(services, until=soon(services)) == Tally(done=0, failed=1, finished=False)


async def test_the_trash_is_purged_when_its_time_is_over(services: MemoryServices) -> None:
    for number in range(3):
        await services.add_video(f"{number}.mp4")
        await delete_video(services, ADA, by_name(f"{number}.mp4"))
    services.clock.advance(days=POLICY.trash_days, seconds=-1)
    assert await purge_trash(services, until=soon(services)) == DONE
    services.clock.advance(seconds=1)
    assert await purge_trash(services, until=soon(services)) == Tally(done=3, failed=0, finished=True)
    assert services.media.objects == {}


async def test_an_empty_outbox_is_finished_at_once(services: MemoryServices) -> None:
    assert await empty_outbox(services, until=soon(services)) == DONE


async def test_uploads_that_fail_block_neither_those_of_their_owner_nor_of_others(services: MemoryServices) -> None:
    """More of them than a page has, and they expired first."""
    for number in range(5):
        await services.grant(f"broken{number}.mp4")
    services.clock.advance(seconds=1)
    await services.grant("a.mp4")
    await services.grant("b.mp4", caller=BOB)
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    find, tried = services.media.find, []

    async def failing(object_name: str) -> StoredObject | None:
        if "broken" in object_name:
            tried.append(object_name)
            raise Unavailable("The bucket does not answer.")
        return await find(object_name)

    services.media.find = failing  # type: ignore[method-assign]
    assert await sweep_uploads(services, until=soon(services)) == Tally(done=2, failed=5, finished=False)
    assert len(tried) == len(set(tried)) == 5
    assert {upload.filename for upload in (await services.open_uploads()).values()} == {f"broken{n}.mp4" for n in range(5)}
    assert await services.open_uploads("bob") == {}
    services.media.find = find  # type: ignore[method-assign]
    assert await sweep_uploads(services, until=soon(services)) == Tally(done=5, failed=0, finished=True)
