"""Lists, deletion (video storage) and the trash."""

from __future__ import annotations

import pytest

from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.memory_services import BOB, MemoryServices


async def delete(api: ApiClient, filename: str) -> dict[str, object]:
    answer = await api.request("DELETE", "/delete-file", json={"filename": filename})
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


async def test_deleting_answers_as_video_storage_did(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    await services.add_video("b.mp4", 20)
    await delete(api, "b.mp4")
    assert await delete(api, "a.mp4") == {
        "message": "File deleted successfully",
        "email": "ada@example.org",
        "file_deleted": "a.mp4",
        "file_size": 300,
        "timestamp": "2026-11-03T12:00:00.123Z",
        "date": "2026-11-03",
        "updated_deletion_volume": 320,
        "total_deletion_count": 2,
        "file_id": "id-1",
        "purge_at": "2026-12-03T12:00:00.123Z",
    }


@pytest.mark.parametrize("content", [b"", b"{}", b'{"filename": null}', b'{"filename": ""}'])
async def test_deleting_nothing(api: ApiClient, content: bytes) -> None:
    body = problem_of(await api.request("DELETE", "/delete-file", content=content), 400, "invalid_request")
    assert (body["error"], body["field"]) == ("No filename provided", "filename")


async def test_other_people_s_files_do_not_exist(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video("theirs.mp4", caller=BOB)
    await services.add_video("mine.mp4")
    answer = await api.request("DELETE", "/delete-file", json={"filename": "theirs.mp4"})
    assert problem_of(answer, 404, "file_not_found")["error"] == "File not found in user's storage"
    problem_of(await api.post(f"/trash/{video.file_id}/restore"), 404, "file_not_found")
    assert [f["filename"] for f in (await api.get("/files")).json()["files"]] == ["mine.mp4"]
    assert (await services.existing_account("bob")).stored == 100


async def test_files_are_listed_newest_first_in_pages(api: ApiClient, services: MemoryServices) -> None:
    for number in range(5):
        await services.add_video(f"{number}.mp4", 10)
        services.clock.advance(seconds=1)
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = (await api.get("/files", params=query)).json()
        assert len(page["files"]) <= 2
        seen += [file["filename"] for file in page["files"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["4.mp4", "3.mp4", "2.mp4", "1.mp4", "0.mp4"]
    first = page["files"][0]
    assert (first.pop("media")["state"], first.pop("audio")["state"]) == ("pending", "none")
    assert first | {"crc32c": "?"} == {
        "file_id": "id-1",
        "filename": "0.mp4",
        "size": 10,
        "content_type": "video/mp4",
        "state": "ready",
        "object": "ada/id-1/0.mp4",
        "generation": "1",
        "crc32c": "?",
        "title": None,
        "created_at": "2026-11-03T12:00:00.123Z",
        "uploaded_at": "2026-11-03T12:00:00.123Z",
        "deleted_at": None,
        "purge_at": None,
        "id": "id-1",
        "user_id": "ada",
        "filepath": "ada/id-1/0.mp4",
        "size_mb": 0.00001,
    }


@pytest.mark.parametrize("path", ["/files", "/trash", "/v1/uploads", "/storage-status", "/v1/usage/entries"])
async def test_bad_pages_are_refused(api: ApiClient, services: MemoryServices, path: str) -> None:
    for number in range(3):
        await services.add_video(f"{number}.mp4", 1, caller=BOB)
    async with ApiClient(services, "bob") as bob:
        theirs = (await bob.get("/files?limit=1")).json()["next_cursor"]
    for limit in ["0", "-1", "1001", "x", "1.5", "", "²", "9" * 40]:
        assert wrong_fields(problem_of(await api.get(path, params={"limit": limit}), 400, "invalid_request")) == ["limit"]
    for cursor in ["x", "e30", "W10", "😀", theirs]:
        assert wrong_fields(problem_of(await api.get(path, params={"cursor": cursor}), 400, "invalid_request")) == ["cursor"]


async def test_the_trash_and_back(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video()
    await delete(api, "a.mp4")
    listed = (await api.get("/trash")).json()
    (trashed,) = listed["files"]
    assert (listed["trash_storage"], listed["trash_limit"]) == (100, 2000)
    assert (trashed["state"], trashed["deleted_at"]) == ("deleted", "2026-11-03T12:00:00.123Z")
    assert trashed["purge_at"] == "2026-12-03T12:00:00.123Z"
    assert (await api.get("/files")).json() == {"files": [], "next_cursor": None}

    restored = (await api.post(f"/trash/{video.file_id}/restore")).json()
    assert restored["message"] == "File restored successfully"
    assert (restored["file"]["state"], restored["file"]["deleted_at"], restored["file"]["purge_at"]) == ("ready", None, None)
    empty = {"files": [], "next_cursor": None, "trash_storage": 0, "trash_limit": 1900}
    assert (await api.get("/trash")).json() == empty
    problem_of(await api.post(f"/trash/{video.file_id}/restore"), 404, "file_not_found")


async def test_restoring_against_name_and_room(api: ApiClient, services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 600)
    await delete(api, "a.mp4")
    await services.add_video("a.mp4", 100)
    problem_of(await api.post(f"/trash/{video.file_id}/restore"), 409, "name_taken")
    await delete(api, "a.mp4")
    await services.add_video("b.mp4", 500)
    refused = problem_of(await api.post(f"/trash/{video.file_id}/restore"), 403, "storage_limit_exceeded")
    assert (refused["used"], refused["requested"]) == (500, 600)
