"""Signed URLs for watching: what they are for, and what they cost."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from reelgate.domain import errors
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.issue_stream_url import Charge, issue_stream_url
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices


async def streamed(services: MemoryServices) -> int:
    return (await services.existing_account()).today.streamed


async def test_the_url_reads_the_video_for_as_long_as_it_says(services: MemoryServices) -> None:
    video = await services.add_video("Über uns.mp4")
    issued = await issue_stream_url(services, ADA, "Über uns.mp4", charge="per_request")
    signed = services.signer.signed[-1]
    assert (signed.method, signed.bucket, signed.object_name) == ("GET", "media", video.object_name)
    assert signed.expires_seconds == POLICY.stream_url_seconds
    assert (issued.expires_at - services.now()).total_seconds() == POLICY.stream_url_seconds
    assert dict(signed.query) == {}
    assert issued.url not in repr(issued)


async def test_a_download_is_saved_under_its_name(services: MemoryServices) -> None:
    await services.add_video("Über.mp4")
    issued = await issue_stream_url(services, ADA, "Über.mp4", charge="per_window", download=True)
    disposition = parse_qs(urlsplit(issued.url).query)["response-content-disposition"]
    assert disposition == ["attachment; filename=\"Uber.mp4\"; filename*=UTF-8''%C3%9Cber.mp4"]


@pytest.mark.parametrize(("charge", "cost"), [("per_request", 300), ("per_window", 100), ("nothing", 0)])
async def test_what_three_urls_cost(services: MemoryServices, charge: Charge, cost: int) -> None:
    await services.add_video()
    for _ in range(3):
        await issue_stream_url(services, ADA, "a.mp4", charge=charge)
    assert await streamed(services) == cost


async def test_a_window_ends_with_the_url_s_lifetime(services: MemoryServices) -> None:
    await services.add_video()
    await issue_stream_url(services, ADA, "a.mp4", charge="per_window")
    services.clock.advance(seconds=POLICY.stream_url_seconds)
    await issue_stream_url(services, ADA, "a.mp4", charge="per_window")
    assert await streamed(services) == 200


async def test_a_charged_window_lets_the_player_come_back_when_the_day_is_used_up(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 900)
    await issue_stream_url(services, ADA, "a.mp4", charge="per_window")
    await issue_stream_url(services, ADA, "a.mp4", charge="per_window")
    with pytest.raises(errors.BandwidthLimitExceeded) as refused:
        await issue_stream_url(services, ADA, "a.mp4", charge="per_request")
    assert (refused.value.used, refused.value.requested, refused.value.message) == (1800, 900, "Bandwidth limit exceeded")
    assert await streamed(services) == 900


async def test_many_ranges_at_once_are_one_charge(services: MemoryServices) -> None:
    await services.add_video()
    await asyncio.gather(*(issue_stream_url(services, ADA, "a.mp4", charge="per_window") for _ in range(10)))
    assert await streamed(services) == 100


async def test_racing_urls_never_pass_the_day(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 500)
    wanted = (issue_stream_url(services, ADA, "a.mp4", charge="per_request") for _ in range(8))
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    assert sum(isinstance(answer, errors.BandwidthLimitExceeded) for answer in answers) == 5
    assert (await services.existing_account()).today.used == 2000


@pytest.mark.parametrize("charge", ["per_request", "per_window", "nothing"])
async def test_only_one_s_own_finished_videos_can_be_watched(services: MemoryServices, charge: Charge) -> None:
    await services.add_video("mine.mp4")
    await services.add_video("gone.mp4")
    await delete_video(services, ADA, "gone.mp4")
    await services.grant("open.mp4")
    signed = len(services.signer.signed)
    with pytest.raises(errors.UserStorageNotFound):
        await issue_stream_url(services, BOB, "mine.mp4", charge=charge)
    await services.add_video("other.mp4", caller=BOB)
    for caller, name in [(BOB, "mine.mp4"), (ADA, "gone.mp4"), (ADA, "open.mp4"), (ADA, "never.mp4")]:
        with pytest.raises(errors.FileNotFound):
            await issue_stream_url(services, caller, name, charge=charge)
    assert await streamed(services) == 0
    assert len(services.signer.signed) == signed + 1  # bob's own upload


async def test_a_url_that_cannot_be_signed_costs_nothing(services: MemoryServices) -> None:
    await services.add_video()
    services.signer.unavailable = True
    with pytest.raises(errors.Unavailable):
        await issue_stream_url(services, ADA, "a.mp4", charge="per_request")
    assert await streamed(services) == 0


async def test_streaming_raises_the_day_s_alerts_once(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 400)
    for _ in range(4):
        await issue_stream_url(services, ADA, "a.mp4", charge="per_request")
    raised = [(m.data["kind"], m.data["threshold_percent"]) for m in services.events.published if m.topic == "alerts"]
    assert raised == [("bandwidth", 80), ("bandwidth", 100)]
