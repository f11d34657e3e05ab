"""Which requests the audit log is told of, and with what."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response

from reelgate.adapters.documents.document_store import OutcomeUnknown
from reelgate.domain.audit import action_of_message
from reelgate.domain.books.instants import rfc3339
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.messages import Message
from reelgate.domain.errors import (
    InvalidCredentials,
    LoginFailed,
    NameTaken,
    RegistrationClosed,
    TooManyAttempts,
    Unauthorized,
    Unavailable,
)
from reelgate.ports.books import ReadSet
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.upkeep.sweep import purge_trash, sweep_uploads
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.calls import Call, Route
from reelgate.web.http.logs.json_lines import JsonLines
from tests.fixtures.api_client import ROUTES, ApiClient, problem_of
from tests.fixtures.audit_trail import committed, forget, only, published, trail
from tests.fixtures.chunk_requests import CHUNKS, begin, complete, send, send_all
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.store_calls import StoreCalls

UPLOAD = {"filename": "a.mp4", "size": 100, "content_type": "video/mp4"}


async def test_an_action_says_who_did_what_through_which_service(services: MemoryServices, api: ApiClient) -> None:
    granted = await api.post("/upload", json=UPLOAD, headers={"X-Request-Id": "request-0001"})
    action = only(services)
    assert (action.uid, action.action, action.service, action.outcome) == ("ada", "upload.granted", "upload", "done")
    assert (action.request_id, rfc3339(action.at)) == ("request-0001", rfc3339(services.now()))
    assert action.description == "Upload granted: a.mp4"
    assert action.data == {**UPLOAD, "file_id": granted.json()["upload_id"]}


async def test_the_life_of_a_video_is_told(services: MemoryServices, api: ApiClient) -> None:
    video = await services.add_video("a.mp4", 100)
    about = {"file_id": video.file_id, "filename": "a.mp4", "size": 100}
    steps: list[tuple[str, str, dict[str, Any], str]] = [
        ("GET", "/stream/direct/a.mp4", {}, "stream.issued"),
        ("GET", "/download/disk/a.mp4", {}, "download.issued"),
        ("DELETE", "/delete-file", {"json": {"filename": "a.mp4"}}, "file.deleted"),
        ("POST", f"/trash/{video.file_id}/restore", {}, "file.restored"),
        ("DELETE", "/delete-file", {"json": {"filename": "a.mp4"}}, "file.deleted"),
        ("DELETE", f"/v1/trash/{video.file_id}", {}, "file.purged"),
    ]
    for method, path, more, name in steps:
        services.clock.advance(seconds=services.policy.stream_url_seconds)  # a URL is issued once in its window
        forget(services)
        assert (await api.request(method, path, **more)).status_code < 400
        assert published(services) == [], path
        action = only(services)
        assert (action.action, action.outcome, action.data) == (name, "done", about), path


async def test_open_uploads_are_told(services: MemoryServices, api: ApiClient) -> None:
    upload_id = (await api.post("/upload", json=UPLOAD)).json()["upload_id"]
    forget(services)
    await api.post(f"/v1/uploads/{upload_id}/resume")
    action = only(services)
    assert (action.action, action.data["file_id"], action.data["filename"]) == ("upload.resumed", upload_id, "a.mp4")
    await api.delete(f"/v1/uploads/{upload_id}")
    action = only(services)
    assert (action.action, action.data) == (
        "upload.cancelled",
        {"file_id": upload_id, "filename": "a.mp4", "released": 100},
    )


async def test_a_form_is_a_grant_and_an_upload_at_once(services: MemoryServices, api: ApiClient) -> None:
    stored = (await api.post("/upload", files={"file": ("f.mp4", b"video", "video/mp4")})).json()
    granted, finished = committed(services)
    assert published(services) == []
    assert (finished.action, granted.action) == ("upload.finished", "upload.granted")
    assert finished.data["file_id"] == stored["file_id"]
    of_the_file = {"file_id": stored["file_id"], "filename": "f.mp4", "size": 5, "content_type": "video/mp4"}
    assert granted.data == {**of_the_file, "by_form": True}


async def test_reports_and_resets_are_told(services: MemoryServices, api: ApiClient, admin: ApiClient) -> None:
    report = {"file_name": "x.mp4", "file_size": 10}
    await api.post("/api/usage/log-upload", json=report)
    assert (only(services).action) == "usage.upload_reported"
    await api.post("/api/usage/log-deletion", json=report)
    assert (only(services).action) == "usage.deletion_reported"
    await admin.post("/api/usage/reset-daily", json={"user_id": "ada"})
    action = only(services)
    assert (action.action, action.uid, action.data) == ("usage.reset", "root", {"user_id": "ada"})


@pytest.mark.parametrize("size", [1400, 1001])
async def test_a_full_store_is_told_with_its_numbers(services: MemoryServices, api: ApiClient, size: int) -> None:
    answer = await api.post("/upload", json={**UPLOAD, "size": size})
    refusal = problem_of(answer, 403, "storage_limit_exceeded")
    action = only(services)
    assert (action.action, action.outcome, action.uid) == ("upload.granted", "denied", "ada")
    numbers = {name: refusal[name] for name in ("limit", "used", "reserved", "requested")}
    assert action.data == {**UPLOAD, "size": size, "error": "storage_limit_exceeded", **numbers}
    assert action.description == f"Denied: {refusal['error']} (a.mp4)"


async def test_a_chunk_is_told_of_only_when_it_is_refused(services: MemoryServices, api: ApiClient) -> None:
    upload_id = await begin(api)
    forget(services)
    assert (await send(api, upload_id, 0, b"x" * 400)).status_code == 200
    assert (await send(api, upload_id, 1, b"x" * 400)).status_code == 200
    refused = await send(api, upload_id, 2, b"x" * 400)
    problem_of(refused, 403, "storage_limit_exceeded")
    action = only(services)
    assert (action.action, action.outcome) == ("upload.chunk", "denied")
    assert (action.data["file_id"], action.data["chunk_index"], action.data["requested"]) == (upload_id, 2, 400)


async def test_a_spent_day_is_told_also_where_its_answer_is_400(services: MemoryServices, api: ApiClient) -> None:
    await api.post("/api/usage/log-upload", json={"file_name": "x.mp4", "file_size": 1400})
    forget(services)
    refused = await api.post("/api/usage/log-upload", json={"file_name": "y.mp4", "file_size": 1400})
    problem_of(refused, 400, "bandwidth_limit_exceeded")
    action = only(services)
    assert (action.action, action.outcome) == ("usage.upload_reported", "denied")
    assert (action.data["error"], action.data["filename"], action.data["used"]) == ("bandwidth_limit_exceeded", "y.mp4", 1400)
    await api.post("/api/usage/check-upload-bandwidth", json={"file_size": 1400})
    action = only(services)
    assert (action.action, action.outcome) == ("request", "denied")
    assert (action.data["path"], action.data["size"]) == ("/api/usage/check-upload-bandwidth", 1400)


async def test_whoever_is_no_admin_is_told_of(services: MemoryServices, api: ApiClient) -> None:
    problem_of(await api.get("/logs"), 403, "forbidden")
    action = only(services)
    assert (action.action, action.outcome, action.uid, action.data) == ("logs.read", "denied", "ada", {"error": "forbidden"})
    await api.post("/api/usage/reset-daily", json={"user_id": "bob"})
    action = only(services)
    assert (action.action, action.outcome, action.data) == ("usage.reset", "denied", {"error": "forbidden"})


@pytest.mark.parametrize("route", [route for route in ROUTES if route.admin], ids=lambda route: f"{route.method} {route.path}")
async def test_every_admin_s_route_tells_of_who_is_none(services: MemoryServices, api: ApiClient, route: Route) -> None:
    path = route.path.format(uid="bob", user_id="bob", delivery_id="d", export_id="x")
    problem_of(await api.request(route.method, path), 403, "forbidden")
    action = only(services)
    assert (action.uid, action.outcome, action.data["error"]) == ("ada", "denied", "forbidden")
    assert action.action == route.action or (action.action, action.data["path"]) == ("request", route.path)


async def test_everyday_mistakes_are_not_told(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    forget(services)
    async with ApiClient(services, None) as nobody, ApiClient(services, "forged") as forged:
        problem_of(await nobody.get("/stream/direct/a.mp4"), 401, "unauthorized")
        problem_of(await forged.get("/logs"), 401, "unauthorized")
    problem_of(await api.get("/stream/direct/other.mp4"), 404, "file_not_found")
    problem_of(await api.post("/upload", json={}), 400, "invalid_request")
    problem_of(await api.post("/upload", json=UPLOAD), 409, "name_taken")
    problem_of(await api.get("/nowhere"), 404, "not_found")
    problem_of(await api.put("/upload"), 405, "method_not_allowed")
    services.signer.unavailable = True
    problem_of(await api.get("/stream/direct/a.mp4"), 503, "unavailable")
    assert trail(services) == []


async def test_looking_is_not_told_and_head_gives_nothing_away(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    forget(services)
    for path in ("/files", "/trash", "/v1/uploads", "/storage-status", "/v1/usage/entries", "/api/usage/daily-summary"):
        assert (await api.get(path)).status_code == 200
    for path in ("/stream/video/a.mp4", "/stream/direct/a.mp4", "/download/disk/a.mp4"):
        assert (await api.head(path)).status_code < 400
    assert trail(services) == []


async def test_two_requests_of_one_name_are_two_actions(services: MemoryServices, api: ApiClient) -> None:
    """The request id is the client's: it must not make one action pass for another."""
    for name in ("a.mp4", "b.mp4"):
        await services.add_video(name, 100)
    forget(services)
    for name in ("a.mp4", "b.mp4"):
        await api.get(f"/stream/direct/{name}", headers={"X-Request-Id": "always-the-same"})
    assert len({action.action_id for action in trail(services)}) == 2


