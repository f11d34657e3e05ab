"""Version 1's routes about usage: for users about themselves, and for admins about everybody."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from reelgate.domain.errors import Unavailable
from reelgate.ports.books import Page
from reelgate.use_cases.upkeep.write_exports import write_exports
from reelgate.use_cases.usage import invoice_users
from reelgate.use_cases.usage.report_usage import report_upload
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.memory_services import ADA, BOB, MemoryServices

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-03"}
DAY = 86_400
NOTHING = {
    "stored": 0, "byte_seconds": "0", "byte_hours": 0, "uploaded": 0, "streamed": 0, "estimated": 0,
    "settled": None, "unsettled": 0,
    "uploads": 0, "streams": 0, "deletions": 0, "deleted": 0, "rejected": 0, "rejections": 0,
}  # fmt: skip


async def test_the_usage_of_nobody_yet_and_after_a_day_s_work(api: ApiClient, services: MemoryServices) -> None:
    fresh = (await api.get("/v1/usage")).json()
    assert fresh == {
        "storage": {"limit": 1000, "used": 0, "reserved": 0, "available": 1000, "trash": 0, "trash_limit": 2000},
        "bandwidth": {
            "limit": 2000, "used": 0, "uploaded": 0, "streamed": 0, "estimated": 0, "settled": None, "rejected": 0,
            "rejections": 0, "reserved": 0, "available": 2000, "resets_at": "2026-11-04T00:00:00Z",
        },
        "alerts": [],
    }  # fmt: skip
    await services.add_video("a.mp4", 300)
    await delete_video(services, ADA, by_name("a.mp4"))
    await services.add_video("b.mp4", 800)
    await issue_stream_url(services, ADA, by_name("b.mp4"))
    await services.grant("c.mp4", 50)
    usage = (await api.get("/v1/usage")).json()
    assert usage["storage"] == {"limit": 1000, "used": 800, "reserved": 50, "available": 150, "trash": 300, "trash_limit": 1150}
    used = {"limit": 2000, "used": 1900, "uploaded": 1100, "streamed": 800, "reserved": 50, "available": 50}
    assert {name: usage["bandwidth"][name] for name in used} == used
    assert usage["alerts"] == [
        {"kind": "bandwidth", "threshold_percent": 80, "times": 1},
        {"kind": "storage", "threshold_percent": 80, "times": 1},
    ]


async def test_the_days_of_a_range_and_their_sum(api: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    services.clock.advance(days=2)
    await delete_video(services, ADA, by_name("a.mp4"))
    days = (await api.get("/v1/usage/days", params={"from": "2026-11-02", "to": "2026-11-05"})).json()
    assert days["next_cursor"] is None
    assert [(day["date"], day["open"]) for day in days["items"]] == [
        ("2026-11-02", False),
        ("2026-11-03", False),
        ("2026-11-04", False),
        ("2026-11-05", True),
    ]
    assert days["items"][0]["usage"] == NOTHING
    assert days["items"][2]["usage"] == NOTHING | {"stored": 300, "byte_seconds": str(300 * DAY), "byte_hours": 7200}
    moved = {"uploaded": 300, "uploads": 1, "deleted": 300, "deletions": 1}
    assert days["total"] == NOTHING | moved | {"byte_seconds": str(600 * DAY), "byte_hours": 14_400}
    assert [day["date"] for day in (await api.get("/v1/usage/days")).json()["items"]] == [
        f"2026-{month}-{number:02}" for month, first, last in ((10, 7, 31), (11, 1, 5)) for number in range(first, last + 1)
    ]
    assert len((await api.get("/v1/usage/days", params={"to": "2000-01-01"})).json()["items"]) == 1


BROKEN = [
    ({"from": "2026-11-03", "to": "2026-11-01"}, ["from", "to"]),
    ({"from": "2026-11-01", "to": "2026-11-04"}, ["to"]),
    ({"from": "2025-11-01", "to": "2026-11-03"}, ["from", "to"]),
    ({"from": "yesterday", "to": "2026-13-01"}, ["from", "to"]),
    ({"from": "0001-01-01", "to": "0001-01-02"}, ["from"]),
    ({"from": "2026-11-01T00:00:00Z", "to": "2026-11-03"}, ["from"]),
    ({"from": "2026-11-01", "to": "2026-11-03", "user": "bob"}, ["user"]),
]


@pytest.mark.parametrize(("query", "wrong"), BROKEN, ids=str)
async def test_a_broken_range_is_refused_with_all_its_fields(
    api: ApiClient, admin: ApiClient, query: dict[str, str], wrong: list[str]
) -> None:
    answers = [await api.get("/v1/usage/days", params=query)]
    answers += [await admin.get("/v1/admin/usage", params={**query, "format": form}) for form in ("json", "csv")]
    answers.append(await admin.post("/v1/admin/usage/exports", json=query))
    for answer in answers:
        assert wrong_fields(problem_of(answer, 400, "invalid_request")) == wrong


async def test_an_invoice_needs_its_range(admin: ApiClient) -> None:
    problem = problem_of(await admin.get("/v1/admin/usage", params={"format": "xml", "group": "week"}), 400, "invalid_request")
    assert sorted(wrong_fields(problem)) == ["format", "from", "group", "to"]
    for paged in ({"cursor": "x"}, {"limit": "10"}, {"limit": "10", "cursor": "x"}):
        answer = await admin.get("/v1/admin/usage", params={**NOVEMBER, "format": "csv", **paged})
        assert wrong_fields(problem_of(answer, 400, "invalid_request")) == list(paged)


async def test_an_invoice_as_pages_and_as_one_file(admin: ApiClient, services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    await report_upload(services, BOB, filename="x", size=7, report_id="r")
    page = (await admin.get("/v1/admin/usage", params={**NOVEMBER, "limit": 1})).json()
    [ada] = page["items"]
    assert (ada["user_id"], ada["email"], ada["lines"][0]["period"]) == ("ada", ADA.email, "2026-11-03")
    assert ada["lines"][0]["usage"] == ada["total"]
    more = {**NOVEMBER, "limit": 1, "cursor": page["next_cursor"]}
    last = (await admin.get("/v1/admin/usage", params=more)).json()
    assert ([user["user_id"] for user in last["items"]], last["next_cursor"]) == (["bob"], None)

    answer = await admin.get("/v1/admin/usage", params={**NOVEMBER, "format": "csv", "group": "month"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert 'filename="usage-2026-11-01-2026-11-03-by-month.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["user_id"], row["period"], row["uploaded"], row["uploads"]) for row in rows] == [
        ("ada", "2026-11", "300", "1"),
        ("bob", "2026-11", "7", "1"),
    ]
    head = await admin.head("/v1/admin/usage", params={**NOVEMBER, "format": "csv"})
    assert (head.status_code, head.content) == (200, b"")
    told = [message.data["details"] for message in services.events.published if message.type == "usage.read"]
    assert told[-1] == {"from": "2026-11-01", "to": "2026-11-03", "group": "month", "format": "csv"}


async def test_one_user_s_invoice(admin: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice_users, "MAX_IN_ONE_ANSWER", 0)  # the number of others does not matter
    await services.add_video("a.mp4", 300)
    await report_upload(services, BOB, filename="x", size=7, report_id="r")
    only = {**NOVEMBER, "user_id": "bob"}
    page = (await admin.get("/v1/admin/usage", params=only)).json()
    assert ([(user["user_id"], user["total"]["uploaded"]) for user in page["items"]], page["next_cursor"]) == (
        [("bob", 7)],
        None,
    )
    rows = csv.DictReader(io.StringIO((await admin.get("/v1/admin/usage", params={**only, "format": "csv"})).text, newline=""))
    assert [(row["user_id"], row["uploaded"]) for row in rows] == [("bob", "7")]
    told = [message.data["details"] for message in services.events.published if message.type == "usage.read"]
    assert [details["user_id"] for details in told] == ["bob", "bob"]

    before = {**only, "from": "2026-11-01", "to": "2026-11-01"}
    assert (await admin.get("/v1/admin/usage", params=before)).json() == {"items": [], "next_cursor": None}
    for form in ("json", "csv"):
        for nobody in ("carol", "a/b"):
            unknown = await admin.get("/v1/admin/usage", params={**only, "format": form, "user_id": nobody})
            problem_of(unknown, 404, "user_not_found")
    paged = await admin.get("/v1/admin/usage", params={**only, "cursor": "x"})
    assert wrong_fields(problem_of(paged, 400, "invalid_request")) == ["cursor", "user_id"]


async def test_a_file_that_cannot_be_completed_ends_with_a_broken_connection(
    admin: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status has been sent. A part of an invoice must not look like a whole one."""
    monkeypatch.setattr(invoice_users, "PAGE", 1)
    await services.add_video("a.mp4", 300)
    await services.add_video("b.mp4", 300, caller=BOB)
    accounts = services.books.accounts

    async def failing(*, limit: int, cursor: str | None = None) -> Page[Any]:
        if cursor is not None:
            raise Unavailable("The books are away.")
        return await accounts(limit=limit, cursor=cursor)

    monkeypatch.setattr(services.books, "accounts", failing)
    with pytest.raises(Unavailable):
        await admin.get("/v1/admin/usage", params={**NOVEMBER, "format": "csv"})


