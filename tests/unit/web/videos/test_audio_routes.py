"""A file's sound and pictures over the API: what is shown, how it is asked for, what a download costs."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from reelgate.domain.books.instants import rfc3339
from reelgate.domain.media.audio import Audio
from reelgate.domain.media.conversion import CannotConvert, Reason, RunFailed
from reelgate.domain.media.reasons import in_words
from reelgate.domain.usage.egress_tags import PARAMETER
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.videos.delete_video import delete_video, purge_video, restore_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.conversions import a_converted_video, a_video, killed_run, order
from tests.fixtures.memory_services import ADA, CONVERSION, POLICY, MemoryServices
from tests.fixtures.store_calls import StoreCalls


async def streamed(services: MemoryServices) -> int:
    return (await services.existing_account()).today.streamed


async def test_one_file_shows_what_is_known_and_its_poster(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    body = (await api.get("/files/a.mp4")).json()
    assert body["media"]["facts"] == {
        "container": "mp4",
        "duration_seconds": 10.0,
        "video_codec": "h264",
        "width": 640,
        "height": 360,
        "rotation": 0,
        "mirrored": False,
        "frame_rate": 24.0,
        "audio_codec": "aac",
        "sample_rate": 44_100,
        "channels": 1,
        "truncated": False,
    }
    assert (body["media"]["state"], body["media"]["poster"]) == ("done", "ready")
    poster = urlsplit(body["media"]["poster_url"])
    assert poster.path == f"/derived/ada/{video.file_id}/{video.generation}/poster.jpg"
    assert body["audio"] == {
        "state": "ready",
        "progress_percent": 100,
        "reason": None,
        "attempts": 1,
        "size": 100,
        "duration_seconds": 10.0,
        "ready_at": "2026-11-03T12:00:00.123Z",
    }


async def test_a_file_that_ends_too_early_is_shown_as_it_is(api: ApiClient, services: MemoryServices) -> None:
    services.converter.truncated, services.converter.media_seconds = True, 6.0
    await a_converted_video(services)
    body = (await api.get("/files/a.mp4")).json()
    assert (body["media"]["facts"]["truncated"], body["media"]["facts"]["duration_seconds"]) == (True, 6.0)
    assert body["audio"]["state"] == "ready"


async def test_a_page_of_files_is_one_read_and_gives_no_urls_away(api: ApiClient, services: MemoryServices) -> None:
    for name in ("a.mp4", "b.mp4"):
        await a_converted_video(services, name)
    await services.add_video("new.mp4", 10)
    reads: list[int] = []
    get = services.media_store.get

    async def counted(*addresses: object) -> object:
        reads.append(len(addresses))
        return await get(*addresses)  # type: ignore[arg-type]

    services.media_store.get = counted  # type: ignore[assignment, method-assign]
    signed = len(services.signer.signed)
    files = (await api.get("/files")).json()["files"]
    states = {file["filename"]: (file["media"]["state"], file["audio"]["state"]) for file in files}
    assert states == {"a.mp4": ("done", "ready"), "b.mp4": ("done", "ready"), "new.mp4": ("pending", "none")}
    assert [file["media"]["poster_url"] for file in files] == [None, None, None]
    assert (reads, len(services.signer.signed)) == ([3], signed)
    assert (await api.get("/files", params={"limit": 1})).status_code == 200


async def test_a_file_is_shown_without_its_poster_when_nobody_can_sign(api: ApiClient, services: MemoryServices) -> None:
    await a_converted_video(services)
    services.signer.unavailable = True
    body = (await api.get("/files/a.mp4")).json()
    assert (body["media"]["poster"], body["media"]["poster_url"]) == ("ready", None)


async def test_progress_is_visible(api: ApiClient, services: MemoryServices) -> None:
    video = await a_video(services)
    await killed_run(services, video)
    assert (await api.get("/files/a.mp4")).json()["audio"]["state"] == "running"
    body = problem_of(await api.get("/download", params={"fid": video.file_id}), 409, "audio_not_ready")
    assert body["state"] == "running"
    assert f"GET /v1/videos/{video.file_id}" in body["hint"]


async def test_asking_by_hand(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, automatic=False)
    video = await a_video(services)
    await convert_video(services, order(video))
    waiting = problem_of(await api.get("/download", params={"fid": video.file_id}), 409, "audio_not_ready")
    assert waiting["state"] == "none"
    assert f"POST /v1/videos/{video.file_id}/audio" in waiting["hint"]
    asked = await api.post("/files/a.mp4/audio")
    assert (asked.status_code, asked.json()["audio"]["state"], asked.json()["file_id"]) == (202, "queued", video.file_id)
    await convert_video(services, order(video, request=1))
    again = await api.post("/files/a.mp4/audio")
    assert (again.status_code, again.json()["audio"]["state"]) == (200, "ready")


async def test_asking_for_what_cannot_be(api: ApiClient, services: MemoryServices) -> None:
    video = await a_video(services)
    services.converter.problem = CannotConvert("no_audio_track")
    await convert_video(services, order(video))
    assert problem_of(await api.post("/files/a.mp4/audio"), 409, "audio_impossible")["reason"] == "no_audio_track"
    not_there = problem_of(await api.get("/download", params={"fid": video.file_id}), 409, "audio_not_ready")
    assert (not_there["state"], not_there["reason"]) == ("skipped", "no_audio_track")
    problem_of(await api.post("/files/b.mp4/audio"), 404, "file_not_found")


async def test_a_failure_shows_and_can_be_tried_again(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, attempts=1)
    video = await a_video(services)
    services.converter.problem = RunFailed("too_slow")
    await convert_video(services, order(video))
    assert (await api.get("/files/a.mp4")).json()["audio"]["reason"] == "too_slow"
    assert (await api.post("/files/a.mp4/audio")).status_code == 202


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_download_redirects_to_the_mp3_under_the_file_s_name(
    api: ApiClient, services: MemoryServices, method: str
) -> None:
    video = await a_converted_video(services, "Über uns.final.mp4")
    answer = await api.request(method, "/download", params={"fid": video.file_id})
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (302, b"", "no-store")
    signed = services.signer.signed[-1]
    assert (signed.method, signed.bucket) == (method, "derived")
    assert signed.object_name == f"ada/{video.file_id}/{video.generation}/audio.mp3"
    assert signed.query[PARAMETER].startswith(f"audio:{video.file_id}:")
    disposition = parse_qs(urlsplit(answer.headers["location"]).query)["response-content-disposition"][0]
    assert disposition.startswith('attachment; filename="Uber uns.final.mp3"')


async def test_a_client_that_asks_for_json_gets_the_url_in_it(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    answer = await api.get("/download", params={"fid": video.file_id}, headers={"Accept": "application/json"})
    body = answer.json()
    assert body.pop("url").startswith("https://storage.example/derived/ada/")
    assert body == {
        "method": "GET",
        "expires_at": rfc3339(StreamWindow.of(video.file_id, services.now(), seconds=3600).expires_at),
        "file_id": video.file_id,
        "filename": "a.mp3",
        "size": 100,
        "content_type": "audio/mpeg",
        "duration_seconds": 10.0,
    }


async def test_it_costs_the_mp3_s_size_once_per_window(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    where = {"params": {"fid": video.file_id}}
    await api.head("/download", **where)
    assert await streamed(services) == 0
    for _ in range(3):
        await api.get("/download", **where)
    assert await streamed(services) == 100
    await api.get("/download/disk/a.mp4")  # the video in the same window is another transfer
    assert await streamed(services) == 300
    for _ in range(2):
        await api.get("/download", headers={"Accept": "application/json"}, **where)
    assert await streamed(services) == 300
    entry = (await services.entries())[-2]
    assert (entry.kind, entry.size, entry.delta.streamed, entry.filename) == ("stream", 100, 100, "a.mp4")


async def test_its_record_is_read_beside_the_video(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    records, books = StoreCalls(services.media_store), StoreCalls(services.books_store)
    first = await api.get("/download", params={"fid": video.file_id})
    assert (records.take(), books.take()) == ([("get", 1)], [("get", 2), ("commit", 3)])  # account, entry, audit document
    again = await api.get("/download", params={"fid": video.file_id})
    assert (records.take(), books.take()) == ([("get", 1)], [("get", 2)])
    assert again.headers["location"] == first.headers["location"]


async def test_a_poster_has_the_same_url_during_a_window(api: ApiClient, services: MemoryServices) -> None:
    await a_converted_video(services)
    window = [(await api.get("/files/a.mp4")).json()["media"]["poster_url"] for _ in range(2)]
    services.clock.advance(seconds=services.policy.stream_url_seconds)
    assert window[0] == window[1] != (await api.get("/files/a.mp4")).json()["media"]["poster_url"]


async def test_over_the_day_there_is_none(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    await services.add_video("large.mp4", 800)
    services.policy = replace(POLICY, default_limits=replace(POLICY.default_limits, daily_bytes=1050))
    where = {"params": {"fid": video.file_id}, "headers": {"Accept": "application/json"}}
    body = problem_of(await api.get("/download", **where), 403, "bandwidth_limit_exceeded")
    assert (body["requested"], body["used"]) == (100, 1000)


async def test_missing_foreign_and_impossible_ids(api: ApiClient, bob: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    assert problem_of(await api.get("/download"), 400, "invalid_request")["field"] == "fid"
    assert problem_of(await api.get("/download", params={"fid": ""}), 400, "invalid_request")["field"] == "fid"
    for fid in ("unknown", "../etc", "a/b", "x" * 100):
        problem_of(await api.get("/download", params={"fid": fid}), 404, "file_not_found")
    problem_of(await bob.get("/download", params={"fid": video.file_id}), 404, "file_not_found")
    problem_of(await bob.post("/files/a.mp4/audio"), 404, "user_storage_not_found")
    assert await streamed(services) == 0


async def test_a_file_of_before_there_were_mp3s_is_found_too(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video()
    body = problem_of(await api.get("/download", params={"fid": video.file_id}), 409, "audio_not_ready")
    assert body["state"] == "none"


async def test_trash_hides_it_a_restore_brings_it_back_a_namesake_is_another(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    where = {"params": {"fid": video.file_id}}
    await delete_video(services, ADA, by_name("a.mp4"))
    problem_of(await api.get("/download", **where), 404, "file_not_found")
    await restore_video(services, ADA, video.file_id)
    assert (await api.get("/download", **where)).status_code == 302
    await delete_video(services, ADA, by_name("a.mp4"))
    await services.add_video("a.mp4", 10)
    problem_of(await api.get("/download", **where), 404, "file_not_found")
    await purge_video(services, "ada", video.file_id)
    problem_of(await api.get("/download", **where), 404, "file_not_found")


async def test_a_url_that_cannot_be_signed_costs_nothing(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    services.signer.unavailable = True
    problem_of(await api.get("/download", params={"fid": video.file_id}), 503, "unavailable")
    assert await streamed(services) == 0


async def test_a_day_that_is_used_up_says_when_it_ends(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = replace(CONVERSION, day_seconds=CONVERSION.deadline_seconds)
    await a_converted_video(services)
    video = await a_video(services, "b.mp4")
    assert await convert_video(services, order(video)) == "failed"
    shown = (await api.get(f"/v1/videos/{video.file_id}")).json()["audio"]
    assert (shown["reason"], shown["retry_at"]) == ("day_used_up", "2026-11-04T00:00:00Z")
    assert shown["detail"] == (
        "Too many of your files were converted today. It can be requested again from 2026-11-04 00:00 UTC on."
    )
    refused = problem_of(await api.post(f"/v1/videos/{video.file_id}/audio"), 429, "too_many_conversions")
    assert (refused["retry_at"], refused["detail"]) == ("2026-11-04T00:00:00.000Z", shown["detail"])
    assert "retry_at" in problem_of(await api.get(f"/v1/videos/{video.file_id}/audio-url"), 409, "audio_not_ready")["hint"]
    problem_of(await api.post("/files/b.mp4/audio"), 429, "too_many_conversions")
    services.clock.advance(seconds=86_400)
    assert (await api.post(f"/v1/videos/{video.file_id}/audio")).status_code == 202


@pytest.mark.parametrize("reason", get_args(Reason))
async def test_every_reason_has_a_sentence(reason: Reason) -> None:
    sentence = in_words(Audio(state="failed", reason=reason))
    assert sentence is not None
    assert sentence.endswith(".")
    assert "_" not in sentence
    assert in_words(Audio()) is None