async def test_a_url_is_told_when_it_is_first_issued(services: MemoryServices, api: ApiClient) -> None:
    """Watching, and saving under the name: two URLs of a window, each once; and once more in the next window."""
    await services.add_video("a.mp4", 100)
    forget(services)
    for _ in range(2):
        for _ in range(2):
            for path in ("/stream/direct/a.mp4", "/stream/video/a.mp4", "/download/disk/a.mp4"):
                await api.get(path)
        services.clock.advance(seconds=services.policy.stream_url_seconds)
    assert [action.action for action in trail(services)] == ["stream.issued", "download.issued"] * 2


@pytest.mark.parametrize(
    ("paid", "also", "name"),
    [
        ("/stream/video/a.mp4", "/download/disk/a.mp4", "download.issued"),
        ("/download/disk/a.mp4", "/stream/direct/a.mp4", "stream.issued"),
    ],
)
async def test_another_url_of_a_paid_window_is_told_and_costs_nothing(
    services: MemoryServices, api: ApiClient, paid: str, also: str, name: str
) -> None:
    """Its change has no entry that names the file."""
    video = await services.add_video("a.mp4", 100)
    await api.get(paid)
    forget(services)
    calls = StoreCalls(services.books_store)
    for _ in range(2):
        assert (await api.get(also)).status_code < 400
    read = [("get", 2), ("get", 1)]  # account and name; the video
    assert calls.take() == [*read, ("commit", 2), *read]  # account and audit document
    assert published(services) == []
    action = only(services)
    assert (action.action, action.data) == (name, {"file_id": video.file_id, "filename": "a.mp4", "size": 100})
    assert action.description.endswith(": a.mp4")
    assert (await services.existing_account()).today.streamed == 100


