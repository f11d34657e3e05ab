"""URLs of videos and MP3s by id: what they are, what they cost, and for whom there are none."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.use_cases.videos.delete_video import delete_video, restore_video
from reelgate.use_cases.videos.find_video import by_id
from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.conversions import a_converted_video
from tests.fixtures.memory_services import ADA, POLICY, MemoryServices
from tests.fixtures.store_calls import StoreCalls

KINDS = ["url", "audio-url"]


async def streamed(services: MemoryServices) -> int:
    return (await services.existing_account()).today.streamed


def end_of_window(services: MemoryServices, video_id: str) -> str:
    window = StreamWindow.of(video_id, services.now(), seconds=services.policy.stream_url_seconds)
    return window.expires_at.isoformat().replace("+00:00", "Z")


async def test_the_url_of_a_video(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 100)
    body = (await api.get(f"/v1/videos/{video.file_id}/url")).json()
    assert body.pop("url").startswith("https://storage.example/media/ada/id-1/a.mp4?")
    assert body == {
        "video_id": "id-1",
        "expires_at": end_of_window(services, "id-1"),
        "filename": "a.mp4",
        "size": 100,
        "content_type": "video/mp4",
    }


@pytest.mark.parametrize(("asked", "attached"), [("", False), ("?download=false", False), ("?download=true", True)])
async def test_a_download_is_saved_under_its_name(api: ApiClient, services: MemoryServices, asked: str, attached: bool) -> None:
    video = await services.add_video()
    url = (await api.get(f"/v1/videos/{video.file_id}/url{asked}")).json()["url"]
    query = parse_qs(urlsplit(url).query)
    assert (query["method"], "response-content-disposition" in query) == (["GET"], attached)


async def test_the_url_of_an_mp3(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    body = (await api.get(f"/v1/videos/{video.file_id}/audio-url")).json()
    assert body.pop("url").startswith("https://storage.example/derived/ada/")
    assert body == {
        "video_id": video.file_id,
        "expires_at": StreamWindow.of(video.file_id, services.now(), seconds=3600)
        .expires_at.isoformat()
        .replace("+00:00", "Z"),
        "filename": "a.mp3",
        "size": 100,
        "content_type": "audio/mpeg",
        "duration_seconds": 10.0,
    }


@pytest.mark.parametrize(("kind", "of_records"), [("url", []), ("audio-url", [("get", 1)])])
async def test_a_url_is_one_read_and_one_commit_and_a_repeated_one_is_one_read(
    api: ApiClient, services: MemoryServices, kind: str, of_records: list[tuple[str, int]]
) -> None:
    """Account and video; account, entry and audit document. And the record of the MP3, which is in another database."""
    video = await a_converted_video(services)
    services.events.log.clear()
    records, books = StoreCalls(services.media_store), StoreCalls(services.books_store)
    path = f"/v1/videos/{video.file_id}/{kind}"
    first = (await api.get(path)).json()
    assert (books.take(), records.take()) == ([("get", 2), ("commit", 3)], of_records)
    assert (await api.get(path)).json() == first
    assert (books.take(), records.take()) == ([("get", 2)], of_records)
    assert (await api.head(path)).status_code == 200
    assert (books.take(), records.take()) == ([("get", 2)], of_records)
    assert services.events.log == []


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_charged_once_in_its_window_and_head_never(api: ApiClient, services: MemoryServices, kind: str) -> None:
    video = await a_converted_video(services)
    path = f"/v1/videos/{video.file_id}/{kind}"
    await api.head(path)
    assert await streamed(services) == 0
    for _ in range(2):
        await api.get(path)
    size = (await api.get(path)).json()["size"]
    assert await streamed(services) == size
    services.clock.advance(seconds=services.policy.stream_url_seconds)
    await api.get(path)
    assert await streamed(services) == 2 * size


async def test_the_older_routes_give_the_same_url_at_the_same_charge(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    for path, older in (
        ("url", "/stream/direct/a.mp4"),
        ("url?download=true", "/download/disk/a.mp4"),
        ("audio-url", f"/download?fid={video.file_id}"),
    ):
        url = (await api.get(f"/v1/videos/{video.file_id}/{path}")).json()["url"]
        spent = await streamed(services)
        answer = await api.get(older)
        assert (answer.headers.get("location") or answer.json()["url"]) == url
        assert await streamed(services) == spent


async def test_the_id_stays_when_the_name_goes_to_another(api: ApiClient, services: MemoryServices) -> None:
    first = await services.add_video("a.mp4", 100)
    path = f"/v1/videos/{first.file_id}/url"
    url = (await api.get(path)).json()["url"]
    await delete_video(services, ADA, by_id(first.file_id))
    second = await services.add_video("a.mp4", 50)
    problem_of(await api.get(path), 404, "video_not_found")
    assert (await api.get(f"/v1/videos/{second.file_id}/url")).json()["size"] == 50
    await delete_video(services, ADA, by_id(second.file_id))
    await restore_video(services, ADA, first.file_id)
    assert (await api.get(path)).json()["url"] == url


@pytest.mark.parametrize("kind", KINDS)
async def test_others_trashed_unfinished_and_impossible_ids_are_not_found(
    api: ApiClient, bob: ApiClient, services: MemoryServices, kind: str
) -> None:
    video = await a_converted_video(services)
    granted = await services.grant("open.mp4", 10)
    problem_of(await bob.get(f"/v1/videos/{video.file_id}/{kind}"), 404, "video_not_found")
    for video_id in (granted.upload.upload_id, "never", "a%20b", "%00", "x" * 65):
        problem_of(await api.get(f"/v1/videos/{video_id}/{kind}"), 404, "video_not_found")
    await delete_video(services, ADA, by_id(video.file_id))
    problem_of(await api.get(f"/v1/videos/{video.file_id}/{kind}"), 404, "video_not_found")
    assert await streamed(services) == 0


async def test_an_mp3_that_does_not_exist_yet(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video()
    body = problem_of(await api.get(f"/v1/videos/{video.file_id}/audio-url"), 409, "audio_not_ready")
    assert (body["state"], await streamed(services)) == ("none", 0)


@pytest.mark.parametrize("kind", KINDS)
async def test_over_the_day_and_for_disabled_accounts_there_is_none(
    api: ApiClient, admin: ApiClient, services: MemoryServices, kind: str
) -> None:
    video = await a_converted_video(services)
    path = f"/v1/videos/{video.file_id}/{kind}"
    limits = replace(POLICY.default_limits, daily_bytes=video.size + 10)
    services.policy = replace(POLICY, default_limits=limits)
    problem_of(await api.get(path), 403, "bandwidth_limit_exceeded")
    assert (await api.head(path)).status_code == 200
    services.policy = POLICY
    await admin.patch("/admin/users/ada", json={"disabled": True})
    problem_of(await api.get(path), 403, "account_disabled")
    assert (await api.head(path)).status_code == 403
    assert await streamed(services) == 0


@pytest.mark.parametrize("query", ["download=maybe", "download=true&download=true", "downlod=true"])
async def test_wrong_parameters_are_named(api: ApiClient, services: MemoryServices, query: str) -> None:
    video = await services.add_video()
    refused = problem_of(await api.get(f"/v1/videos/{video.file_id}/url?{query}"), 400, "invalid_request")
    assert wrong_fields(refused) == [query.partition("=")[0]]
    problem_of(await api.get(f"/v1/videos/{video.file_id}/audio-url?{query}"), 400, "invalid_request")
    assert await streamed(services) == 0
