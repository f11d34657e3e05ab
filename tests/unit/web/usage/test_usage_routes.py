"""`/storage-status` (video storage) and `/api/usage` (usage monitoring): exactly their fields."""

from __future__ import annotations

import json

import pytest

from reelgate.domain.books.video import Video
from reelgate.ports.books import Page
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices


async def test_the_status_of_nobody_yet(api: ApiClient, services: MemoryServices) -> None:
    assert (await api.get("/storage-status")).json() == {
        "total_storage": 1000,
        "used_storage": 0,
        "storage_percentage": 0.0,
        "reserved_storage": 0,
        "available_storage": 1000,
        "trash_storage": 0,
        "trash_limit": 2000,
        "files": [],
        "next_cursor": None,
    }
    assert await services.account() is None


async def test_the_status_of_an_empty_storage_asks_for_no_files(
    api: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand new users at once wait for one answer each, not for two."""
    await services.grant("a.mp4", 200)
    asked: list[str] = []
    videos = services.books.videos

    async def counted(uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        asked.append(uid)
        return await videos(uid, limit=limit, cursor=cursor)

    monkeypatch.setattr(services.books, "videos", counted)
    assert (await api.get("/storage-status")).json()["files"] == asked == []
    problem_of(await api.get("/storage-status", params={"limit": "x"}), 400, "invalid_request")
    problem_of(await api.get("/storage-status", params={"cursor": "x"}), 400, "invalid_request")
    await services.add_video("b.mp4", 10)
    asked.clear()
    assert len((await api.get("/storage-status")).json()["files"]) == len(asked) == 1


async def test_the_status_shows_files_and_what_is_promised(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 333)
    await services.grant("b.mp4", 200)
    body = (await api.get("/storage-status")).json()
    assert (body["used_storage"], body["storage_percentage"]) == (333, 33.3)
    assert (body["reserved_storage"], body["available_storage"]) == (200, 467)
    assert [(file["filename"], file["size"]) for file in body["files"]] == [("a.mp4", 333)]


async def test_asking_for_the_day(api: ApiClient, services: MemoryServices) -> None:
    allowed = await api.post("/api/usage/check-upload-bandwidth", json={"file_size": 2000})
    assert (allowed.status_code, allowed.json()) == (200, {"allowed": True, "message": "Upload permitted"})
    refused = await api.post("/api/usage/check-upload-bandwidth", json={"file_size": 2001})
    body = problem_of(refused, 400, "bandwidth_limit_exceeded")
    assert (body["allowed"], body["message"], body["error"]) == (False, *["Daily bandwidth limit exceeded"] * 2)
    assert [body[n] for n in ("limit", "used", "reserved", "requested")] == [2000, 0, 0, 2001]
    assert await services.account() is None


@pytest.mark.parametrize("path", ["check-upload-bandwidth", "log-upload", "log-deletion"])
@pytest.mark.parametrize("size", [None, 0, -5, "5", 1.5, True, [], 2**53])
async def test_impossible_sizes(api: ApiClient, path: str, size: object) -> None:
    answer = await api.post(f"/api/usage/{path}", json={"file_name": "a.mp4", "file_size": size})
    assert problem_of(answer, 400, "invalid_request")["field"] == "file_size"


async def test_reporting_an_upload(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 50)
    answer = await api.post("/api/usage/log-upload", json={"file_name": "e.mp4", "file_size": 300})
    at = "2026-11-03T12:00:00.123Z"
    assert answer.json() == {
        "email": "ada@example.org",
        "date": "2026-11-03",
        "total_upload_volume": 350,
        "uploads": [
            {"file_name": "e.mp4", "file_size": 300, "file_id": None, "uploaded_at": at, "reported": True},
            {"file_name": "a.mp4", "file_size": 50, "file_id": "id-1", "uploaded_at": at, "reported": False},
        ],
    }
    refused = await api.post("/api/usage/log-upload", json={"file_name": "f.mp4", "file_size": 1651})
    assert problem_of(refused, 400, "bandwidth_limit_exceeded")["error"] == "Daily bandwidth limit exceeded"
    assert (await services.existing_account()).today.uploaded == 350


async def test_reporting_a_deletion(api: ApiClient) -> None:
    for _ in range(2):
        answer = await api.post(
            "/api/usage/log-deletion", json={"file_name": "e.mp4", "file_size": 70}, headers={"Idempotency-Key": "k"}
        )
        assert answer.json() == {
            "email": "ada@example.org",
            "file_deleted": "e.mp4",
            "file_size": 70,
            "updated_deletion_volume": 70,
            "total_deletion_count": 1,
        }


@pytest.mark.parametrize(
    ("path", "status", "code"), [("log-upload", 400, "bandwidth_limit_exceeded"), ("log-deletion", 413, "too_large")]
)
async def test_reports_of_what_no_file_can_be(
    api: ApiClient, services: MemoryServices, path: str, status: int, code: str
) -> None:
    answer = await api.post(f"/api/usage/{path}", json={"file_name": "e.mp4", "file_size": 2**53 - 1})
    problem_of(answer, status, code)
    assert await services.account() is None


async def test_the_alerts_of_the_day(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 900)
    calm = (await api.get("/api/usage/check-usage-alerts")).json()
    assert calm["bandwidth_checks"] == {"bandwidth_limit_approaching": False, "bandwidth_limit_exceeded": False}
    await api.get("/stream/direct/a.mp4")
    assert (await api.get("/api/usage/check-usage-alerts")).json() == {
        "total_bandwidth_used": 1800,
        "bandwidth_total_limit": 2000,
        "bandwidth_percentage_used": 90.0,
        "bandwidth_checks": {"bandwidth_limit_approaching": True, "bandwidth_limit_exceeded": False},
        "alerts_today": ["bandwidth:80", "storage:80"],
    }


async def test_the_summary_of_the_day(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    await services.grant("open.mp4", 100)
    await api.get("/stream/direct/a.mp4")
    await api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})
    body = (await api.get("/api/usage/daily-summary")).json()
    (upload,) = body.pop("uploads")
    assert upload["file_name"] == "a.mp4"
    assert body == {
        "email": "ada@example.org",
        "date": "2026-11-03",
        "total_bandwidth_limit": 2000,
        "total_data_bandwidth_used": 600,
        "remaining_bandwidth": 1300,
        "bandwidth_percentage_consumed": 30.0,
        "upload_count": 1,
        "uploaded": 300,
        "streamed": 300,
        "reserved": 100,
        "deleted_volume": 300,
        "deletion_count": 1,
    }


async def test_the_ledger_tells_every_movement(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    await api.get("/stream/video/a.mp4")
    await api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})
    page = (await api.get("/v1/usage/entries?limit=3")).json()
    older = (await api.get("/v1/usage/entries", params={"cursor": page["next_cursor"]})).json()
    entries = page["items"] + older["items"]
    assert older["next_cursor"] is None
    moves = [(e["kind"], e["sequence"], e["stored"], e["reserved"], e["uploaded"], e["streamed"]) for e in entries]
    assert moves == [
        ("delete", 4, -300, 0, 0, 0),
        ("stream", 3, 0, 0, 0, 300),
        ("commit", 2, 300, -300, 300, 0),
        ("reserve", 1, 0, 300, 0, 0),
    ]


async def test_a_reset_by_an_admin(api: ApiClient, admin: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    refused = problem_of(await api.post("/api/usage/reset-daily"), 403, "forbidden")
    assert refused["error"] == "Forbidden"
    assert (await services.existing_account()).today.uploaded == 300
    answer = await admin.post("/api/usage/reset-daily", json={"user_id": "ada"})
    assert answer.json() == {"message": "Daily usage successfully reset."}
    account = await services.existing_account()
    assert (account.today.uploaded, account.stored) == (0, 300)
    assert (await services.entries())[-1].reason == "by an admin"


async def test_a_reset_without_a_user_is_the_admin_s_own(admin: ApiClient, services: MemoryServices) -> None:
    problem_of(await admin.post("/api/usage/reset-daily"), 404, "user_storage_not_found")
    await admin.post("/api/usage/log-upload", json={"file_name": "e.mp4", "file_size": 9})
    assert (await admin.post("/api/usage/reset-daily", json={})).status_code == 200
    assert (await services.existing_account("root")).today.uploaded == 0


@pytest.mark.parametrize("user_id", ["", "a/b", ".", "..", "__x__", "u" * 129, 7, None, [], "a\x00", "\ud800"])
async def test_ids_that_nobody_has(admin: ApiClient, user_id: object) -> None:
    answer = await admin.post("/api/usage/reset-daily", content=json.dumps({"user_id": user_id}))
    assert problem_of(answer, 400, "invalid_request")["field"] == "user_id"