async def test_a_chunked_upload_is_told(services: MemoryServices, api: ApiClient) -> None:
    upload_id = await begin(api)
    action = only(services)
    assert (action.action, action.data) == (
        "upload.granted",
        {"file_id": upload_id, "filename": "audio.mp3", "content_type": "audio/mpeg"},
    )
    chunks = [{"index": index, "size": len(data)} for index, data in enumerate(CHUNKS)]
    await api.post("/upload/chunk-urls", json={"upload_session_id": upload_id, "chunks": chunks})
    action = only(services)
    assert (action.action, action.data) == ("upload.chunks_granted", {"file_id": upload_id})
    await send_all(api, upload_id)
    assert trail(services) == []
    assert (await complete(api, upload_id)).status_code == 200
    completed, finished = committed(services)
    of_the_file = {"file_id": upload_id, "filename": "audio.mp3", "size": 207}
    assert (completed.action, completed.data) == ("upload.completed", of_the_file)
    assert (finished.action, finished.data) == (
        "upload.finished",
        {**of_the_file, "content_type": "audio/mpeg", "generation": finished.data["generation"]},
    )
    forget(services)
    await api.request("DELETE", "/upload/file", json={"upload_session_id": upload_id})
    action = only(services)
    assert (action.action, action.data) == ("upload.deleted", {"file_id": upload_id})


