"""Requests that a video is prepared for playing in pieces."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import RunFailed
from reelgate.domain.media.packaging import CannotPackage
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.media.renditions.make_renditions import carry_out
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.conversions import a_video, order
from tests.fixtures.memory_services import CONVERSION, MemoryServices


def orders(services: MemoryServices) -> list[str]:
    found = [message for message in services.events.published if message.topic == "videos" and message.type == "hls.requested"]
    return [message.event_id for message in found]


async def test_by_hand(api: ApiClient, services: MemoryServices) -> None:
    video = await a_video(services)
    await convert_video(services, order(video))
    assert (await api.get(f"/v1/videos/{video.file_id}")).json()["playback"]["state"] == "none"
    asked = await api.post(f"/v1/videos/{video.file_id}/hls")
    assert (asked.status_code, asked.json()["playback"]["state"], asked.json()["state"]) == (202, "queued", "processing")
    assert orders(services) == [f"hls.requested:{video.file_id}:{video.generation}:1"]
    await convert_video(services, order(video, hls_request=1))
    again = await api.post(f"/v1/videos/{video.file_id}/hls")
    assert (again.status_code, again.json()["playback"]) == (
        200,
        {
            "state": "ready",
            "reason": None,
            "detail": None,
            "retry_at": None,
            "renditions": {
                "ready": [{"name": "v0", "width": 640, "height": 360, "size": 100}],
                "state": "none",
                "reason": None,
                "detail": None,
                "retry_at": None,
            },
        },
    )
    assert len(orders(services)) == 1


async def test_a_video_says_which_renditions_are_ready_and_why_there_are_no_more(
    api: ApiClient, services: MemoryServices
) -> None:
    services.conversion = replace(CONVERSION, hls="automatic", renditions=("240p",), shard_seconds=4)
    services.converter.shard_problem = CannotPackage("out_of_proportion")
    videos = [await a_video(services, "a.mp4"), await a_video(services, "b.mp4")]
    await carry_out(services, order(videos[0]))
    services.converter.shard_problem = None
    await carry_out(services, order(videos[1]))
    said = [(await api.get(f"/v1/videos/{video.file_id}")).json() for video in videos]
    refused, made = (one["playback"]["renditions"] for one in said)
    assert [one["state"] for one in said] == ["ready", "ready"]
    assert (refused["state"], refused["reason"], len(refused["ready"])) == ("skipped", "out_of_proportion", 1)
    assert refused["detail"] == "Smaller versions of this video would not be smaller than the video itself."
    assert (made["state"], made["ready"][1]) == ("ready", {"name": "v1", "width": 426, "height": 240, "size": 32})


async def test_the_order_is_repeated_after_a_minute_but_is_the_same(api: ApiClient, services: MemoryServices) -> None:
    video = await a_video(services)
    await convert_video(services, order(video))
    for _ in range(3):
        assert (await api.post(f"/v1/videos/{video.file_id}/hls")).status_code == 202
    assert len(orders(services)) == 1
    services.clock.advance(seconds=61)
    await api.post(f"/v1/videos/{video.file_id}/hls")
    assert set(orders(services)) == {f"hls.requested:{video.file_id}:{video.generation}:1"}


async def test_what_cannot_be_says_why(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, hls="automatic")
    services.converter.hls_problem = CannotPackage("codec")
    video = await a_video(services)
    await convert_video(services, order(video))
    shown = (await api.get(f"/v1/videos/{video.file_id}")).json()
    assert (shown["state"], shown["playback"]["state"], shown["playback"]["reason"]) == ("ready", "skipped", "codec")
    assert shown["playback"]["detail"] == "Browsers cannot play the format of this video in pieces."
    assert problem_of(await api.post(f"/v1/videos/{video.file_id}/hls"), 409, "not_packaged")["reason"] == "codec"
    assert orders(services) == []


async def test_a_deployment_that_packages_nothing_says_so(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, hls="off")
    video = await a_video(services)
    await convert_video(services, order(video))
    assert problem_of(await api.post(f"/v1/videos/{video.file_id}/hls"), 409, "not_packaged")["reason"] == "switched_off"


async def test_what_was_too_slow_can_be_requested_twice_more(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, hls="automatic", attempts=1)
    services.converter.hls_problem = RunFailed("too_slow")
    video = await a_video(services)
    await convert_video(services, order(video))
    for request in (1, 2):
        assert (await api.post(f"/v1/videos/{video.file_id}/hls")).status_code == 202
        await convert_video(services, order(video, hls_request=request))
    assert problem_of(await api.post(f"/v1/videos/{video.file_id}/hls"), 409, "not_packaged")["reason"] == "too_slow"


async def test_a_day_that_is_used_up_ends(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, hls="automatic", day_seconds=540)
    await convert_video(services, order(await a_video(services, "a.mp4")))
    video = await a_video(services, "b.mp4")
    await convert_video(services, order(video))
    problem = problem_of(await api.post(f"/v1/videos/{video.file_id}/hls"), 429, "too_many_conversions")
    shown = (await api.get(f"/v1/videos/{video.file_id}")).json()["playback"]
    assert (problem["retry_at"][:19], shown["reason"]) == (shown["retry_at"][:19], "day_used_up")
    services.clock.advance(seconds=timedelta(days=1).total_seconds())
    assert (await api.post(f"/v1/videos/{video.file_id}/hls")).status_code == 202
    await convert_video(services, order(video, hls_request=1))
    assert (await api.get(f"/v1/videos/{video.file_id}")).json()["playback"]["state"] == "ready"


async def test_records_that_cannot_be_written_lose_no_order(
    api: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = await a_video(services)
    await convert_video(services, order(video))

    async def refused(*_: object) -> None:
        raise Unavailable("The records are away.")

    monkeypatch.setattr(services.derived_media, "change", refused)
    asked = await api.post(f"/v1/videos/{video.file_id}/hls")
    assert (asked.status_code, asked.json()["playback"]["state"]) == (202, "queued")
    assert len(orders(services)) == 1
