"""Bucket and books are compared, and what a lost event or sweep would have done is done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.adapters.books.unit_of_work import video_address
from reelgate.adapters.documents.single_documents import delete_document
from reelgate.domain import errors
from reelgate.domain.files.part_names import part_name
from reelgate.domain.videos.bucket_differences import MEANINGS, Difference, Kind
from reelgate.ports.books import ReadSet
from reelgate.use_cases.upkeep.check_books import check_books
from reelgate.use_cases.upkeep.compare_bucket import compare_bucket
from reelgate.use_cases.upkeep.repair_bucket import repair
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices


async def differences(services: MemoryServices, *uids: str) -> list[Difference]:
    """Return what is wrong, an hour and more after everything that has happened."""
    services.clock.advance(seconds=3700)
    return [one async for one in compare_bucket(services, uids=uids)]


async def kinds(services: MemoryServices, *uids: str) -> list[tuple[Kind, str]]:
    return [(one.kind, one.name) for one in await differences(services, *uids)]


async def repair_all(services: MemoryServices, **options: bool) -> list[str | None]:
    return [await repair(services, one, **options) for one in await differences(services)]


async def test_a_store_in_order_has_no_differences(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 100)
    await services.add_video("b.mp4", 100, caller=BOB)
    await services.grant("open.mp4", 100)
    await services.add_video("trashed.mp4", 100)
    await delete_video(services, ADA, by_name("trashed.mp4"))
    assert await kinds(services) == []


async def test_an_upload_whose_event_was_lost_is_settled(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 100))
    assert await kinds(services) == [(Kind.UNSETTLED, name)]
    assert await repair_all(services) == ["settled: ready"]
    assert (await services.existing_account()).stored == 100
    assert await kinds(services) == []


async def test_what_is_being_settled_just_now_is_no_difference(services: MemoryServices) -> None:
    services.send(await services.grant("a.mp4", 100))
    services.media.write("ada/id-9/orphan.mp4", b"data", "video/mp4")
    services.media.write(part_name("ada", "id-8", 0), b"part", "application/octet-stream")
    assert [one async for one in compare_bucket(services)] == []
    assert len([one async for one in compare_bucket(services, grace=timedelta(seconds=-1))]) == 3


async def test_an_object_that_nobody_has_a_right_to_is_removed(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 100)
    services.media.write("ada/id-9/orphan.mp4", b"data", "video/mp4")
    services.media.write("stranger/id-9/orphan.mp4", b"data", "video/mp4")
    assert [kind for kind, _ in await kinds(services)] == [Kind.ORPHAN, Kind.ORPHAN]
    assert await repair_all(services) == ["removed", "removed"]
    assert len(services.media.objects) == 2
    # The user may have been deleted: then their grants must not be of use any more.
    assert services.media.objects["stranger/id-9/orphan.mp4"].is_placeholder


async def test_an_object_that_outlived_its_purge_is_removed(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    await delete_video(services, ADA, by_name("a.mp4"))
    found = dict(services.media.objects), dict(services.media.data)
    await purge_video(services, "ada", video.file_id)
    services.media.objects, services.media.data = found  # the removal was lost together with the outbox
    assert await kinds(services) == [(Kind.ORPHAN, video.object_name)]
    assert await repair_all(services) == ["removed: it was purged"]
    assert services.media.objects == {}


async def test_an_object_whose_video_the_books_have_lost_is_left_for_a_person(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    await delete_document(services.books_store, video_address("ada", video.file_id))
    assert await kinds(services) == [(Kind.ORPHAN, video.object_name)]
    assert await repair_all(services) == [None]
    assert video.object_name in services.media.objects
    assert await check_books(services, "ada") != []


async def test_parts_without_an_upload_are_removed_and_foreign_things_are_not(services: MemoryServices) -> None:
    services.media.write(part_name("ada", "id-8", 0), b"part", "application/octet-stream")
    services.media.write("live-check/run/1/probe", b"data", "video/mp4")
    services.media.write("readme.txt", b"data", "text/plain")
    services.media.write("__parts__/what is this", b"data", "text/plain")
    found = await kinds(services)
    assert sorted(kind.name for kind, _ in found) == ["FOREIGN", "FOREIGN", "FOREIGN", "LEFT_PART"]
    assert sorted(map(str, await repair_all(services))) == ["None", "None", "None", "removed"]
    assert part_name("ada", "id-8", 0) not in services.media.objects


async def test_an_upload_that_no_sweep_released_is_released(services: MemoryServices) -> None:
    granted = await services.grant("a.mp4", 100)
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    assert [(one.kind, one.file_id, one.size) for one in await differences(services)] == [
        (Kind.EXPIRED, granted.upload.upload_id, 100)
    ]
    assert await repair_all(services) == ["released"]
    assert (await services.existing_account()).reserved == 0


@pytest.mark.parametrize("trashed", [False, True])
async def test_a_video_whose_object_is_gone_is_given_up_only_if_asked(services: MemoryServices, trashed: bool) -> None:
    video = await services.add_video("a.mp4", 100)
    if trashed:
        await delete_video(services, ADA, by_name("a.mp4"))
    del services.media.objects[video.object_name]
    assert [(one.kind, one.trashed, one.size) for one in await differences(services)] == [(Kind.MISSING, trashed, 100)]
    assert await repair_all(services) == [None]
    assert await repair_all(services, give_up_missing=True) == ["given up: deleted and purged"]
    assert (await services.existing_account()).stored == 0
    assert await kinds(services) == []
    assert services.published()[-2:] == ["video.deleted", "video.purged"]


async def test_a_video_that_came_back_meanwhile_is_not_given_up(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    del services.media.objects[video.object_name]
    [stale] = await differences(services)
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    newer = await services.add_video("a.mp4", 50)
    assert await repair(services, stale, give_up_missing=True) is None
    snapshot = await services.books.read("ada", ReadSet(filename="a.mp4"))
    assert snapshot.video == newer


async def test_another_generation_under_a_video_s_name_is_told_and_left(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    services.media.write(video.object_name, b"something else", "video/mp4")
    assert await kinds(services) == [(Kind.REPLACED, video.object_name)]
    assert await repair_all(services, give_up_missing=True) == [None]


async def test_a_restored_object_that_nobody_was_told_of_is_taken_for_its_video(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    restored = services.media.write(video.object_name, b"v" * 100, "video/mp4")
    assert await repair_all(services) == ["accepted as the video again"]
    snapshot = await services.books.read("ada", ReadSet(filename="a.mp4"))
    assert snapshot.video is not None
    assert snapshot.video.generation == restored.generation
    assert await kinds(services) == []


async def test_what_changes_between_the_two_looks_is_no_difference(services: MemoryServices) -> None:
    orphan = services.media.write("ada/id-9/a.mp4", b"data", "video/mp4")
    video = await services.add_video("b.mp4", 100)
    missing = services.media.objects.pop(video.object_name)
    services.clock.advance(seconds=3700)
    find = services.media.find

    async def changes_first(name: str) -> object:
        services.media.objects.pop(orphan.name, None)
        services.media.objects[video.object_name] = missing
        return await find(name)

    services.media.find = changes_first  # type: ignore[method-assign, assignment]
    assert [one async for one in compare_bucket(services)] == []


async def test_one_user_can_be_asked_for(services: MemoryServices) -> None:
    services.media.write("ada/id-9/a.mp4", b"data", "video/mp4")
    services.media.write("bob/id-9/a.mp4", b"data", "video/mp4")
    video = await services.add_video("b.mp4", 100, caller=BOB)
    del services.media.objects[video.object_name]
    assert await kinds(services, "ada") == [(Kind.ORPHAN, "ada/id-9/a.mp4")]
    assert [kind for kind, _ in await kinds(services, "bob")] == [Kind.ORPHAN, Kind.MISSING]
    assert [kind for kind, _ in await kinds(services)] == [Kind.ORPHAN, Kind.ORPHAN, Kind.MISSING]
    assert await kinds(services, "nobody") == []


async def test_many_users_are_compared_in_turns(services: MemoryServices) -> None:
    for number in range(40):
        services.media.write(f"user{number:02}/id-1/a.mp4", b"data", "video/mp4")
    assert len(await differences(services)) == 40


async def test_a_bucket_that_cannot_be_reached_is_said_to_be(services: MemoryServices) -> None:
    services.media.unavailable = True
    with pytest.raises(errors.Unavailable):
        await differences(services)


def test_every_kind_is_explained() -> None:
    assert MEANINGS.keys() == set(Kind)


async def test_placeholders_are_no_difference_until_they_have_stayed_too_long(services: MemoryServices) -> None:
    granted = await services.grant("a.mp4", 100)
    await cancel_upload(services, ADA, granted.upload.upload_id)
    await services.media.put_placeholder(part_name("ada", "id-8", 0), generation=0, upload_id="id-8")
    services.clock.advance(days=8)
    assert await kinds(services) == []
    services.clock.advance(days=1, hours=2)
    name = f"ada/{granted.upload.upload_id}/a.mp4"
    assert await kinds(services) == [(Kind.LEFT_PLACEHOLDER, name)]
    assert await repair_all(services) == ["removed"]
    assert name not in services.media.objects


async def test_a_placeholder_is_not_the_object_of_a_video(services: MemoryServices) -> None:
    """It took the name of what came with an old grant when the object was lost."""
    video = await services.add_video("a.mp4", 100)
    generation = services.media.objects[video.object_name].generation
    await services.media.put_placeholder(video.object_name, generation=generation, upload_id=video.file_id)
    assert await kinds(services) == [(Kind.MISSING, video.object_name)]
    services.media.write(video.object_name, b"v" * 100, "video/mp4")
    assert await kinds(services) == [(Kind.REPLACED, video.object_name)]
    assert await repair_all(services) == ["accepted as the video again"]
