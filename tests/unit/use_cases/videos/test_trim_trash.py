"""A trash that is too large: the oldest of it goes, right after the change that went over, or by the sweep."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.adapters.documents.document_store import Document
from reelgate.domain import errors
from reelgate.domain.books.account import Limits
from reelgate.domain.books.captions import CaptionsKey
from reelgate.domain.books.limits import excess_trash
from reelgate.domain.books.video import Video
from reelgate.ports.books import ReadSet
from reelgate.ports.identity import Caller
from reelgate.use_cases.accounts.change_user import UserChanges, terms_change
from reelgate.use_cases.accounts.manage_users import ManagedUser
from reelgate.use_cases.audit.publish_user_changes import ChangeAudit
from reelgate.use_cases.books import trim_trash as trimming
from reelgate.use_cases.books.commit import commit, trimmer
from reelgate.use_cases.upkeep.close_day import close_days
from reelgate.use_cases.upkeep.sweep import empty_outbox
from reelgate.use_cases.videos.delete_video import delete_video, purge_video, restore_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.manage_captions import put_captions
from tests.fixtures.audit_trail import committed
from tests.fixtures.bookkeeping import some_captions
from tests.fixtures.memory_services import ADA, POLICY, MemoryServices

ADMIN = Caller(uid="root", email=None, role="admin")


@pytest.fixture
def services(services: MemoryServices) -> MemoryServices:
    """A storage of 1000 bytes, a trash that fills it up to 2000, and no daily limit in the way."""
    services.policy = replace(POLICY, default_limits=Limits(storage_bytes=1000, daily_bytes=10**9, alert_percents=(80, 100)))
    return services


async def thrown_away(services: MemoryServices, name: str, size: int) -> Video:
    """Upload and delete a video; a second passes."""
    await services.add_video(name, size)
    moved = await delete_video(services, ADA, by_name(name))
    services.clock.advance(seconds=1)
    return moved.video


async def in_trash(services: MemoryServices) -> list[str]:
    return [video.filename for video in await services.books.oldest_trash("ada", limit=100)]


async def left(services: MemoryServices) -> list[str]:
    return [item.event_id for item in await services.books.outbox(services.now() + timedelta(days=1), limit=100)]


async def sweep(services: MemoryServices) -> None:
    services.clock.advance(minutes=2)
    assert (await empty_outbox(services, until=services.now() + timedelta(minutes=1))).finished


async def set_limit(services: MemoryServices, storage: int | None) -> None:
    audit = ChangeAudit(services=services, caller=ADMIN, uid="ada", change_id=services.new_id(), request_id=None)
    before = ManagedUser(account=await services.existing_account(), user=None)
    changes = UserChanges(role=None, terms={"storage_limit": storage})
    await commit(services, "ada", terms_change(audit, before, changes))


async def test_the_oldest_goes_when_a_grant_leaves_it_no_room(services: MemoryServices) -> None:
    for name, size in (("1.mp4", 600), ("2.mp4", 500), ("3.mp4", 800)):
        await thrown_away(services, name, size)
    assert (await in_trash(services), await left(services)) == (["1.mp4", "2.mp4", "3.mp4"], [])  # 1900 and nothing else
    await services.grant("4.mp4", 100)
    assert await in_trash(services) == ["1.mp4", "2.mp4", "3.mp4"]
    await services.grant("5.mp4", 601)
    assert (await in_trash(services), await left(services)) == (["3.mp4"], [])
    account = await services.existing_account()
    assert (account.occupied, account.trash, excess_trash(account, services.policy)) == (701, 800, 0)
    assert sorted(name.rpartition("/")[2] for name in services.media.objects) == ["3.mp4"]


async def test_users_and_services_are_told_why(services: MemoryServices) -> None:
    gone = await thrown_away(services, "1.mp4", 1000)
    await thrown_away(services, "2.mp4", 1000)
    await services.grant("3.mp4", 1)
    [entry] = [entry for entry in await services.entries() if entry.kind == "purge"]
    assert (entry.file_id, entry.reason) == (gone.file_id, "there was no more room for it in the trash")
    [action] = [action for action in committed(services) if action.action == "file.purged"]
    assert (action.uid, action.data["file_id"], action.data["reason"]) == ("ada", gone.file_id, entry.reason)
    assert [m.data["file_id"] for m in services.events.published if m.type == "video.purged"] == [gone.file_id]


async def test_an_attacker_ends_at_the_operator_s_number(services: MemoryServices) -> None:
    for number in range(30):
        await thrown_away(services, f"{number}.mp4", 980)
        account = await services.existing_account()
        assert account.occupied + (account.trash or 0) <= 2000
    assert sum(one.size for one in services.media.objects.values()) <= 2000
    for video in await services.books.oldest_trash("ada", limit=9):
        restored = await restore_video(services, ADA, video.file_id)
        moved = await delete_video(services, ADA, by_name(restored.video.filename))
        assert moved.video.purge_at == video.purge_at


async def test_whoever_keeps_to_the_limit_never_waits_and_loses_nothing(services: MemoryServices) -> None:
    await services.add_video("0.mp4", 500)
    for number in range(2):
        await thrown_away(services, f"1{number}.mp4", 500)
    assert await left(services) == []
    assert len(await in_trash(services)) == 2


async def test_a_process_that_dies_after_the_commit_leaves_it_to_the_sweep(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await thrown_away(services, "1.mp4", 1000)
    await thrown_away(services, "2.mp4", 1000)

    async def unreachable(*_: object) -> bool:
        raise errors.Unavailable("The process ends here.")

    with monkeypatch.context() as broken:
        broken.setattr("reelgate.use_cases.books.commit.trim_trash", unreachable)
        await services.grant("3.mp4", 1)
    [order] = await left(services)
    assert order.startswith("trim-trash:ada:")
    assert await in_trash(services) == ["1.mp4", "2.mp4"]
    await sweep(services)
    assert (await in_trash(services), await left(services)) == (["2.mp4"], [])


async def test_orders_that_arrive_twice_and_together_purge_once(services: MemoryServices) -> None:
    for number in range(4):
        await thrown_away(services, f"{number}.mp4", 500)
    services.media.unavailable = True  # the objects are removed later, which the trash does not wait for
    await services.grant("4.mp4", 1)
    assert await in_trash(services) == ["1.mp4", "2.mp4", "3.mp4"]
    trim = trimmer(services)
    assert await asyncio.gather(*(trim("ada") for _ in range(5))) == [True] * 5
    assert await in_trash(services) == ["1.mp4", "2.mp4", "3.mp4"]
    services.media.unavailable = False
    await sweep(services)
    assert len(services.media.objects) == 3


async def test_two_deletes_at_once_beyond_the_bound(services: MemoryServices) -> None:
    """Only where the limit was lowered can a deletion itself find no room; then what is deleted may go as well."""
    for name in ("1.mp4", "2.mp4"):
        await services.add_video(name, 400)
    await thrown_away(services, "0.mp4", 100)
    await set_limit(services, 250)
    await sweep(services)
    assert await in_trash(services) == []  # 800 are stored, 500 may be stored and trashed
    await asyncio.gather(*(delete_video(services, ADA, by_name(name)) for name in ("1.mp4", "2.mp4")))
    account = await services.existing_account()
    assert (account.stored, account.trash, await left(services)) == (0, 400, [])
    assert len(services.media.objects) == 1


async def test_a_video_that_does_not_fit_alone_is_purged_after_its_deletion(services: MemoryServices) -> None:
    video = await services.add_video("1.mp4", 900)
    await set_limit(services, 400)
    await delete_video(services, ADA, by_name("1.mp4"))
    assert (await in_trash(services), services.media.objects) == ([], {})
    assert (await services.kinds())[-2:] == ["delete", "purge"]
    with pytest.raises(errors.VideoNotFound):
        await restore_video(services, ADA, video.file_id)


async def test_a_limit_that_was_lowered_by_mistake_can_be_put_right(services: MemoryServices) -> None:
    await thrown_away(services, "1.mp4", 1000)
    await set_limit(services, 100)
    assert len(await left(services)) == 1
    await set_limit(services, None)
    await sweep(services)
    assert (await in_trash(services), await left(services)) == (["1.mp4"], [])
    await set_limit(services, 499)
    await sweep(services)
    assert await in_trash(services) == []


async def test_a_restore_and_a_purge_meanwhile_save_the_others(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = [await thrown_away(services, f"{number}.mp4", 500) for number in range(4)]
    oldest_trash = services.books.oldest_trash

    async def then_changed(uid: str, *, limit: int) -> list[Video]:
        found = list(await oldest_trash(uid, limit=limit))
        monkeypatch.undo()
        await restore_video(services, ADA, videos[0].file_id)
        await purge_video(services, "ada", videos[1].file_id)
        return found

    monkeypatch.setattr(services.books, "oldest_trash", then_changed)
    await services.grant("4.mp4", 400)
    assert (await in_trash(services), await left(services)) == (["2.mp4", "3.mp4"], [])
    assert (await services.existing_account()).stored == 500


async def test_a_trash_too_large_for_one_request_is_finished_by_the_sweep(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "AT_ONCE", 2)
    monkeypatch.setattr(trimming, "ROUNDS", 3)
    for number in range(20):
        await thrown_away(services, f"{number}.mp4", 100)
    await services.grant("20.mp4", 1000)
    assert len(await in_trash(services)) == 14
    assert len(await left(services)) == 1
    await sweep(services)
    assert (len(await in_trash(services)), await left(services)) == (10, [])


async def test_an_account_of_an_older_build_is_bounded_once_its_trash_is_known(services: MemoryServices) -> None:
    for number in range(2):
        await thrown_away(services, f"{number}.mp4", 1000)
    documents = services.books_store.database.documents
    [(address, document)] = [(at, one) for at, one in documents.items() if at.collection == ("users",)]
    older = {name: value for name, value in document.fields.items() if name != "trash"}
    documents[address] = Document(address, older, document.version)
    await services.grant("2.mp4", 1000)
    assert len(await in_trash(services)) == 2
    services.clock.advance(days=1)
    await close_days(services, until=services.now() + timedelta(minutes=5))
    assert (await in_trash(services), (await services.existing_account()).trash) == (["1.mp4"], 1000)


async def test_the_order_of_a_user_who_is_gone_is_done(services: MemoryServices) -> None:
    assert await trimmer(services)("nobody")
    await thrown_away(services, "1.mp4", 1000)
    services.policy = replace(services.policy, default_limits=Limits(storage_bytes=1, daily_bytes=1, alert_percents=(80,)))
    documents = services.books_store.database.documents
    [(address, document)] = [(at, one) for at, one in documents.items() if at.collection == ("users",)]
    documents[address] = Document(address, {**document.fields, "erasing": {}}, document.version)
    assert await trimmer(services)("ada")
    assert (await services.books.read("ada", ReadSet(trashed_file_id="id-1"))).trashed is not None


async def test_captions_take_room_in_the_trash_and_can_be_what_goes_over(services: MemoryServices) -> None:
    """The oldest has 400 bytes with its captions; 900 more stored leave room for 1100 bytes of trash, 901 do not."""
    oldest = await services.add_video("oldest.mp4", 300)
    await put_captions(services, ADA, oldest.file_id, some_captions("en", 100))
    await delete_video(services, ADA, by_name("oldest.mp4"))
    services.clock.advance(seconds=1)
    await thrown_away(services, "newer.mp4", 700)
    kept = await services.add_video("kept.mp4", 800)
    await put_captions(services, ADA, kept.file_id, some_captions("en", 100))
    assert (await services.existing_account()).trash == 1100
    assert await in_trash(services) == ["oldest.mp4", "newer.mp4"]
    await put_captions(services, ADA, kept.file_id, some_captions("de", 1))
    assert await in_trash(services) == ["newer.mp4"]
    account = await services.existing_account()
    assert (account.stored, account.trash) == (901, 700)
    assert (await services.books.caption_keys("ada", limit=10)).items == [
        CaptionsKey(kept.file_id, "de"),
        CaptionsKey(kept.file_id, "en"),
    ]
