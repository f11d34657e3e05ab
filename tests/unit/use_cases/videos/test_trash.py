"""Deleting, restoring and purging: where the bytes are, and whose name it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.videos.delete_video import (
    delete_video,
    delete_video_once,
    purge_video,
    purge_video_once,
    restore_video,
    restore_video_once,
)
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.audit_trail import committed
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices


async def test_deleting_frees_the_bytes_and_keeps_the_object(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 300)
    moved = await delete_video(services, ADA, by_name("a.mp4"))
    assert moved.video.purge_at == services.now() + timedelta(days=POLICY.trash_days)
    account = await services.existing_account()
    assert (account.stored, account.today.deleted_bytes, account.today.deletion_count) == (0, 300, 1)
    assert account.today.uploaded == 300  # the day's bandwidth is not given back
    assert video.object_name in services.media.objects
    assert [v.file_id for v in (await services.books.trash("ada", limit=10)).items] == [video.file_id]
    assert services.published() == ["video.ready", "video.deleted"]


async def test_what_is_not_there_cannot_be_deleted(services: MemoryServices) -> None:
    with pytest.raises(errors.UserStorageNotFound):
        await delete_video(services, ADA, by_name("a.mp4"))
    await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    with pytest.raises(errors.VideoNotFound):
        await delete_video(services, ADA, by_name("a.mp4"))
    assert (await services.existing_account()).today.deletion_count == 1


async def test_a_restored_video_is_the_same_and_can_be_deleted_again(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 300)
    for series in (1, 2):
        moved = await delete_video(services, ADA, by_name("a.mp4"))
        restored = (await restore_video(services, ADA, video.file_id)).video
        assert restored == replace(video, first_purge_at=moved.video.purge_at, grant_series=series)
    account = await services.existing_account()
    assert (account.stored, account.today.deletion_count) == (300, 2)
    assert await services.kinds() == ["reserve", "commit", "delete", "restore", "delete", "restore"]


@pytest.mark.parametrize("taken_by", ["video", "open upload"])
async def test_a_name_taken_meanwhile_keeps_the_video_in_the_trash(services: MemoryServices, taken_by: str) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    await (services.add_video() if taken_by == "video" else services.grant())
    with pytest.raises(errors.NameTaken, match="Delete it before" if taken_by == "video" else "Cancel it before"):
        await restore_video(services, ADA, video.file_id)
    assert len((await services.books.trash("ada", limit=10)).items) == 1


async def test_a_full_storage_keeps_the_video_in_the_trash(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 600)
    await delete_video(services, ADA, by_name("a.mp4"))
    await services.grant("b.mp4", 401)
    with pytest.raises(errors.StorageLimitExceeded) as refused:
        await restore_video(services, ADA, video.file_id)
    assert (refused.value.used, refused.value.reserved, refused.value.requested) == (0, 401, 600)
    assert (await services.existing_account()).stored == 0


async def test_purging_removes_the_object_for_good(services: MemoryServices) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    assert (await purge_video(services, "ada", video.file_id)).filename == "a.mp4"
    assert services.media.objects == {}
    for use_case in (lambda: purge_video(services, "ada", video.file_id), lambda: restore_video(services, ADA, video.file_id)):
        with pytest.raises(errors.VideoNotFound):
            await use_case()
    assert services.published() == ["video.ready", "video.deleted", "video.purged"]


async def test_other_people_s_trash_does_not_exist(services: MemoryServices) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    with pytest.raises(errors.VideoNotFound):
        await restore_video(services, BOB, video.file_id)
    with pytest.raises(errors.VideoNotFound):
        await purge_video(services, "bob", video.file_id)
    assert video.object_name in services.media.objects


async def test_an_object_that_could_not_be_removed_stays_in_the_outbox(services: MemoryServices) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    services.media.unavailable = True
    await purge_video(services, "ada", video.file_id)
    left = await services.books.outbox(services.now() + timedelta(seconds=1), limit=10)
    assert [item.event_id for item in left] == [f"remove:{video.file_id}:{video.generation}"]


async def test_deleting_by_id_twice_deletes_once(services: MemoryServices) -> None:
    video = await services.add_video()
    for _ in range(2):
        await delete_video_once(services, ADA, video.file_id)
    assert (await services.existing_account()).today.deletion_count == 1
    await purge_video(services, "ada", video.file_id)
    await delete_video_once(services, ADA, video.file_id)
    assert await services.kinds() == ["reserve", "commit", "delete", "purge"]


async def test_purging_by_id_twice_purges_once(services: MemoryServices) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    for _ in range(2):
        await purge_video_once(services, ADA, video.file_id)
    assert await services.kinds() == ["reserve", "commit", "delete", "purge"]
    assert services.media.objects == {}


async def test_restoring_by_id_twice_restores_once(services: MemoryServices) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    purge_at = services.now() + timedelta(days=POLICY.trash_days)
    for _ in range(2):
        assert await restore_video_once(services, ADA, video.file_id) == replace(video, first_purge_at=purge_at, grant_series=1)
    assert await services.kinds() == ["reserve", "commit", "delete", "restore"]


async def test_what_repeats_a_request_is_not_another_event(services: MemoryServices) -> None:
    video = await services.add_video()
    for once in (delete_video_once, restore_video_once, delete_video_once, purge_video_once):
        for _ in range(2):
            event = PendingEvent(action_id=services.new_id, action="file.moved", uid="ada", service="library")
            await once(services, ADA, video.file_id, audit=event)
            assert event.recorded
    assert len([action for action in committed(services) if action.action == "file.moved"]) == 4


async def test_ids_of_nothing_and_of_others_are_not_found(services: MemoryServices) -> None:
    video = await services.add_video(caller=BOB)
    for once in (delete_video_once, restore_video_once, purge_video_once):
        for file_id in (video.file_id, "id-99"):
            with pytest.raises(errors.VideoNotFound):
                await once(services, ADA, file_id)
    with pytest.raises(errors.VideoNotFound):  # it is not in the trash
        await purge_video_once(services, BOB, video.file_id)
    assert [one.file_id for one in (await services.books.videos("bob", limit=9)).items] == [video.file_id]
