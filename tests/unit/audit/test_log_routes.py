"""GET /logs: filters, pages, and the export."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import httpx
import pytest

from reelgate.adapters.documents.document_store import Address
from reelgate.domain.audit import Action
from reelgate.domain.books.instants import rfc3339
from reelgate.domain.errors import ReelgateError
from reelgate.ports.books import Page
from reelgate.web.http.answers import ndjson
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.put_document import put_document

NDJSON = {"Accept": "application/x-ndjson"}


async def record(services: MemoryServices, n: int, **more: Any) -> None:
    """Record an action that happens now."""
    defaults = {"action": "upload.granted", "uid": "ada", "service": "upload", "outcome": "done"}
    action = Action(action_id=f"a{n}", at=services.now(), description=f"number {n}", **{**defaults, **more})
    assert await services.audit_log.record(action)


async def record_many(services: MemoryServices, count: int) -> list[str]:
    """Record actions a minute apart; return their descriptions, newest first."""
    for n in range(count):
        services.clock.advance(minutes=1)
        await record(services, n)
    return [f"number {n}" for n in reversed(range(count))]


def described(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [log["description"] for log in answer.json()["logs"]]


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text == "" or answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_log_has_the_fields_of_the_streaming_backend_and_more(services: MemoryServices, admin: ApiClient) -> None:
    await record(services, 1, data={"size": 3}, request_id="r1")
    body = (await admin.get("/logs")).json()
    [log] = body["logs"]
    assert uuid.UUID(log.pop("id")).version == 5
    assert log == {
        "user_id": "ada",
        "action_type": "upload.granted",
        "description": "number 1",
        "service_name": "upload",
        "created_at": rfc3339(services.now()),
        "outcome": "done",
        "request_id": "r1",
        "details": {"size": 3},
    }
    assert body["next_cursor"] is None


async def test_who_is_unknown_is_null(services: MemoryServices, admin: ApiClient) -> None:
    await record(services, 1, uid="", action="login", outcome="denied")
    [log] = (await admin.get("/logs")).json()["logs"]
    assert (log["user_id"], log["request_id"]) == (None, None)


FILTERS = {
    "user_id=bob": ["bob's"],
    "action_type=login": ["login"],
    "action_type=upload.granted": ["bob's", "granted"],
    "action_type=upload.*": ["finished", "bob's", "granted"],
    "action_type=login.*": ["login"],
    "service_name=accounts": ["login"],
    "outcome=denied": ["login", "bob's"],
    "outcome=denied&action_type=upload.*": ["bob's"],
    "user_id=ada&service_name=upload&outcome=done&action_type=upload.granted": ["granted"],
    "user_id=nobody": [],
    "from=2026-11-03T12:02:00.123Z": ["login", "finished"],
    "to=2026-11-03T12:02:00.123Z": ["bob's", "granted"],
    "from=2026-11-03T12:01:00.123Z&to=2026-11-03T12:02:00.123Z": ["bob's"],
    "from=2026-11-03T13:02:00.123%2B01:00": ["login", "finished"],
    "from=2026-11-03t12:02z": ["login", "finished"],
    "": ["login", "finished", "bob's", "granted"],
}


@pytest.mark.parametrize("query", FILTERS)
@pytest.mark.parametrize("ndjson", [False, True])
async def test_filters(services: MemoryServices, admin: ApiClient, query: str, ndjson: bool) -> None:
    for n, more in enumerate(
        (
            {"description": "granted"},
            {"description": "bob's", "uid": "bob", "outcome": "denied"},
            {"description": "finished", "action": "upload.finished", "service": "finalize"},
            {"description": "login", "action": "login", "service": "accounts", "outcome": "denied", "uid": ""},
        )
    ):
        at = services.now().replace(microsecond=123000)
        defaults: dict[str, Any] = {"action": "upload.granted", "uid": "ada", "service": "upload", "outcome": "done"}
        await services.audit_log.record(Action(action_id=str(n), at=at, **{**defaults, **more}))
        services.clock.advance(minutes=1)
    answer = await admin.get(f"/logs?{query}", headers=NDJSON if ndjson else {})
    found = [line["description"] for line in lines(answer)] if ndjson else described(answer)
    assert found == FILTERS[query]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("user=ada", "user"),
        ("user_id=", "user_id"),
        ("user_id=a%0Ab", "user_id"),
        (f"user_id={'a' * 201}", "user_id"),
        ("action_type=", "action_type"),
        ("action_type=*", "action_type"),
        ("action_type=upload.", "action_type"),
        ("action_type=upload.gr*", "action_type"),
        ("action_type=Upload.granted", "action_type"),
        ("service_name=a%20b", "service_name"),
        ("outcome=tried", "outcome"),
        ("from=yesterday", "from"),
        ("from=2026-11-03", "from"),
        ("from=2026-11-03T12:00:00", "from"),
        ("from=2026-13-03T12:00:00Z", "from"),
        ("from=2026-11-03T12:00:00+01:00", "from"),  # where + stands for a space
        ("from=0001-01-01T00:00:00%2B14:00", "from"),
        ("to=9999-12-31T23:59:59-14:00", "to"),
        ("from=2026-11-03T12:00:00Z&to=2026-11-03T12:00:00Z", "to"),
        ("limit=0", "limit"),
        ("cursor=nonsense", "cursor"),
        ("format=xml", "format"),
        ("format=ndjson&limit=5", "limit"),
        ("format=ndjson&cursor=nonsense", "cursor"),
    ],
)
async def test_what_cannot_be_meant_is_refused(admin: ApiClient, query: str, field: str) -> None:
    assert problem_of(await admin.get(f"/logs?{query}"), 400, "invalid_request")["field"] == field


async def test_pages_join_into_the_whole_log(services: MemoryServices, admin: ApiClient) -> None:
    whole = await record_many(services, 7)
    found, cursor = [], None
    while True:
        body = (await admin.get("/logs", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        found += [log["description"] for log in body["logs"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
        services.clock.advance(minutes=1)
        await record(services, 100 + len(found))  # what is new does not move what is old
    assert found == whole


async def test_a_cursor_belongs_to_its_filters(services: MemoryServices, admin: ApiClient) -> None:
    await record_many(services, 3)
    cursor = (await admin.get("/logs?limit=1&user_id=ada")).json()["next_cursor"]
    assert described(await admin.get("/logs", params={"limit": 1, "user_id": "ada", "cursor": cursor})) == ["number 1"]
    for other in ({}, {"user_id": "bob"}, {"user_id": "ada", "outcome": "done"}, {"action_type": "ada"}):
        problem_of(await admin.get("/logs", params={**other, "cursor": cursor}), 400, "invalid_request")


async def test_what_is_over_is_not_shown(services: MemoryServices, admin: ApiClient) -> None:
    await record(services, 1)
    services.clock.advance(days=399)
    await record(services, 2)
    assert described(await admin.get("/logs")) == ["number 2", "number 1"]
    services.clock.advance(days=1)
    assert described(await admin.get("/logs")) == ["number 2"]
    assert [line["description"] for line in lines(await admin.get("/logs", headers=NDJSON))] == ["number 2"]


async def test_an_export_is_the_whole_log_in_whole_lines(
    services: MemoryServices, admin: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgate.web.compat.audit.audit_routes.PAGE", 3)
    assert lines(await admin.get("/logs", headers=NDJSON)) == []
    whole = await record_many(services, 8)
    for answer in (await admin.get("/logs", headers=NDJSON), await admin.get("/logs?format=ndjson")):
        assert [line["description"] for line in lines(answer)] == whole
    assert (
        lines(await admin.get("/logs?format=ndjson")) == (await admin.get("/logs?format=json", headers=NDJSON)).json()["logs"]
    )


async def test_an_export_that_breaks_says_so_in_its_last_line_and_can_go_on(
    services: MemoryServices, admin: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgate.web.compat.audit.audit_routes.PAGE", 3)
    whole = await record_many(services, 8)
    find, pages = services.audit_store.find, 0

    async def breaks_on_the_third_page(wanted: Any) -> Any:
        nonlocal pages
        pages += 1
        services.audit_store.unavailable = pages == 3
        return await find(wanted)

    monkeypatch.setattr(services.audit_store, "find", breaks_on_the_third_page)
    answer = await admin.get("/logs", headers=NDJSON)
    *found, last = lines(answer)
    assert [line["description"] for line in found] == whole[:6]
    assert last == {
        "error": "Temporarily unavailable",
        "code": "unavailable",
        "request_id": answer.headers["x-request-id"],
        "cursor": last["cursor"],
    }
    rest = lines(await admin.get("/logs", params={"format": "ndjson", "cursor": last["cursor"]}))
    assert [line["description"] for line in rest] == whole[6:]


async def test_an_error_that_nobody_expects_is_told_without_its_text(
    services: MemoryServices, admin: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgate.web.compat.audit.audit_routes.PAGE", 1)
    await record_many(services, 2)
    find, pages = services.audit_store.find, 0

    async def fails_on_the_second_page(wanted: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 2:
            raise RuntimeError("with details of the inside")
        return await find(wanted)

    monkeypatch.setattr(services.audit_store, "find", fails_on_the_second_page)
    answer = await admin.get("/logs", headers=NDJSON)
    last = lines(answer)[-1]
    assert (last["error"], last["code"]) == ("Internal error", "internal_error")
    assert last["request_id"] == answer.headers["x-request-id"]
    assert "inside" not in answer.text


async def test_an_export_without_another_page_ends() -> None:
    async def no_page(_: str | None) -> Page[int]:
        raise AssertionError

    chunks = [chunk async for chunk in ndjson.export(Page([1, 2]), no_page, lambda n: b"%d\n" % n, lambda *_: b"broken")]
    assert b"".join(chunks) == b"1\n2\n"


async def test_an_export_has_an_end_that_says_where_it_continues() -> None:
    async def page(cursor: str | None) -> Page[int]:
        return Page([2, 3], f"{cursor}+")

    def broken(error: ReelgateError | None, cursor: str | None) -> bytes:
        assert error is not None
        return f"{error.code} {cursor}".encode()

    lines = [chunk async for chunk in ndjson.export(Page([1], "c"), page, lambda n: b"%d\n" % n, broken, max_lines=4)]
    assert b"".join(lines) == b"1\n2\n3\n2\n3\nexport_continues c++"


async def test_what_is_wrong_from_the_start_has_its_status(services: MemoryServices, admin: ApiClient) -> None:
    services.audit_store.unavailable = True
    problem_of(await admin.get("/logs", headers=NDJSON), 503, "unavailable")
    problem_of(await admin.get("/logs"), 503, "unavailable")


async def test_head_sends_no_lines(services: MemoryServices, admin: ApiClient) -> None:
    await record_many(services, 2)
    answer = await admin.head("/logs", headers=NDJSON)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", "application/x-ndjson")


async def test_reading_is_told(services: MemoryServices, admin: ApiClient) -> None:
    await admin.get("/logs?user_id=ada&limit=5")
    await admin.get("/logs?outcome=denied&format=ndjson")
    read, exported = (message for message in services.events.published if message.topic == "audit")
    assert (read.type, read.uid, read.data["details"]) == ("logs.read", "root", {"user_id": "ada"})
    assert exported.data["details"] == {"outcome": "denied", "export": True}


async def test_only_admins_read(services: MemoryServices, api: ApiClient) -> None:
    await record(services, 1)
    for headers in ({}, NDJSON):
        answer = await api.get("/logs", headers=headers)
        problem_of(answer, 403, "forbidden")
        assert not re.search("number", answer.text)


async def test_a_record_that_cannot_be_read_hides_no_other(services: MemoryServices, admin: ApiClient) -> None:
    await record_many(services, 2)
    newer = Address(("audit",), "newer")
    await put_document(services.audit_store, newer, {"shard": 0, "created_at": services.now(), "kind": "of a newer revision"})
    assert described(await admin.get("/logs")) == ["number 1", "number 0"]
