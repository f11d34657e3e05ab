"""GET /v1/admin/audit: by person, video, request, action and time; pages, and the export."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from reelgate.domain.audit import Action
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.audit_trail import published
from tests.fixtures.memory_services import MemoryServices

PATH = "/v1/admin/audit"
NDJSON = {"format": "ndjson"}


async def record(services: MemoryServices, description: str, **more: Any) -> None:
    """Record an action that happens a minute after the one before."""
    services.clock.advance(minutes=1)
    defaults = {"action": "upload.granted", "uid": "ada", "service": "upload", "outcome": "done"}
    action = Action(action_id=description, at=services.now(), description=description, **{**defaults, **more})
    assert await services.audit_log.record(action)


@pytest.fixture
async def recorded(services: MemoryServices) -> MemoryServices:
    """Ada's and Bob's day. Ada is in the directory; her address is ada@example.org."""
    await services.directory.create("ada", email="ada@example.org", password="correct horse", username="Ada")
    await record(services, "granted", request_id="request-1", data={"file_id": "f1", "size": 3})
    await record(services, "finished", action="upload.finished", service="finalize", data={"file_id": "f1"})
    await record(services, "bob's", uid="bob", outcome="denied", request_id="request-1", data={"error": "name_taken"})
    failed = {"action": "login", "service": "accounts", "outcome": "denied"}
    await record(services, "failed login", uid="", data={"email": "ada@example.org"}, **failed)
    await record(services, "role", uid="root", action="user.changed", service="accounts", data={"user_id": "ada"})
    return services


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
    assert answer.text == "" or answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_event_as_it_is_shown(recorded: MemoryServices, admin: ApiClient) -> None:
    [shown] = items(await admin.get(PATH, params={"user_id": "ada", "action": "upload.granted"}))
    assert len(shown.pop("event_id")) == 36
    at = datetime.fromisoformat(shown.pop("at"))
    assert at == recorded.now() - timedelta(minutes=4)
    assert shown == {
        "user_id": "ada",
        "action": "upload.granted",
        "outcome": "done",
        "description": "granted",
        "function": "upload",
        "request_id": "request-1",
        "details": {"video_id": "f1", "size": 3},
    }
    [denied] = items(await admin.get(PATH, params={"user_id": "bob"}))
    assert denied["details"] == {"code": "name_taken"}
    [nobody] = items(await admin.get(PATH, params={"action": "login"}))
    assert (nobody["user_id"], nobody["request_id"]) == (None, None)


async def test_what_was_changed_of_a_user_has_the_names_of_the_request(services: MemoryServices, admin: ApiClient) -> None:
    await admin.post("/v1/auth/register", json={"email": "ada@example.org", "password": "correct horse", "username": "Ada"})
    limits = {"storage": 10, "bandwidth": 20, "alert_percents": [50]}
    changes = {"disabled": True, "limits": limits}
    uid = (await admin.get("/v1/admin/users?email=ada@example.org")).json()["items"][0]["user_id"]
    changed = await admin.patch(f"/v1/admin/users/{uid}", json=changes)
    assert changed.status_code == 200, changed.text
    [shown] = items(await admin.get(PATH, params={"action": "user.changed"}))
    before = {"disabled": False, "limits": dict.fromkeys(limits)}
    assert shown["details"] == {"user_id": uid, "before": before, "after": changes}


async def test_old_names_in_stored_actions_are_shown_as_one_name(services: MemoryServices, admin: ApiClient) -> None:
    await record(services, "a chunk", data={"file_id": "f1", "chunk_index": 3})
    await record(services, "the log", action="logs.read", data={"action_type": "login", "service_name": "accounts"})
    await record(
        services, "a limit", action="user.changed", data={"user_id": "bob", "changes": {"daily_limit": 5, "role": "user"}}
    )
    assert [one["details"] for one in items(await admin.get(PATH))] == [
        {"user_id": "bob", "changes": {"role": "user", "limits": {"bandwidth": 5}}},
        {"action": "login", "function": "accounts"},
        {"video_id": "f1", "index": 3},
    ]


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["role", "failed login", "bob's", "finished", "granted"]),
    ({"user_id": "ada"}, ["role", "finished", "granted"]),
    ({"email": "ada@example.org"}, ["role", "failed login", "finished", "granted"]),
    ({"email": "ADA@example.org", "outcome": "denied"}, ["failed login"]),
    ({"email": "nobody@example.org"}, []),
    ({"video_id": "f1"}, ["finished", "granted"]),
    ({"request_id": "request-1"}, ["bob's", "granted"]),
    ({"request_id": "request-1", "email": "ada@example.org"}, ["granted"]),
    ({"action": "upload.*"}, ["bob's", "finished", "granted"]),
    ({"action": "upload.finished"}, ["finished"]),
    ({"action": "login.*", "outcome": "denied"}, ["failed login"]),
    ({"from": "2026-11-03T12:03:00Z", "to": "2026-11-03T13:04:00+01:00"}, ["bob's"]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
async def test_filters(recorded: MemoryServices, admin: ApiClient, query: dict[str, str], expected: list[str]) -> None:
    listed = items(await admin.get(PATH, params=query))
    assert [one["description"] for one in listed] == expected
    assert lines(await admin.get(PATH, params={**query, **NDJSON})) == listed


REFUSED: list[tuple[dict[str, str], list[str]]] = [
    ({"user": "ada", "actoin": "login"}, ["actoin", "user"]),
    ({"user_id": "ada", "email": "ada@example.org"}, ["email", "user_id"]),
    ({"user_id": "ada", "video_id": "f1"}, ["user_id", "video_id"]),
    ({"user_id": "", "outcome": "tried", "format": "xml"}, ["format", "outcome", "user_id"]),
    ({"email": "not an address"}, ["email"]),
    ({"request_id": "short", "video_id": "a b"}, ["request_id", "video_id"]),
    ({"action": "upload.gr*"}, ["action"]),
    ({"action": "*"}, ["action"]),
    ({"from": "yesterday", "to": "2026-11-03T12:00:00"}, ["from", "to"]),
    ({"from": "0001-01-01T00:00:00+14:00"}, ["from"]),
    ({"from": "2026-11-03T12:00:00Z", "to": "2026-11-03T12:00:00Z"}, ["from", "to"]),
    ({"format": "ndjson", "limit": "5"}, ["format", "limit"]),
    ({"format": "ndjson", "limit": "5", "email": "x", "user_id": "ada"}, ["email", "email", "format", "limit", "user_id"]),
    ({"limit": "0"}, ["limit"]),
    ({"cursor": "nonsense"}, ["cursor"]),
]


@pytest.mark.parametrize(("query", "named"), REFUSED)
async def test_all_that_is_wrong_is_named(admin: ApiClient, query: dict[str, str], named: list[str]) -> None:
    problem = problem_of(await admin.get(PATH, params=query), 400, "invalid_request")
    assert sorted(error["field"] for error in problem["errors"]) == named


async def test_pages_join_into_the_whole(recorded: MemoryServices, admin: ApiClient) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await admin.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        found += [one["description"] for one in items(page)]
        cursor = page.json()["next_cursor"]
    assert found == FILTERS[0][1]


async def test_an_export_that_breaks_says_how_to_go_on(
    recorded: MemoryServices, admin: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgate.web.v1.audit.audit_routes.PAGE", 2)
    find, pages = recorded.audit_store.find, 0

    async def breaks_on_the_second_page(wanted: Any) -> Any:
        nonlocal pages
        pages += 1
        recorded.audit_store.unavailable = pages == 2
        return await find(wanted)

    monkeypatch.setattr(recorded.audit_store, "find", breaks_on_the_second_page)
    answer = await admin.get(PATH, params=NDJSON)
    *found, last = lines(answer)
    assert [line["description"] for line in found] == FILTERS[0][1][:2]
    assert (last["code"], last["request_id"]) == ("unavailable", answer.headers["x-request-id"])
    assert last["detail"]
    rest = lines(await admin.get(PATH, params={**NDJSON, "cursor": last["next_cursor"]}))
    assert [line["description"] for line in rest] == FILTERS[0][1][2:]


async def test_head_sends_no_lines(recorded: MemoryServices, admin: ApiClient) -> None:
    answer = await admin.head(PATH, params=NDJSON)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", "application/x-ndjson")


async def test_only_admins_read_and_reading_is_recorded(recorded: MemoryServices, api: ApiClient, admin: ApiClient) -> None:
    problem_of(await api.get(PATH, params={"email": "ada@example.org"}), 403, "forbidden")
    await admin.get(PATH, params={"email": "ada@example.org", "action": "upload.*", "limit": "5"})
    await admin.get(PATH, params=NDJSON)
    refused, read, exported = published(recorded)
    assert (refused.action, refused.outcome, refused.uid) == ("logs.read", "denied", "ada")
    assert (read.action, read.uid, read.data) == ("logs.read", "root", {"email": "ada@example.org", "action": "upload.*"})
    assert exported.data == {"export": True}


async def test_while_the_directory_is_away_nobody_is_found_by_address(recorded: MemoryServices, admin: ApiClient) -> None:
    """An answer without the user's own actions would look complete."""
    find = recorded.directory.find

    async def away(email: str) -> Any:
        recorded.directory.unavailable = True
        try:
            return await find(email)
        finally:
            recorded.directory.unavailable = False

    recorded.directory.find = away  # type: ignore[method-assign]
    problem_of(await admin.get(PATH, params={"email": "ada@example.org"}), 503, "unavailable")
