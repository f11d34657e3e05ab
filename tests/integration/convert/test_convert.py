"""Real videos through the real converter, from one bucket into the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from reelgate.adapters.pyav.process import process as process_module
from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.use_cases.media.conversion.convert_video import convert_video, remove_derived
from reelgate.use_cases.media.conversion.hold_lease import Order
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.media_files import decoded_seconds, make_media
from tests.fixtures.memory_services import ADA, CONVERSION
from tests.integration.convert.conftest import ConvertingServices


def order(video: Video) -> Order:
    return Order(id="order", uid=video.uid, file_id=video.file_id, filename=video.filename, generation=video.generation)


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm", "matroska", "avi", "mpegts"])
async def test_a_video_of_any_kind(services: ConvertingServices, kind: str) -> None:
    video = await services.store("a.mp4", make_media(kind, seconds=3))
    assert await convert_video(services, order(video)) == "ready"
    record = (await services.derived_media.get("ada", video.file_id))[video.file_id]
    assert record.facts is not None
    assert (record.facts.container, record.poster) == (kind, "ready")
    made = services.derived()
    assert made["audio.mp3"].headers["content-type"] == "audio/mpeg"
    assert len(made["audio.mp3"].content) == record.audio.size
    assert decoded_seconds(made["audio.mp3"].content) == pytest.approx(3, abs=0.2)
    assert made["poster.jpg"].headers["content-type"] == "image/jpeg"
    assert made["poster.jpg"].content.startswith(b"\xff\xd8\xff")


async def test_duplicates_at_once_and_later_make_one(services: ConvertingServices) -> None:
    video = await services.store("a.mp4", make_media(seconds=10))
    results = await asyncio.gather(*(convert_video(services, order(video)) for _ in range(4)), return_exceptions=True)
    assert results.count("ready") >= 1
    assert all(result == "ready" or isinstance(result, Unavailable) for result in results)
    before = services.http.get(f"/storage/v1/b/{services.derived_bucket}/o").json()["items"]
    assert await convert_video(services, order(video)) == "ready"
    after = services.http.get(f"/storage/v1/b/{services.derived_bucket}/o").json()["items"]
    assert [item["generation"] for item in after] == [item["generation"] for item in before]
    assert await convert_video(services, order(video)) == "ready"
    announced = [message.event_id for message in services.events.published if message.type == "audio.ready"]
    assert announced == [f"audio.ready:{video.file_id}:{video.generation}"] * 2  # once more for the first repetition


async def test_a_converter_that_is_killed_in_the_middle_leaves_nothing_and_the_next_one_makes_it(
    services: ConvertingServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.conversion = replace(CONVERSION, attempts=3)
    video = await services.store("a.mp4", make_media(seconds=30))
    start, started = process_module._start, 0

    async def start_and_kill() -> object:
        nonlocal started
        started += 1
        made = await start()
        if started == 2:  # the one that extracts
            read = services.media_ranges.read

            async def read_and_kill(*args: object, **more: object) -> bytes:
                made[0].kill()
                monkeypatch.setattr(services.media_ranges, "read", read)
                return await read(*args, **more)  # type: ignore[arg-type]

            monkeypatch.setattr(services.media_ranges, "read", read_and_kill)
        return made

    monkeypatch.setattr(process_module, "_start", start_and_kill)
    with pytest.raises(Unavailable):
        await convert_video(services, order(video))
    assert services.derived().keys() == {"poster.jpg"}
    assert await convert_video(services, order(video)) == "ready"
    record = (await services.derived_media.get("ada", video.file_id))[video.file_id]
    assert (record.attempts, started) == (2, 3)  # examined once, extracted twice
    assert decoded_seconds(services.derived()["audio.mp3"].content) == pytest.approx(30, abs=0.2)


async def test_an_object_that_is_gone_is_no_success(services: ConvertingServices) -> None:
    video = await services.store("a.mp4", make_media())
    services.http.delete(f"/storage/v1/b/{services.bucket}/o/{video.object_name.replace('/', '%2F')}")
    with pytest.raises(Unavailable, match="no longer exists"):
        await convert_video(services, order(video))
    assert services.derived() == {}


async def test_a_purge_removes_what_was_derived_and_nothing_else(services: ConvertingServices) -> None:
    first, second = await services.store("a.mp4", make_media()), await services.store("b.mp4", make_media(seconds=1))
    for video in (first, second):
        assert await convert_video(services, order(video)) == "ready"
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", first.file_id)
    for _ in range(2):
        await remove_derived(services, "ada", first.file_id)
    items = services.http.get(f"/storage/v1/b/{services.derived_bucket}/o").json()["items"]
    assert {item["name"].split("/")[1] for item in items} == {second.file_id}


async def test_a_bucket_that_does_not_answer_is_asked_later(services: ConvertingServices) -> None:
    video = await services.store("a.mp4", make_media())
    services.media_ranges._bucket = services.client.bucket("no-such-bucket")  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        await convert_video(services, order(video))
    record = (await services.derived_media.get("ada", video.file_id))[video.file_id]
    assert record.lease is None
