"""One file, and its title (streaming backend)."""

from __future__ import annotations

import asyncio

import pytest

from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import ADA, BOB, MemoryServices


async def test_one_file_is_shown_as_in_the_list(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("Füße 1.mp4", 30, title="Zwei Füße")
    answer = await api.get("/files/Füße 1.mp4")
    assert answer.status_code == 200
    assert [answer.json()] == (await api.get("/files")).json()["files"]
    assert answer.json()["title"] == "Zwei Füße"
    assert (await api.head("/files/Füße 1.mp4")).status_code == 200


async def test_a_title_is_set_changed_and_removed(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video()
    for title, kept in [("First", "First"), (" Zwei Fu\u0308ße ", "Zwei Füße"), (None, None)]:
        answer = await api.patch("/files/a.mp4", json={"title": title})
        assert (answer.status_code, answer.json()["title"]) == (200, kept)
        assert (await api.get("/files/a.mp4")).json() == answer.json()
    assert await services.kinds() == ["reserve", "commit"]
    assert services.published() == ["video.ready"]


async def test_the_same_title_again_changes_nothing(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video()
    first = await api.patch("/files/a.mp4", json={"title": "T"})
    commits: list[object] = []
    services.books_store.before_commit = commits.append
    again = await api.patch("/files/a.mp4", json={"title": "T"})
    assert again.json() == first.json()
    assert commits == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": 7}, "title"),
        ({"title": "T", "filename": "b.mp4"}, "filename"),
        ({"Title": "T"}, "Title"),
    ],
)
async def test_impossible_titles(api: ApiClient, services: MemoryServices, body: dict[str, object], field: str) -> None:
    await services.add_video(title="Before")
    assert problem_of(await api.patch("/files/a.mp4", json=body), 400, "invalid_request")["field"] == field
    assert (await api.get("/files/a.mp4")).json()["title"] == "Before"


async def test_what_cannot_be_shown_or_titled(api: ApiClient, services: MemoryServices) -> None:
    title = {"title": "Mine now"}
    problem_of(await api.get("/files/a.mp4"), 404, "user_storage_not_found")
    problem_of(await api.patch("/files/a.mp4", json=title), 404, "user_storage_not_found")
    await services.add_video("theirs.mp4", caller=BOB)
    await services.add_video("deleted.mp4")
    await delete_video(services, ADA, by_name("deleted.mp4"))
    await services.grant("open.mp4")
    for name in ("theirs.mp4", "deleted.mp4", "open.mp4", "never.mp4"):
        problem_of(await api.get(f"/files/{name}"), 404, "file_not_found")
        problem_of(await api.patch(f"/files/{name}", json=title), 404, "file_not_found")
    problem_of(await api.get("/files/%20"), 400, "invalid_request")
    async with ApiClient(services, user="bob") as theirs:
        assert (await theirs.get("/files/theirs.mp4")).json()["title"] is None


async def test_a_title_and_a_deletion_at_once(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video()
    deletion = api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})
    titled, deleted = await asyncio.gather(api.patch("/files/a.mp4", json={"title": "T"}), deletion)
    assert deleted.status_code == 200
    assert titled.status_code in {200, 404}
    assert (await api.get("/files")).json()["files"] == []
    [trashed] = (await api.get("/trash")).json()["files"]
    assert (trashed["file_id"], trashed["title"]) == (video.file_id, "T" if titled.status_code == 200 else None)
