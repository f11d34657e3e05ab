"""Messages about videos as `convert` takes them: done, for somebody else, or to be delivered again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reelgate.domain.media.conversion import RunFailed
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.web.events.media_push import answer_video_message
from tests.fixtures.conversions import a_video, known
from tests.fixtures.memory_services import ADA, MemoryServices
from tests.unit.web.events.test_push import envelope, push


async def deliver(services: MemoryServices, message: dict[str, Any]) -> tuple[int, str | None]:
    answer = await answer_video_message(push(envelope(message)), services)
    return answer.status_code, json.loads(answer.body).get("result")


def published(services: MemoryServices, kind: str) -> dict[str, Any]:
    """Return what was published, as Pub/Sub pushes it."""
    message = next(message for message in services.events.published if message.type == kind)
    return message.content(services.now())


async def test_the_books_own_messages_are_understood(services: MemoryServices) -> None:
    video = await a_video(services)
    ready = published(services, "video.ready")
    assert await deliver(services, ready) == (200, "ready")
    assert await deliver(services, ready) == (200, "ready")
    assert len(services.derived_objects.objects) == 2
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    for _ in range(2):
        assert await deliver(services, published(services, "video.purged")) == (200, "removed")
    assert services.derived_objects.objects == {}
    assert not await known(services, video)
    assert await deliver(services, ready) == (200, "gone")
    assert not await known(services, video)


async def test_a_run_to_be_tried_again_is_no_success(services: MemoryServices) -> None:
    await a_video(services)
    services.converter.problem = RunFailed("too_slow")
    status, _ = await deliver(services, published(services, "video.ready"))
    assert status == 503
    services.converter.problem = None
    assert await deliver(services, published(services, "video.ready")) == (200, "ready")


async def test_a_purge_that_cannot_be_carried_out_comes_again(services: MemoryServices) -> None:
    video = await a_video(services)
    await deliver(services, published(services, "video.ready"))
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    services.derived_objects.unavailable = True
    assert (await deliver(services, published(services, "video.purged")))[0] == 503
    assert services.derived_objects.objects
    services.derived_objects.unavailable = False
    assert (await deliver(services, published(services, "video.purged")))[0] == 200
    assert services.derived_objects.objects == {}
    assert not await known(services, video)


GOOD = {"event_id": "e", "type": "video.ready", "uid": "ada", "file_id": "f1", "filename": "a.mp4", "generation": "7"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "video.deleted"},
        {"type": "audio.ready"},
        {"uid": ""},
        {"file_id": None},
        {"file_id": "../x"},
        {"type": "video.purged", "file_id": "a/b"},
        {"generation": "x"},
        {"generation": "٣"},
        {"generation": "9" * 20},
        {"filename": "a/b"},
        {"filename": None},
        {"request": "1"},
        {"request": -1},
    ],
)
async def test_what_orders_nothing_is_taken_off_the_queue(services: MemoryServices, wrong: dict[str, Any]) -> None:
    assert await deliver(services, GOOD | wrong) == (200, "ignored")
    assert services.converter.examined == 0


async def test_a_message_about_a_file_that_never_was_leaves_nothing(services: MemoryServices) -> None:
    assert await deliver(services, GOOD) == (200, "gone")
    assert await services.derived_media.get("ada", "f1") == {}
