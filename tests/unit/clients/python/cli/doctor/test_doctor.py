"""Each thing that can be wrong with a deployment has its line, which says what mends it; nothing is left behind."""

from __future__ import annotations

import asyncio
import socket
import ssl

import httpx
import pytest

from tests.doubles.fake_deployment import ORIGIN
from tests.doubles.fake_reelgate import problem


def test_a_healthy_deployment(doctor, fake) -> None:
    fake.role, fake.streamed, fake.measured = "admin", 1000, 900
    found = doctor("--origin", ORIGIN)
    assert found.code == 0
    assert found.of("wrong") == found.of("warning") == {}
    assert {line["subject"] for line in found.of("ok").values()} == {
        *("front door", "clock", "CORS", "token", "upload", "signer", "finalize", "messages", "usage logs", "quotas"),
    }
    assert set(found.of("not asked")) == {"quotas: the project's quotas", "buckets: lifecycle, soft delete, CORS"}
    assert fake.uploads == {}


def test_people_get_lines_without_secrets(reelgate, doctor, fake) -> None:
    fake.signer_refused["media"] = (403, "SignatureDoesNotMatch")
    ran = reelgate("doctor", key=None)
    assert ran.code == 1
    assert "wrong      signer: a signed URL reads the video. 403 SignatureDoesNotMatch" in ran.out
    assert "           -> terraform" in ran.out
    assert "1 wrong" in ran.err
    assert "storage.example" not in ran.out + ran.err


def test_without_an_origin_it_says_how_to_ask_for_one(doctor) -> None:
    found = doctor()
    assert found.code == 0
    assert "--origin" in found.of("not asked")["CORS: scripts of a site may use it"]["mend"]


def test_quick_writes_nothing(doctor, fake) -> None:
    found = doctor("--quick", "--origin", ORIGIN)
    assert found.code == 0
    assert not [one for one in fake.requests if one.startswith(("POST", "PUT", "DELETE"))]
    assert "upload: its whole way, and messages" in found.of("not asked")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "unknown"), "DNS"),
        (ssl.SSLError("expired"), "TLS"),
        (ConnectionRefusedError(), "cannot be reached"),
    ],
)
def test_a_front_door_that_is_away(doctor, fake, error: OSError, said: str) -> None:
    def away(request: httpx.Request) -> None:
        raise httpx.ConnectError("no") from error

    fake.faults.append(away)
    found = doctor()
    assert found.code == 5
    [line] = found.of("wrong").values()
    assert said in line["detail"]


@pytest.mark.parametrize(
    ("status", "said"), [(200, "another service"), (403, "in front of them"), (503, "does not start"), (404, "another path")]
)
def test_a_front_door_of_something_else(doctor, fake, status: int, said: str) -> None:
    fake.faults.append(lambda request: httpx.Response(status, html="<h1>Hello</h1>", headers={"X-Request-Id": "other"}))
    found = doctor()
    [line] = found.of("wrong").values()
    assert said in line["detail"]
    assert found.code == 5