async def test_a_refusal_is_told_although_the_url_was(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    await api.get("/stream/direct/a.mp4")
    account = await services.existing_account()
    await services.books.commit("ada", lambda _: Change(account=replace(account, disabled=True)), ReadSet())
    forget(services)
    problem_of(await api.get("/stream/direct/a.mp4"), 403, "account_disabled")
    assert (only(services).action, services.events.log) == ("stream.issued", [])


async def test_a_repeated_request_is_recorded_again_only_if_it_hands_out_something_new(
    services: MemoryServices, api: ApiClient
) -> None:
    key = {"Idempotency-Key": "k1"}
    for _ in range(2):
        assert (await api.post("/upload", json=UPLOAD, headers=key)).status_code == 201
    assert [action.action for action in committed(services)] == ["upload.granted"]
    assert [action.action for action in published(services)] == ["upload.granted"]  # another URL for the same upload
    forget(services)
    report = {"file_name": "x.mp4", "file_size": 10}
    for _ in range(2):
        await api.post("/api/usage/log-upload", json=report, headers=key)
        await api.post("/api/usage/log-deletion", json=report, headers=key)
    assert [action.action for action in trail(services)] == ["usage.upload_reported", "usage.deletion_reported"]
    forget(services)
    await services.add_video("b.mp4", 10)
    forget(services)
    for _ in range(2):
        assert (await api.get("/stream/video/b.mp4")).status_code == 302
    assert [action.action for action in trail(services)] == ["stream.issued"]


async def test_requests_that_share_a_commit_record_one_action_each(services: MemoryServices, api: ApiClient) -> None:
    """Waiting requests of one user are written together."""
    uploads = [{**UPLOAD, "filename": f"{n}.mp4", "size": 10} for n in range(12)]
    commits = 0

    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    services.books_store.before_commit = count
    answers = await asyncio.gather(*(api.post("/upload", json=upload) for upload in uploads))
    assert {answer.status_code for answer in answers} == {201}
    assert commits < len(uploads)
    actions = committed(services)
    assert {action.data["file_id"] for action in actions} == {answer.json()["upload_id"] for answer in answers}
    assert len(actions) == len(uploads)


async def test_a_lost_answer_of_a_change_without_an_entry_records_once(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    forget(services)
    lost = 0

    def lose(_: object) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            raise OutcomeUnknown("no answer")

    services.books_store.after_commit = lose
    assert (await api.patch("/files/a.mp4", json={"title": "New"})).status_code == 200
    actions = trail(services)
    assert {action.action_id for action in actions} == {actions[0].action_id}
    assert actions[0].data == {"file_id": "id-1", "filename": "a.mp4", "title": "New"}


async def test_a_refused_change_is_denied_and_not_recorded_as_done(services: MemoryServices, api: ApiClient) -> None:
    problem_of(await api.post("/upload", json={**UPLOAD, "size": 1400}), 403, "storage_limit_exceeded")
    assert committed(services) == []
    assert [action.outcome for action in published(services)] == ["denied"]


async def test_other_consumers_of_the_topic_get_every_action(
    services: MemoryServices, api: ApiClient, admin: ApiClient
) -> None:
    """Of requests, storage events and sweeps: each recorded action once more, as a message with the same id."""
    services.audit_feed = True
    expired = await services.grant("late.mp4", 10)
    services.clock.advance(seconds=services.policy.upload_expiry_seconds)
    await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    upload_id = (await api.post("/upload", json=UPLOAD)).json()["upload_id"]
    await api.delete(f"/v1/uploads/{upload_id}")
    video = await services.add_video("a.mp4", 100)
    await finish_upload(services, services.send(await services.grant("b.mp4", 100), b"too short"))
    for path in ("/stream/direct/a.mp4", "/download/disk/a.mp4", "/stream/video/a.mp4"):
        await api.get(path)
    for path in ("/a.mp4", "/a.mp4/audio"):
        await api.request("POST" if path.endswith("audio") else "PATCH", f"/files{path}", json={"title": "New"})
    await api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})
    await api.post(f"/trash/{video.file_id}/restore")
    await api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})
    services.clock.advance(days=services.policy.trash_days)
    await purge_trash(services, until=services.now() + timedelta(minutes=1))
    await admin.post("/api/usage/reset-daily", json={"user_id": "ada"})
    assert [action.action for action in committed(services)] == [
        "upload.expired",
        "upload.granted",
        "upload.cancelled",
        "upload.finished",
        "upload.rejected",
        "stream.issued",
        "download.issued",
        "file.titled",
        "audio.requested",
        "file.deleted",
        "file.restored",
        "file.deleted",
        "file.purged",
        "usage.reset",
    ]
    messages, records = ([(one.action_id, one.data) for one in those(services)] for those in (published, committed))
    assert messages == records
    assert committed(services)[0].data["file_id"] == expired.upload.upload_id


