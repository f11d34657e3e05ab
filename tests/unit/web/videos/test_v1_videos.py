"""Version 1's videos: lists, posters, titles, the trash."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from reelgate.domain.books.video import Video
from reelgate.domain.media.conversion import LEASE
from reelgate.domain.media.derived_media import DerivedMedia, Lease
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.videos import empty_trash
from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.audit_trail import forget, trail
from tests.fixtures.conversions import a_video, order
from tests.fixtures.memory_services import BOB, MemoryServices


async def a_converted_video(services: MemoryServices, filename: str = "a.mp4") -> Video:
    video = await a_video(services, filename)
    await convert_video(services, order(video))
    return video


async def listed(api: ApiClient, path: str = "/v1/videos", **query: str) -> list[str]:
    answer = await api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return [item["filename"] for item in answer.json()["items"]]


async def test_a_new_video_as_lists_show_it(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 10, title="Our holiday")
    [item] = (await api.get("/v1/videos")).json()["items"]
    assert item == {
        "video_id": "id-1",
        "filename": "a.mp4",
        "title": "Our holiday",
        "size": 10,
        "content_type": "video/mp4",
        "type": "video",
        "state": "processing",
        "crc32c": item["crc32c"],
        "created_at": "2026-11-03T12:00:00.123456Z",
        "uploaded_at": "2026-11-03T12:00:00.123456Z",
        "deleted_at": None,
        "purge_at": None,
        "captions": [],
        "duration_seconds": None,
        "width": None,
        "height": None,
        "poster": None,
        "audio": {
            "state": "none",
            "progress_percent": 0,
            "reason": None,
            "detail": None,
            "retry_at": None,
            "size": None,
            "duration_seconds": None,
            "ready_at": None,
        },
        "playback": {
            "state": "none",
            "reason": None,
            "detail": None,
            "retry_at": None,
            "renditions": {"ready": [], "state": "none", "reason": None, "detail": None, "retry_at": None},
        },
        "media": {
            "state": "processing",
            "reason": None,
            "container": None,
            "video_codec": None,
            "audio_codec": None,
            "frame_rate": None,
            "rotation": None,
            "mirrored": None,
            "sample_rate": None,
            "channels": None,
            "truncated": False,
        },
    }
    assert (await api.get("/v1/videos/id-1")).json() == item


async def test_a_converted_video_is_the_same_alone_in_lists_and_in_the_trash(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    shown = (await api.get(f"/v1/videos/{video.file_id}")).json()
    assert (shown["state"], shown["media"]["state"], shown["audio"]["state"]) == ("ready", "ready", "ready")
    assert (shown["width"], shown["duration_seconds"]) == (shown["width"], shown["audio"]["duration_seconds"])
    assert urlsplit(shown["poster"]["url"]).path.endswith("/poster.jpg")
    assert shown["poster"]["expires_at"] > "2026-11-03T12"
    assert (await api.get("/v1/videos")).json()["items"] == [shown]
    await api.delete(f"/v1/videos/{video.file_id}")
    trashed = (await api.get(f"/v1/videos/{video.file_id}")).json()
    assert (trashed["state"], trashed["poster"]) == ("trashed", shown["poster"])
    assert trashed["deleted_at"] < trashed["purge_at"]
    assert (await api.get("/v1/trash")).json() == {
        "items": [trashed],
        "next_cursor": None,
        "trash": video.size,
        "trash_limit": 2000,
    }


async def test_with_a_remote_signer_a_page_signs_nothing_and_its_links_lead_to_posters(
    api: ApiClient, services: MemoryServices
) -> None:
    for n in range(3):
        await a_converted_video(services, f"{n}.mp4")
    services.signer.signs_locally, services.api_url = False, "http://api.example"
    services.signer.signed.clear()
    items = (await api.get("/v1/videos")).json()["items"]
    assert services.signer.signed == []
    links = [item["poster"]["url"] for item in items]
    assert len(set(links)) == 3
    async with ApiClient(services, None) as anyone:
        for link, item in zip(links, items, strict=True):
            answer = await anyone.get(link)
            assert answer.status_code == 302
            path = urlsplit(answer.headers["location"]).path
            assert path.startswith(f"/derived/ada/{item['video_id']}/")
            assert path.endswith("/poster.jpg")
            kept, _, seconds = answer.headers["cache-control"].partition(", max-age=")
            assert (kept, 0 < int(seconds) <= 7200) == ("private", True)
            assert (await anyone.head(link)).status_code == 302
    assert [signed.method for signed in services.signer.signed] == ["GET", "HEAD"] * 3


async def test_a_wrong_link_is_not_found_for_anybody(api: ApiClient, services: MemoryServices) -> None:
    video = await a_converted_video(services)
    for link in (f"ada/{video.file_id}/{'A' * 24}", f"bob/{video.file_id}/{'A' * 24}", "ada/x/y", f"%0A/x/{'A' * 24}"):
        problem_of(await api.get(f"/v1/posters/{link}"), 404, "poster_not_found")
    assert [action.action for action in trail(services) if action.outcome == "denied"] == []


async def test_search_sort_and_filters(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("b.mp4", 30, title="Été à Nîmes")
    services.clock.advance(seconds=1)
    await services.add_video("a.mp3", 20, content_type="audio/mpeg")
    services.clock.advance(seconds=1)
    await services.add_video("null.mp4", 10)
    assert await listed(api) == ["null.mp4", "a.mp3", "b.mp4"]
    assert await listed(api, sort="uploaded_at") == ["b.mp4", "a.mp3", "null.mp4"]
    assert await listed(api, sort="title") == ["a.mp3", "b.mp4", "null.mp4"]
    assert await listed(api, sort="-size") == ["b.mp4", "a.mp3", "null.mp4"]
    assert await listed(api, search="nimes ETE") == ["b.mp4"]
    assert await listed(api, search="null") == ["null.mp4"]
    assert await listed(api, search="") == ["null.mp4", "a.mp3", "b.mp4"]
    assert await listed(api, type="audio", state="processing") == ["a.mp3"]
    assert await listed(api, state="failed") == []


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"sort": "name"}, ["sort"]),
        ({"state": "trashed"}, ["state"]),
        ({"type": "VIDEO", "limit": "0"}, ["type", "limit"]),
        ({"search": "x" * 201}, ["search"]),
        ({"q": "x"}, ["q"]),
        ({"cursor": "x"}, ["cursor"]),
    ],
)
async def test_wrong_parameters_are_named(api: ApiClient, query: dict[str, str], fields: list[str]) -> None:
    problem = problem_of(await api.get("/v1/videos", params=query), 400, "invalid_request")
    assert sorted(wrong_fields(problem)) == sorted(fields)


async def test_a_cursor_is_for_the_same_parameters(api: ApiClient, services: MemoryServices) -> None:
    for n in range(3):
        await services.add_video(f"{n}.mp4", 1)
    given = {"search": "mp4", "sort": "title", "limit": "1"}
    cursor = (await api.get("/v1/videos", params=given)).json()["next_cursor"]
    assert await listed(api, **given, cursor=cursor) == ["1.mp4"]
    for other in ({"search": "mp"}, {"sort": "-title"}, {"type": "video"}, {"state": "processing"}):
        problem_of(await api.get("/v1/videos", params={**given, **other, "cursor": cursor}), 400, "invalid_request")
    async with ApiClient(services, "bob") as bob:
        problem_of(await bob.get("/v1/videos", params={**given, "cursor": cursor}), 400, "invalid_request")


async def test_titles(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video()
    path = f"/v1/videos/{video.file_id}"
    assert (await api.patch(path, json={"title": "  Our holiday "})).json()["title"] == "Our holiday"
    assert (await api.patch(path, json={"title": None})).json()["title"] is None
    for body in ({}, {"title": 5}, {"title": ""}, {"title": "a\nb"}, {"title": "x" * 201}):
        assert wrong_fields(problem_of(await api.patch(path, json=body), 400, "invalid_request")) == ["title"]
    wrong = wrong_fields(problem_of(await api.patch(path, json={"title": 5, "filename": "b.mp4"}), 400, "invalid_request"))
    assert sorted(wrong) == ["filename", "title"]


async def test_deleting_restoring_and_purging_may_be_repeated(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video()
    path = f"/v1/videos/{video.file_id}"
    forget(services)
    for _ in range(2):
        assert (await api.delete(path)).status_code == 204
    for _ in range(2):
        assert (await api.post(f"{path}/restore")).json()["state"] == "processing"
    problem_of(await api.delete(f"/v1/trash/{video.file_id}"), 404, "video_not_found")
    await api.delete(path)
    for _ in range(2):
        assert (await api.delete(f"/v1/trash/{video.file_id}")).status_code == 204
    assert (await api.delete(path)).status_code == 204
    problem_of(await api.get(path), 404, "video_not_found")
    problem_of(await api.post(f"{path}/restore"), 404, "video_not_found")
    assert services.media.objects == {}
    done = [action.action for action in trail(services)]
    assert done == ["file.deleted", "file.restored", "file.deleted", "file.purged"]


async def test_restoring_against_name_and_room(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 600)
    await api.delete(f"/v1/videos/{video.file_id}")
    other = await services.add_video("a.mp4", 100)
    problem_of(await api.post(f"/v1/videos/{video.file_id}/restore"), 409, "name_taken")
    await api.delete(f"/v1/videos/{other.file_id}")
    await services.add_video("b.mp4", 500)
    refused = problem_of(await api.post(f"/v1/videos/{video.file_id}/restore"), 403, "storage_limit_exceeded")
    assert (refused["used"], refused["requested"]) == (500, 600)


async def test_emptying_the_trash(api: ApiClient, services: MemoryServices) -> None:
    kept = await services.add_video("kept.mp4", 1)
    for n in range(3):
        video = await services.add_video(f"{n}.mp4", 1)
        await api.delete(f"/v1/videos/{video.file_id}")
    forget(services)
    assert (await api.delete("/v1/trash")).json() == {"purged": 3, "complete": True}
    assert (await api.delete("/v1/trash")).json() == {"purged": 0, "complete": True}
    assert list(services.media.objects) == [kept.object_name]
    assert [action.action for action in trail(services)] == ["file.purged"] * 3


async def test_emptying_a_large_trash_takes_several_requests(
    api: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(empty_trash, "MAX_PURGED", 2)
    for n in range(3):
        video = await services.add_video(f"{n}.mp4", 1)
        await api.delete(f"/v1/videos/{video.file_id}")
    answers = [await api.delete("/v1/trash") for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (202, {"purged": 2, "complete": False}),
        (200, {"purged": 1, "complete": True}),
    ]


async def test_asking_for_an_mp3(api: ApiClient, services: MemoryServices) -> None:
    services.conversion = type(services.conversion)(automatic=False)
    video = await a_converted_video(services)
    path = f"/v1/videos/{video.file_id}/audio"
    asked = await api.post(path)
    assert (asked.status_code, asked.json()["audio"]["state"]) == (202, "queued")

    def taken(record: DerivedMedia | None) -> DerivedMedia | None:
        return record and replace(record, lease=Lease(holder="a run", until=services.now() + LEASE))

    await services.derived_media.change("ada", video.file_id, taken)
    again = await api.post(path)
    assert (again.status_code, again.json()["audio"]["state"]) == (202, "queued")
    services.clock.advance(seconds=LEASE.total_seconds() + 1)
    await convert_video(services, order(video, request=1))
    again = await api.post(path)
    assert (again.status_code, again.json()["audio"]["state"]) == (200, "ready")


async def test_other_people_s_videos_do_not_exist(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video("theirs.mp4", caller=BOB)
    path = f"/v1/videos/{video.file_id}"
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"title": "Mine"}),
        ("DELETE", path, None),
        ("POST", f"{path}/restore", None),
        ("POST", f"{path}/audio", None),
        ("DELETE", f"/v1/trash/{video.file_id}", None),
        ("GET", "/v1/videos/~", None),
        ("DELETE", "/v1/trash/no-such-id", None),
    ):
        problem_of(await api.request(method, where, json=body), 404, "video_not_found")
    assert await listed(api, search="theirs") == []
