"""What people do is in the log a moment later, once, for admins to find, page through and take away."""

from __future__ import annotations

import base64
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from localcloud.supervisor import polling
from tests.e2e.people import MIB, Person

Logs = list[dict[str, Any]]


def logs_of(admin: Person, **filters: Any) -> Logs:
    """Return everything that matches, page by page."""
    found: Logs = []
    cursor = None
    while True:
        params = {name.rstrip("_"): value for name, value in filters.items()} | ({"cursor": cursor} if cursor else {})
        answer = admin.api.get("/logs", params=params)
        assert answer.status_code == 200, answer.text
        found += answer.json()["logs"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


def wait_for(admin: Person, enough: Callable[[Logs], bool], **filters: Any) -> Logs:
    """Return what matches once it is enough."""
    found: Logs = []

    def look() -> bool:
        found[:] = logs_of(admin, **filters)
        return enough(found)

    assert polling.wait_for(look, 30), json.dumps(found, indent=1)
    return found


def kinds(logs: Logs) -> Counter[tuple[str, str]]:
    return Counter((log["action_type"], log["outcome"]) for log in logs)


def live_a_little(person: Person) -> str:
    """Do one of many things; return the video's id."""
    file_id: str = person.upload("seen.mp4", b"video")["upload_id"]
    assert person.api.get("/stream/direct/seen.mp4").status_code == 200
    assert person.api.get("/download/disk/seen.mp4").status_code == 302
    assert person.api.request("DELETE", "/delete-file", json={"filename": "seen.mp4"}).status_code == 200
    assert person.api.post(f"/trash/{file_id}/restore").status_code == 200
    too_large = {"filename": "big.mp4", "size": 51 * MIB, "content_type": "video/mp4"}
    assert person.api.post("/upload", json=too_large).status_code == 403
    assert person.api.get("/logs").status_code == 403
    assert person.api.get("/stream/direct/other.mp4").status_code == 404  # everyday: not told
    return file_id


LIVED = Counter(
    {
        ("upload.granted", "done"): 1,
        ("upload.finished", "done"): 1,
        ("stream.issued", "done"): 1,
        ("download.issued", "done"): 1,
        ("file.deleted", "done"): 1,
        ("file.restored", "done"): 1,
        ("upload.granted", "denied"): 1,
        ("logs.read", "denied"): 1,
    }
)


@pytest.fixture
def lived(person: Person, admin: Person) -> Logs:
    """Everything in the log of somebody who has done a little, newest first."""
    live_a_little(person)
    return wait_for(admin, lambda logs: len(logs) >= LIVED.total(), user_id=person.uid)


def test_what_people_do_is_in_the_log_once(person: Person, admin: Person) -> None:
    began = datetime.now(UTC)
    file_id = live_a_little(person)
    logs = wait_for(admin, lambda logs: len(logs) >= LIVED.total(), user_id=person.uid)
    assert kinds(logs) == LIVED
    times = [datetime.fromisoformat(log["created_at"]) for log in logs]
    assert times == sorted(times, reverse=True)
    assert began - timedelta(seconds=1) <= times[-1] <= times[0] <= datetime.now(UTC)
    by_kind = {(log["action_type"], log["outcome"]): log for log in logs}
    finished = by_kind["upload.finished", "done"]
    assert (finished["service_name"], finished["details"]["file_id"]) == ("finalize", file_id)
    assert (by_kind["stream.issued", "done"]["service_name"], by_kind["file.deleted", "done"]["service_name"]) == (
        "stream_url",
        "library",
    )
    refused = by_kind["upload.granted", "denied"]["details"]
    assert (refused["error"], refused["requested"], refused["limit"]) == ("storage_limit_exceeded", 51 * MIB, 50 * MIB)
    assert all(log["user_id"] == person.uid for log in logs)
    assert "http" not in json.dumps(logs)  # no signed URL, by which others could watch


def test_an_action_has_the_request_s_id(person: Person, admin: Person) -> None:
    answer = person.api.post("/upload", json={"filename": "a.mp4", "size": 5, "content_type": "video/mp4"})
    [log] = wait_for(admin, bool, user_id=person.uid)
    assert log["request_id"] == answer.headers["x-request-id"]


def test_filters(person: Person, admin: Person, lived: Logs) -> None:
    def shown(**filters: Any) -> list[str]:
        return [log["id"] for log in logs_of(admin, user_id=person.uid, **filters)]

    def having(**fields: Any) -> list[str]:
        return [log["id"] for log in lived if all(log[name] == value for name, value in fields.items())]

    assert shown() == having()
    assert shown(action_type="upload.granted") == having(action_type="upload.granted")
    assert shown(action_type="upload.*") == [log["id"] for log in lived if log["action_type"].startswith("upload.")]
    assert shown(service_name="library") == having(service_name="library")
    assert shown(outcome="denied") == having(outcome="denied")
    assert shown(outcome="denied", action_type="upload.*", service_name="upload") == having(
        outcome="denied", action_type="upload.granted"
    )
    middle = lived[3]["created_at"]
    assert shown(from_=middle) + shown(to=middle) == having()
    assert lived[3]["id"] in shown(from_=middle)
    assert shown(service_name="nobody") == []
    assert admin.api.get("/logs", params={"user": person.uid}).status_code == 400


def test_pages_join_into_the_whole(person: Person, admin: Person, lived: Logs) -> None:
    for limit in (1, 3, len(lived)):
        assert logs_of(admin, user_id=person.uid, limit=limit) == lived


def test_an_export_has_the_same_in_lines(person: Person, admin: Person, lived: Logs) -> None:
    for asked in ({"headers": {"Accept": "application/x-ndjson"}}, {"params": {"format": "ndjson"}}):
        params = {"user_id": person.uid, **asked.get("params", {})}
        with admin.api.stream("GET", "/logs", params=params, headers=asked.get("headers", {})) as answer:
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
            assert [json.loads(line) for line in answer.iter_lines()] == lived


def test_only_admins_read_and_what_they_read_is_told(person: Person, admin: Person) -> None:
    for headers in ({}, {"Accept": "application/x-ndjson"}):
        refused = person.api.get("/logs", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert httpx.get(str(person.api.base_url.join("/logs"))).status_code == 401
    assert admin.api.get("/logs", params={"user_id": person.uid, "outcome": "denied"}).status_code == 200
    read = wait_for(admin, bool, user_id=admin.uid, action_type="logs.read")
    assert read[-1]["details"] == {"user_id": person.uid, "outcome": "denied"}


def message(uid: str) -> dict[str, Any]:
    """Return an action's message under an id of its own."""
    action_id = secrets.token_hex(8)
    return {
        "event_id": f"audit:{action_id}",
        "type": "stream.issued",
        "uid": uid,
        "published_at": datetime.now(UTC).isoformat(),
        "action_id": action_id,
        "at": datetime.now(UTC).isoformat(),
        "service": "stream_url",
        "outcome": "done",
        "description": f"Stream issued: {action_id}",
        "request_id": None,
        "details": {"filename": "a.mp4"},
    }


def test_duplicate_deliveries_make_one_record(cloud: Mapping[str, str], person: Person, admin: Person) -> None:
    one, last = message(person.uid), message(person.uid)
    pushed = {"message": {"data": base64.b64encode(json.dumps(one).encode()).decode(), "messageId": "1"}, "subscription": "s"}
    results = [httpx.post(cloud["REELGATE_AUDIT_URL"], json=pushed).json()["result"] for _ in range(3)]
    assert results == ["recorded", "duplicate", "duplicate"]
    topic = f"http://{cloud['PUBSUB_EMULATOR_HOST']}/v1/projects/{cloud['GOOGLE_CLOUD_PROJECT']}/topics/audit:publish"
    for again in (one, one, last):
        data = base64.b64encode(json.dumps(again).encode()).decode()
        httpx.post(topic, json={"messages": [{"data": data}]}).raise_for_status()
    logs = wait_for(admin, lambda logs: len(logs) >= 2, user_id=person.uid)
    assert sorted(log["description"] for log in logs) == sorted([one["description"], last["description"]])


@pytest.mark.parametrize("data", ["", "bm9uc2Vuc2U=", base64.b64encode(b'{"event_id": "x", "type": "y", "uid": "z"}').decode()])
def test_what_is_no_action_is_taken_off_the_queue(cloud: Mapping[str, str], data: str) -> None:
    pushed = {"message": {"data": data, "messageId": "1"}, "subscription": "s"}
    answer = httpx.post(cloud["REELGATE_AUDIT_URL"], json=pushed)
    assert (answer.status_code, answer.json()["result"]) in {(200, "ignored"), (200, "malformed")}


def found_by(admin: Person, **query: Any) -> Logs:
    """Return what a search of version 1 finds, as a page and as lines, which are the same."""
    listed = admin.api.get("/v1/admin/audit", params={**query, "limit": 1000})
    assert listed.status_code == 200, listed.text
    items: Logs = listed.json()["items"]
    lines = admin.api.get("/v1/admin/audit", params={**query, "format": "ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()][-len(items) :] == items
    return items


def test_support_finds_a_person_by_their_address_and_a_request_by_its_id(
    cloud: Mapping[str, str], person: Person, admin: Person
) -> None:
    request_id = f"support-{person.uid}"
    upload = {"filename": "a.mp4", "size": 5, "content_type": "video/mp4"}
    granted = person.api.post("/upload", json=upload, headers={"X-Request-Id": request_id})
    assert person.send(granted.json(), b"video").status_code == 200
    wrong = {"email": person.email, "password": "a wrong password"}
    assert httpx.post(f"{cloud['REELGATE_URL']}/login", json=wrong, timeout=60).status_code == 401
    expected = {("upload.granted", "done"), ("upload.finished", "done"), ("login", "denied")}

    def by_address() -> Logs:
        return [one for one in found_by(admin, email=person.email) if one["action"] != "logs.read"]

    assert polling.wait_for(lambda: {(one["action"], one["outcome"]) for one in by_address()} == expected, 30), by_address()
    assert {one["user_id"] for one in by_address()} == {person.uid, None}  # nobody signed in with the wrong password
    [of_request] = found_by(admin, request_id=request_id)
    assert (of_request["action"], of_request["user_id"]) == ("upload.granted", person.uid)
    video_id = of_request["details"]["video_id"]
    assert [one["action"] for one in found_by(admin, video_id=video_id)] == ["upload.finished", "upload.granted"]
    [failed] = found_by(admin, email=person.email.upper(), action="login", outcome="denied")
    assert failed["details"]["email"] == person.email
    both = admin.api.get("/v1/admin/audit", params={"email": person.email, "user_id": person.uid})
    assert both.status_code == 400
    assert {error["field"] for error in both.json()["errors"]} == {"email", "user_id"}
    assert person.api.get("/v1/admin/audit", params={"email": person.email}).status_code == 403