class Failing:
    """A route that ends as the test wants it."""

    def __init__(self, end: Exception | int) -> None:
        self.end = end

    async def __call__(self, call: Call) -> Response:
        call.note(user_id="bob")
        if isinstance(self.end, Exception):
            raise self.end
        return as_json({}, self.end)


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (LoginFailed("Wrong."), "denied"),
        (TooManyAttempts("Wait.", retry_after_seconds=1, counter="c", first=True), "denied"),
        (InvalidCredentials("Not even an address."), None),
        (TooManyAttempts("Wait.", retry_after_seconds=1, counter="c"), None),
        (RegistrationClosed("Go away."), None),
        (NameTaken("Taken."), None),
        (Unavailable("Later."), None),
        (RuntimeError("unexpected"), None),
        (200, "done"),
        (202, "done"),
        (400, None),
        (404, None),
    ],
    ids=str,
)
async def test_signing_in(services: MemoryServices, end: Exception | int, outcome: str | None) -> None:
    """A public route: nobody is known, so it is the account that it was about; told is what nobody can repeat without end."""
    routes = [Route("POST", "/enter", Failing(end), action="login", public=True)]
    async with ApiClient(services, None, routes=routes) as client:
        await client.post("/enter")
    assert [(action.action, action.outcome, action.uid) for action in trail(services)] == (
        [("login", outcome, "bob")] if outcome else []
    )


async def test_what_a_route_with_tokens_says_of_them_is_not_told(services: MemoryServices) -> None:
    routes = [Route("POST", "/enter", Failing(Unauthorized("Expired.")), action="enter")]
    async with ApiClient(services, routes=routes) as client:
        await client.post("/enter")
    assert trail(services) == []


class Broken:
    """A publisher of the kind that nobody expects."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    async def publish(self, message: Message, **_: object) -> None:
        raise self.problem


@pytest.mark.parametrize("problem", [Unavailable("Pub/Sub is away."), TypeError("a value that is not JSON")], ids=str)
async def test_a_log_that_cannot_be_told_hinders_nothing_and_loses_nothing(
    services: MemoryServices, api: ApiClient, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    await services.add_video("a.mp4", 100)
    services.events = Broken(problem)  # type: ignore[assignment]
    problem_of(await api.get("/logs"), 403, "forbidden")
    assert (await api.get("/stream/direct/a.mp4")).status_code == 200  # which publishes nothing
    [record] = [record for record in caplog.records if record.name == "reelgate.use_cases.audit.publish_audit_event"]
    line = JsonLines().format(record)
    assert "\n" not in line
    shown = json.loads(line)
    assert shown["severity"] == "ERROR"
    again = shown["audit"]  # the very message: whoever publishes it again loses nothing
    action = action_of_message(again["type"], again["uid"], again)
    assert (action.action, action.uid, action.outcome) == ("logs.read", "ada", "denied")
    assert again["event_id"] == f"audit:{action.action_id}"


async def test_denials_hide_nothing_when_the_log_cannot_be_told(services: MemoryServices, api: ApiClient) -> None:
    services.events.unavailable = True
    problem_of(await api.post("/upload", json={**UPLOAD, "size": 1400}), 403, "storage_limit_exceeded")


async def test_the_answer_waits_for_the_publish(services: MemoryServices, api: ApiClient) -> None:
    """What runs on after the answer gets no processor time in the cloud."""
    may_publish, publish = asyncio.Event(), services.events.publish

    async def slow(message: Message, **more: Any) -> None:
        await may_publish.wait()
        await publish(message, **more)

    services.events.publish = slow  # type: ignore[method-assign]
    forget(services)
    asking = asyncio.create_task(api.get("/logs"))
    done, _ = await asyncio.wait([asking], timeout=0.05)
    assert not done
    may_publish.set()
    assert (await asking).status_code == 403
    assert [action.action for action in trail(services)] == ["logs.read"]


async def test_no_url_and_no_token_is_told(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    await api.post("/upload", json={**UPLOAD, "filename": "b.mp4", "start": "server"})
    await api.get("/stream/direct/a.mp4")
    everything = json.dumps([dict(action.data) for action in trail(services)])
    assert len(trail(services)) == 3  # with the end of the upload of a.mp4, whose grant came from no route
    assert "http" not in everything
    assert "Bearer" not in everything


def test_unexpected_values_do_not_break_a_line_of_the_log() -> None:
    record = logging.LogRecord("reelgate", logging.ERROR, "", 0, "m", (), None)
    record.json_fields = {"odd": object()}
    assert json.loads(JsonLines().format(record))["odd"].startswith("<object")