async def test_too_many_users_for_one_file_need_an_export(
    admin: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.add_video("a.mp4", 300)
    monkeypatch.setattr(invoice_users, "MAX_IN_ONE_ANSWER", 0)
    problem_of(await admin.get("/v1/admin/usage", params={**NOVEMBER, "format": "csv"}), 409, "export_needed")
    assert (await admin.get("/v1/admin/usage", params=NOVEMBER)).status_code == 200

    ordered = await admin.post("/v1/admin/usage/exports", json=NOVEMBER)
    export = ordered.json()
    assert (ordered.status_code, export["state"], export["url"], export["group"]) == (202, "queued", None, "day")
    path = f"/v1/admin/usage/exports/{export['export_id']}"
    assert ordered.headers["location"] == path
    assert (await admin.post("/v1/admin/usage/exports", json=NOVEMBER)).json()["export_id"] == export["export_id"]
    await write_exports(services, until=services.now() + timedelta(minutes=1))
    ready = (await admin.get(path)).json()
    assert (ready["state"], ready["expires_at"]) == ("ready", "2026-11-10T12:00:00.123456Z")
    assert export["export_id"] in ready["url"]
    problem_of(await admin.get("/v1/admin/usage/exports/nothing"), 404, "export_not_found")


async def test_exports_are_not_ordered_without_end(admin: ApiClient) -> None:
    for day in (1, 2, 3):
        body = {"from": "2026-11-01", "to": f"2026-11-0{day}"}
        assert (await admin.post("/v1/admin/usage/exports", json=body)).status_code == 202
    body = {"from": "2026-11-02", "to": "2026-11-03"}
    problem_of(await admin.post("/v1/admin/usage/exports", json=body), 409, "too_many_exports")


async def test_a_reset_frees_the_limit_and_is_billed_all_the_same(
    api: ApiClient, admin: ApiClient, services: MemoryServices
) -> None:
    await services.add_video("a.mp4", 300)
    answer = await admin.post("/v1/admin/users/ada/reset-usage")
    assert (answer.status_code, answer.content) == (204, b"")
    usage = (await api.get("/v1/usage")).json()
    assert (usage["bandwidth"]["used"], usage["storage"]["used"]) == (0, 300)
    [day] = (await api.get("/v1/usage/days", params={"from": "2026-11-03"})).json()["items"]
    assert (day["usage"]["uploaded"], day["usage"]["uploads"]) == (300, 1)
    for unknown in ("nobody", "x" * 2000, "%07"):
        problem_of(await admin.post(f"/v1/admin/users/{unknown}/reset-usage"), 404, "user_not_found")
    problem_of(await api.post("/v1/admin/users/ada/reset-usage"), 403, "forbidden")


async def test_only_admins_see_others(api: ApiClient) -> None:
    answers: list[httpx.Response] = [
        await api.get("/v1/admin/usage", params=NOVEMBER),
        await api.post("/v1/admin/usage/exports", json=NOVEMBER),
        await api.get("/v1/admin/usage/exports/x"),
    ]
    for answer in answers:
        problem_of(answer, 403, "forbidden")
