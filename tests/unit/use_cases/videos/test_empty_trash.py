"""Emptying the trash: in bounded steps, each of which may be the last."""

from __future__ import annotations

import pytest

from reelgate.domain.errors import Unavailable
from reelgate.use_cases.videos import empty_trash as emptying
from reelgate.use_cases.videos.delete_video import delete_video, purge_video, restore_video
from reelgate.use_cases.videos.empty_trash import Emptied, empty_trash
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.audit_trail import committed
from tests.fixtures.memory_services import ADA, BOB, MemoryServices


async def trashed(services: MemoryServices, *names: str) -> list[str]:
    ids = []
    for name in names:
        ids.append((await services.add_video(name, 10)).file_id)
        await delete_video(services, ADA, by_name(name))
    return ids


async def in_trash(services: MemoryServices, uid: str = "ada") -> list[str]:
    return sorted(video.filename for video in (await services.books.trash(uid, limit=100)).items)


async def test_all_of_it_goes_with_its_objects_and_nobody_else_s(services: MemoryServices) -> None:
    await trashed(services, "a.mp4", "b.mp4")
    await services.add_video("kept.mp4", 10)
    await services.add_video("bob.mp4", 10, caller=BOB)
    await delete_video(services, BOB, by_name("bob.mp4"))
    assert await empty_trash(services, ADA, request_id="request-1") == Emptied(2, complete=True)
    assert await in_trash(services) == []
    assert await in_trash(services, "bob") == ["bob.mp4"]
    assert sorted(name.rpartition("/")[2] for name in services.media.objects) == ["bob.mp4", "kept.mp4"]
    assert services.published().count("video.purged") == 2
    await services.account()
    assert await empty_trash(services, ADA) == Emptied(0, complete=True)


async def test_each_purge_is_in_the_audit_log(services: MemoryServices) -> None:
    [file_id] = await trashed(services, "a.mp4")
    await empty_trash(services, ADA, request_id="request-1")
    recorded = [action for action in committed(services) if action.action == "file.purged"]
    assert [(one.uid, one.request_id, one.data["file_id"]) for one in recorded] == [("ada", "request-1", file_id)]


async def test_more_than_a_call_purges_is_left_to_the_next(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "MAX_PURGED", 2)
    await trashed(services, *(f"{n}.mp4" for n in range(5)))
    outcomes = [await empty_trash(services, ADA) for _ in range(3)]
    assert outcomes == [Emptied(2, complete=False), Emptied(2, complete=False), Emptied(1, complete=True)]


async def test_what_is_restored_or_deleted_again_meanwhile_stays(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, again, purged, _ = await trashed(services, "back.mp4", "again.mp4", "purged.mp4", "rest.mp4")
    read = services.books.trash

    async def read_then_others(uid: str, **options: object) -> object:
        page = await read(uid, **options)  # type: ignore[arg-type]
        services.clock.advance(seconds=1)
        await restore_video(services, ADA, back)
        await restore_video(services, ADA, again)
        await delete_video(services, ADA, by_name("again.mp4"))
        await purge_video(services, "ada", purged)
        return page

    monkeypatch.setattr(services.books, "trash", read_then_others)
    assert await empty_trash(services, ADA) == Emptied(1, complete=True)
    monkeypatch.undo()
    assert await in_trash(services) == ["again.mp4"]
    assert [video.filename for video in (await services.books.videos("ada", limit=5)).items] == ["back.mp4"]


async def test_a_call_that_purges_nothing_fails_and_one_that_does_is_continued(services: MemoryServices) -> None:
    await trashed(services, "a.mp4", "b.mp4")
    services.books_store.before_commit = lambda _: _unreachable()
    with pytest.raises(Unavailable):
        await empty_trash(services, ADA)
    services.books_store.before_commit = lambda _: None
    assert await empty_trash(services, ADA) == Emptied(2, complete=True)


def _unreachable() -> None:
    raise Unavailable("The books cannot be reached.")
