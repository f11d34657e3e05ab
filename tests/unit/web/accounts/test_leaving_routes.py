"""DELETE /v1/me, its twin for admins, and the export, over services in memory."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reelgate.domain.books.list_cursors import export_cursor
from reelgate.use_cases.personal_data.delete_user import FRESH_FOR
from reelgate.use_cases.personal_data.erase_user import resume_erasures
from reelgate.web.v1.accounts.export_routes import SHAPES
from tests.fixtures.api_client import ApiClient
from tests.fixtures.erased_user import EMAIL, FILENAME, UID, everything_about_grace, traces
from tests.fixtures.memory_services import MemoryServices


async def test_deleting_oneself_twice(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    for _ in range(2):
        answer = await api.delete("/v1/me")
        assert (answer.status_code, answer.content) == (204, b"")
    refused = await api.post("/upload", json={"filename": "b.mp4", "size": 1, "content_type": "video/mp4"})
    assert (refused.status_code, refused.json()["code"]) == (403, "account_deleted")


async def test_a_deleted_user_can_write_nothing(services: MemoryServices, api: ApiClient) -> None:
    assert (await api.delete("/v1/me")).status_code == 204
    refused = [
        await api.post("/v1/uploads", json={"filename": "b.mp4", "size": 1}),
        await api.post("/v1/me/api-keys", json={"label": "late", "scopes": ["read"]}),
        await api.patch("/v1/me", json={"mails": {"alerts": False}}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "account_deleted")] * 3


async def test_what_takes_longer_is_continued(services: MemoryServices) -> None:
    await everything_about_grace(services)
    remove = services.personal_objects.remove

    async def slow(uid: str) -> bool:
        services.clock.advance(minutes=1)
        return await remove(uid)

    services.personal_objects.remove = slow  # type: ignore[method-assign]
    requested_at = services.now()
    async with ApiClient(services, "grace") as grace:
        answer = await grace.delete("/v1/me")
        assert answer.status_code == 202
        assert answer.json()["state"] == "deleting"
        assert answer.json()["requested_at"].startswith(requested_at.strftime("%Y-%m-%dT%H:%M:%S"))
        assert (await resume_erasures(services, until=services.now() + timedelta(hours=1))).finished
        assert (await grace.delete("/v1/me")).status_code == 204
    assert traces(services) == []


async def test_an_old_sign_in_is_not_enough(services: MemoryServices, api: ApiClient) -> None:
    verified = await services.identity.inspect("ada")
    services.identity.issued["ada"] = verified
    services.clock.advance(seconds=FRESH_FOR.total_seconds() + 1)
    answer = await api.delete("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_too_old")
    assert "WWW-Authenticate" in answer.headers


async def test_an_admin_deletes_others_only(services: MemoryServices, admin: ApiClient) -> None:
    await everything_about_grace(services)
    assert (await admin.delete("/v1/me")).json()["code"] == "own_account"
    assert (await admin.delete("/v1/admin/users/root")).json()["code"] == "own_account"
    assert (await admin.delete("/v1/admin/users/nobody")).json()["code"] == "user_not_found"
    for _ in range(2):
        assert (await admin.delete(f"/v1/admin/users/{UID}")).status_code == 204
    assert traces(services) == []


async def test_users_delete_nobody(services: MemoryServices, api: ApiClient) -> None:
    await everything_about_grace(services)
    assert (await api.delete(f"/v1/admin/users/{UID}")).status_code == 403
    assert await services.erasures.find(UID, now=services.now()) is None


async def test_the_export_has_everything(services: MemoryServices) -> None:
    grace = await everything_about_grace(services)
    async with ApiClient(services, "grace") as client:
        export = (await client.get("/v1/me/export")).json()
    assert export["next_cursor"] is None
    assert (export["user"]["user_id"], export["user"]["email"]) == (UID, EMAIL)
    assert export["user"]["mails"]["alerts"] is False
    assert [(video["video_id"], video["filename"]) for video in export["videos"]] == [(grace.video.file_id, FILENAME)]
    assert [(video["filename"], video["deleted_at"] is None) for video in export["trash"]] == [("graces-cat.mp4", False)]
    assert len(export["uploads"]) == 3
    assert [day["date"] for day in export["days"]] == ["2026-11-03", "2026-11-04"]
    account = await services.existing_account(UID)
    assert len(export["entries"]) == account.sequence
    assert [key["label"] for key in export["api_keys"]] == ["graces-label"]
    assert export["deliveries"]
    assert {event["action"] for event in export["audit_events"]} >= {"login", "user.changed", "upload.granted"}
    text = str(export)
    assert grace.granted.upload.session_url is not None
    assert grace.granted.upload.session_url not in text
    assert "digest" not in text


@pytest.mark.parametrize("limit", [1, 2, 7])
async def test_the_pages_of_an_export_have_each_item_once(services: MemoryServices, limit: int) -> None:
    await everything_about_grace(services)
    async with ApiClient(services, "grace") as client:
        whole = (await client.get("/v1/me/export")).json()
        pages = [(await client.get(f"/v1/me/export?limit={limit}")).json()]
        while pages[-1]["next_cursor"] is not None:
            pages.append((await client.get(f"/v1/me/export?limit={limit}&cursor={pages[-1]['next_cursor']}")).json())
    assert [page["user"] is None for page in pages] == [False, *[True] * (len(pages) - 1)]
    for name in SHAPES:
        joined = [item for page in pages for item in page[name]]
        assert [item for item in joined if item.get("action") != "user.exported"] == whole[name]
    assert all(sum(len(page[name]) for name in SHAPES) <= limit for page in pages if not page["api_keys"])


async def test_an_export_is_recorded_once(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    cursor = (await api.get("/v1/me/export?limit=1")).json()["next_cursor"]
    while cursor is not None:
        cursor = (await api.get(f"/v1/me/export?limit=1&cursor={cursor}")).json()["next_cursor"]
    assert [message.type for message in services.events.published].count("user.exported") == 1


async def test_an_old_account_is_exported_in_bounded_ranges_of_days(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    services.clock.advance(days=800)
    export = (await api.get("/v1/me/export")).json()
    days = [date.fromisoformat(day["date"]) for day in export["days"]]
    assert days == [days[0] + timedelta(days=number) for number in range(801)]
    assert export["next_cursor"] is None
    few = (await api.get("/v1/me/export?limit=400")).json()
    assert len(few["days"]) == 399
    assert few["entries"] == []


async def test_a_cursor_of_an_export_is_its_users_own(services: MemoryServices, api: ApiClient, admin: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    cursor = (await api.get("/v1/me/export?limit=1")).json()["next_cursor"]
    mark = cursor.partition(".")[0]
    wrong = [
        f"{mark}.{one}" for one in ("x", export_cursor("ada", "secrets", None), export_cursor("ada", "days", "1899-01-01"))
    ]
    for one in [*wrong, f"{mark}.{export_cursor('ada', 'days', 'soon')}", f"{mark}.{export_cursor('ada', 'videos', 'x')}"]:
        assert (await api.get("/v1/me/export", params={"cursor": one})).status_code == 400, one
    assert (await admin.get("/v1/me/export", params={"cursor": cursor})).status_code == 400


async def test_an_export_of_nothing_is_whole(api: ApiClient) -> None:
    export = (await api.get("/v1/me/export")).json()
    assert (export["videos"], export["days"], export["entries"], export["next_cursor"]) == ([], [], [], None)


async def test_an_export_that_cannot_be_read_can_be_repeated(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    services.audit_store.unavailable = True
    assert (await api.get("/v1/me/export")).status_code == 503
    services.audit_store.unavailable = False
    export = (await api.get("/v1/me/export")).json()
    assert [video["filename"] for video in export["videos"]] == ["a.mp4"]