def test_errors_that_something_replaces(doctor, fake) -> None:
    def replaced(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/v1/me" or "authorization" in request.headers:
            return None
        answer = problem(401, "unauthorized", "You are not signed in.")
        answer.headers["Content-Type"] = "text/html"
        return answer

    fake.faults.append(replaced)
    assert "text/html" in doctor().one_wrong()["detail"]


def test_request_ids(doctor, fake) -> None:
    fake.request_id = None
    assert doctor().one_wrong()["question"] == "the request id comes back"
    fake.request_id = "another"
    found = doctor()
    assert (found.code, list(found.of("warning"))) == (0, ["front door: the request id comes back"])


def test_clocks(doctor, fake) -> None:
    fake.clock_ahead = 90
    line = doctor().one_wrong()
    assert (line["question"], "behind it" in line["detail"]) == ("the API's clock", True)
    fake.clock_ahead, fake.bucket_clock_ahead = 0, -90
    line = doctor().one_wrong()
    assert line["question"] == "the bucket's clock"
    assert "ahead of it" in line["detail"]
    fake.bucket_clock_ahead = -30
    assert list(doctor().of("warning")) == ["clock: the bucket's clock"]


def test_an_origin_that_the_api_does_not_know(doctor, fake) -> None:
    fake.origins = ["https://other.example"]
    found = doctor("--origin", ORIGIN)
    assert found.code == 1
    assert set(found.of("wrong")) == {"CORS: a preflight to the API", "CORS: the API's answers"}
    assert f'"{ORIGIN}" to cors_origins' in found.of("wrong")["CORS: a preflight to the API"]["mend"]


def test_an_origin_that_the_bucket_does_not_know(doctor, fake) -> None:
    fake.bucket_origins = []
    found = doctor("--origin", ORIGIN)
    assert found.code == 1
    assert len(found.of("wrong")) == 5
    assert "CORS: a preflight to the session" in found.of("wrong")
    assert "CORS: a preflight to the API" in found.of("ok")


def test_headers_that_scripts_may_not_read(doctor, fake) -> None:
    fake.exposed = "X-Request-Id, Retry-After"
    assert "not Location" in doctor("--origin", ORIGIN).one_wrong()["detail"]
    fake.exposed = "*"
    fake.bucket_headers.remove("Range")
    line = doctor("--origin", ORIGIN).one_wrong()
    assert (line["question"], "not Range" in line["detail"]) == ("the session's status", True)
    fake.bucket_headers += ["Range"]
    fake.bucket_headers.remove("x-goog-resumable")
    assert "x-goog-resumable" in doctor("--origin", ORIGIN).one_wrong()["detail"]


def test_without_a_sign_in_it_asks_what_it_can(doctor, fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELGATE_TOKEN")
    found = doctor("--origin", ORIGIN)
    assert found.code == 3
    assert "CORS: a preflight to the API" in found.of("ok")
    assert "reelgate login" in found.of("not asked")["token: all that needs a sign-in"]["mend"]


@pytest.mark.parametrize(
    ("status", "code", "mend"),
    [
        (403, "SignatureDoesNotMatch", "sign_faster"),
        (403, "AccessDenied", "terraform"),
        (400, "ExpiredToken", "timedatectl"),
        (404, "NoSuchBucket", "REELGATE_MEDIA_BUCKET"),
        (500, "InternalError", "explain"),
    ],
)
def test_a_signer_that_is_refused(doctor, fake, status: int, code: str, mend: str) -> None:
    fake.signer_refused["reelgate-media"] = (status, code)
    line = doctor().one_wrong()
    assert (line["subject"], line["question"]) == ("signer", "a signed URL opens a session")
    assert f"{status} {code}" in line["detail"]
    assert mend in line["mend"]
    assert [one.state for one in fake.uploads.values()] == ["cancelled"]


def test_a_bucket_that_breaks_in_the_middle(doctor, fake) -> None:
    def broken(request: httpx.Request) -> None:
        if request.url.path.startswith("/session/"):
            raise httpx.ReadError(str(request.url))

    fake._bucket = lambda request, ask=fake._bucket: broken(request) or ask(request)
    line = doctor().one_wrong()
    assert line["detail"] == "No answer: ReadError."
    assert [one.state for one in fake.uploads.values()] == ["cancelled"]


def test_events_that_do_not_arrive(doctor, fake) -> None:
    fake.finalizes = False
    line = doctor().one_wrong()
    assert line["subject"] == "finalize"
    assert "eventarc triggers" in line["mend"]
    assert [one.state for one in fake.uploads.values()] == ["cancelled"]
    assert not any(fake.bucket.is_alive(one) for one in fake.uploads)


def test_an_upload_that_is_rejected(doctor, fake) -> None:
    fake.becomes = "rejected"
    line = doctor().one_wrong()
    assert "It is rejected" in line["detail"]


def test_an_upload_that_is_refused(doctor, fake) -> None:
    fake.storage_limit = 0
    found = doctor()
    assert found.code == 0
    assert "no room" in found.of("not asked")["upload: one is granted"]["detail"]

    def busy(request: httpx.Request) -> httpx.Response | None:
        return problem(503, "books_busy", "Nothing was changed.") if request.method == "POST" else None

    fake.faults.append(busy)
    assert "python -m ops explain doctor-" in doctor().one_wrong()["mend"]


def test_messages_that_do_not_arrive(doctor, fake) -> None:
    fake.converts = False
    line = doctor().one_wrong()
    assert (line["question"], "reelgate-convert" in line["mend"]) == ("the push to `convert` arrives", True)
    fake.converts, fake.records, fake.role = True, False, "admin"
    line = doctor().one_wrong()
    assert (line["question"], "reelgate-audit" in line["mend"]) == ("the push to `audit` arrives", True)


def test_what_only_admins_see(doctor, fake) -> None:
    found = doctor()
    assert "Only admins" in found.of("not asked")["messages: the push to `audit` arrives"]["detail"]
    fake.role, fake.failed_deliveries = "admin", 2
    found = doctor()
    assert found.code == 0
    assert "550 no such mailbox" in found.of("warning")["messages: mails and webhooks are delivered"]["detail"]


def test_usage_logs_that_do_not_come(doctor, fake) -> None:
    fake.streamed = 1000
    assert "usage_logs = true" in doctor().of("warning")["usage logs: streams are measured"]["mend"]
    fake.measured = 900
    assert doctor().of("ok")["usage logs: streams are measured"]["detail"].startswith("90 %")


def test_a_day_that_is_nearly_used_up(doctor, fake) -> None:
    fake.bandwidth_left = 50
    assert list(doctor().of("warning")) == ["quotas: this user's bandwidth"]


def test_what_cannot_be_removed_is_named(doctor, fake) -> None:
    fake.removes = False
    line = doctor().one_wrong()
    assert "is still there" in line["detail"]
    assert "reelgate trash purge reelgate-doctor-" in line["mend"]
    assert "trash empty" not in line["mend"]


@pytest.mark.parametrize("status", [503, 204], ids=["an error", "no effect"])
def test_an_upload_that_cannot_be_cancelled_is_named(doctor, fake, status: int) -> None:
    """An open upload is no video that is gone."""
    fake.finalizes = False

    def fault(request: httpx.Request) -> httpx.Response | None:
        if request.method != "DELETE" or not request.url.path.startswith("/v1/uploads/"):
            return None
        return problem(503, "unavailable", "Later.") if status == 503 else httpx.Response(204, headers={"X-Request-Id": "r1"})

    fake.faults.append(fault)
    line = doctor().of("wrong")["upload: it is removed again"]
    [upload] = fake.uploads.values()
    assert upload.state == "open"
    assert f"reelgate uploads cancel {upload.upload_id}" in line["mend"]


@pytest.mark.parametrize("before", [True, False], ids=["before it was granted", "after"])
def test_interrupted_in_the_middle_it_leaves_nothing(reelgate, doctor, fake, before: bool) -> None:
    """An answer that is never read, as with Ctrl-C: the upload is found by its name."""

    def interrupt(request: httpx.Request) -> None:
        if request.method == "POST" and (request.url.path == "/v1/uploads") is before:
            if before:
                fake.faults.clear()
                fake.answer(request)
            raise asyncio.CancelledError

    if before:
        fake.faults.append(interrupt)
    else:
        fake._bucket = lambda request, ask=fake._bucket: interrupt(request) or ask(request)
    assert reelgate("doctor", key=None).code == 143
    assert [one.state for one in fake.uploads.values()] == ["cancelled"]


def test_arguments_that_are_none(reelgate) -> None:
    assert reelgate("doctor", "--origin", "app.example", key=None).code == 2
    assert reelgate("doctor", "--origin", f"{ORIGIN}/", key=None).code == 2
    assert reelgate("doctor", "--project", "--all", key=None).code == 2
