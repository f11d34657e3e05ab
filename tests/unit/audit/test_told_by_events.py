"""What becomes of uploads without anybody asking: told once per object, upload and file, however often it is looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.adapters.documents.document_store import ConflictError, OutcomeUnknown
from reelgate.domain.files.names import MAX_OBJECT_NAME_BYTES
from reelgate.ports.audit import LogFilter
from reelgate.use_cases.audit.record_action import record_action
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.upkeep.sweep import purge_trash, sweep_uploads
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.audit_trail import committed, forget, published, trail
from tests.fixtures.memory_services import ADA, MemoryServices


async def recorded(services: MemoryServices) -> list[str]:
    """Bring everything that was published to the log as well, and return the names of the actions in it."""
    for message in services.events.published:
        if message.topic == "audit":
            await record_action(services, message.type, message.uid, message.content(services.now()))
    return sorted(
        one.action.action for one in (await services.audit_log.actions(LogFilter(), now=services.now(), limit=99)).items
    )


async def test_a_finished_upload_is_one_action_however_often_its_event_comes(services: MemoryServices) -> None:
    services.function = "finalize"
    granted = await services.grant("a.mp4", 100)
    name = services.send(granted)
    verdicts = [(await finish_upload(services, name)).verdict for _ in range(3)]
    assert verdicts == [Verdict.READY, Verdict.DUPLICATE, Verdict.DUPLICATE]
    [first] = committed(services)
    assert (first.action, first.uid, first.service, first.outcome) == ("upload.finished", "ada", "finalize", "done")
    assert first.data == {
        "file_id": granted.upload.upload_id,
        "filename": "a.mp4",
        "size": 100,
        "content_type": "video/mp4",
        "generation": "1",
    }
    assert published(services) == []
    assert await recorded(services) == ["upload.finished"]


async def test_the_longest_name_still_makes_a_message_that_pubsub_takes(services: MemoryServices) -> None:
    longest = MAX_OBJECT_NAME_BYTES - len(f"ada/{services.new_id()}/")
    name = services.send(await services.grant(f"{'a' * (longest - 4)}.mp4", 100))
    services.media.write(f"ada/nobody-granted-this/{'a' * 1000}", b"video", "video/mp4")
    assert (await finish_upload(services, name)).verdict is Verdict.READY
    assert (await finish_upload(services, f"ada/nobody-granted-this/{'a' * 1000}")).verdict is Verdict.REMOVED
    messages = services.events.published
    assert sorted(message.type for message in messages) == ["object.removed", "video.ready"]
    longest_attribute = max(len(value.encode()) for message in messages for value in message.attributes().values())
    assert longest_attribute <= 1024  # Pub/Sub docs, "Quotas and limits"


class Crash(Exception):
    """The process died."""


async def test_a_crash_right_after_the_commit_loses_nothing(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 100))

    def die(_: object) -> None:
        raise Crash

    services.books_store.after_commit = die
    with pytest.raises(Crash):
        await finish_upload(services, name)
    services.books_store.after_commit = lambda _: None
    assert [action.action for action in committed(services)] == ["upload.finished"]
    assert (await finish_upload(services, name)).verdict is Verdict.DUPLICATE
    assert await recorded(services) == ["upload.finished"]


async def test_a_commit_whose_answer_is_lost_records_once(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 100))
    lost = 0

    def lose(_: object) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            services.clock.advance(seconds=1)  # so that a second attempt would be another instant
            raise OutcomeUnknown("no answer")

    services.books_store.after_commit = lose
    assert (await finish_upload(services, name)).verdict is Verdict.READY
    assert await recorded(services) == ["upload.finished"]


async def test_a_commit_that_loses_its_race_records_nothing_but_its_last_attempt(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 100))
    attempts = 0

    def compete(_: object) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 4:
            assert committed(services) == []
            raise ConflictError("another request was faster")

    services.books_store.before_commit = compete
    assert (await finish_upload(services, name)).verdict is Verdict.READY
    assert await recorded(services) == ["upload.finished"]


async def test_an_object_that_comes_back_is_recorded_with_the_video_or_published(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    forget(services)
    services.media.write(video.object_name, b"v" * 100, "video/mp4")
    for _ in range(2):
        assert (await finish_upload(services, video.object_name)).verdict is Verdict.RESTORED
    assert [action.action for action in committed(services)] == ["object.restored"]
    assert await recorded(services) == ["object.restored"]
    await delete_video(services, ADA, by_name("a.mp4"))
    forget(services)
    services.media.write(video.object_name, b"v" * 100, "video/mp4")
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.RESTORED
    assert committed(services) == []
    assert [action.action for action in published(services)] == ["object.restored"]


async def test_what_is_not_as_granted_is_told_with_the_reason(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 100), b"too short")
    assert (await finish_upload(services, name)).verdict is Verdict.REJECTED
    [action] = trail(services)
    assert (action.action, action.outcome) == ("upload.rejected", "denied")
    assert action.data["reason"] == "size is 9 bytes, granted were 100"
    assert action.description == "Upload rejected: a.mp4 (size is 9 bytes, granted were 100)"


async def test_an_object_without_a_right_to_exist_is_told(services: MemoryServices) -> None:
    services.media.write("ada/nobody-granted-this/a.mp4", b"video", "video/mp4")
    assert (await finish_upload(services, "ada/nobody-granted-this/a.mp4")).verdict is Verdict.REMOVED
    [action] = trail(services)
    assert (action.action, action.uid, action.data["file_id"]) == ("object.removed", "ada", "nobody-granted-this")
    await finish_upload(services, "ada/nobody-granted-this/a.mp4")  # which is gone by now
    assert len(trail(services)) == 1


@pytest.mark.parametrize("name", ["nonsense", "ada/nothing-there/a.mp4"])
async def test_what_is_none_of_ours_or_not_there_is_not_told(services: MemoryServices, name: str) -> None:
    services.media.write("nonsense", b"x", "video/mp4")
    await finish_upload(services, name)
    assert trail(services) == []


async def test_an_upload_that_was_never_sent_is_told_once(services: MemoryServices) -> None:
    services.function = "reset_daily"
    granted = await services.grant("a.mp4", 100)
    services.clock.advance(seconds=services.policy.upload_expiry_seconds)
    for _ in range(2):
        await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    [action] = trail(services)
    assert (action.action, action.service, action.uid) == ("upload.expired", "reset_daily", "ada")
    assert action.data == {"file_id": granted.upload.upload_id, "filename": "a.mp4", "size": 100}


async def test_an_expired_upload_whose_object_is_there_is_finished_and_not_expired(services: MemoryServices) -> None:
    services.send(await services.grant("a.mp4", 100))
    services.clock.advance(seconds=services.policy.upload_expiry_seconds)
    await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    assert [action.action for action in trail(services)] == ["upload.finished"]


async def test_a_cancelled_upload_is_not_told_as_expired(services: MemoryServices) -> None:
    granted = await services.grant("a.mp4", 100)
    await cancel_upload(services, ADA, granted.upload.upload_id)
    assert trail(services) == []  # the route tells of it


async def test_trash_that_is_emptied_by_time_is_told(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    await delete_video(services, ADA, by_name("a.mp4"))
    forget(services)
    services.clock.advance(days=services.policy.trash_days)
    await purge_trash(services, until=services.now() + timedelta(minutes=1))
    [action] = trail(services)
    assert (action.action, action.data["file_id"]) == ("file.purged", video.file_id)
    assert action.data["reason"] == "its time in the trash is over"


async def test_events_are_settled_whoever_listens(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 100))
    services.events.unavailable = True
    assert (await finish_upload(services, name)).verdict is Verdict.READY
    assert (await services.existing_account()).stored == 100
