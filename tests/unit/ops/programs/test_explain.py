"""`python -m ops explain`: every refusal is explained by its request id, and the end of every upload by its own."""

from __future__ import annotations

import argparse
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.requests import explain
from ops.requests.refusal_words import why
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.upkeep.sweep import sweep_uploads
from reelgate.web.http.logs.json_lines import JsonLines
from tests.fixtures.api_client import ApiClient
from tests.fixtures.audit_trail import published
from tests.fixtures.memory_services import MemoryServices
from tests.unit.ops.programs.conftest import FakeGcloud

UPLOAD = {"filename": "a.mp4", "size": 100, "content_type": "video/mp4"}
Explained = Callable[[str], Awaitable[tuple[int, str]]]


def given(identifier: str, **more: object) -> argparse.Namespace:
    defaults = {"project": None, "prefix": "reelgate", "region": "europe-west1", "since": "30d"}
    return argparse.Namespace(**{**defaults, "id": identifier, **more})


@pytest.fixture
async def api(services: MemoryServices) -> AsyncIterator[ApiClient]:
    async with ApiClient(services) as client:
        yield client


@pytest.fixture
def explained(
    services: MemoryServices,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> Explained:
    """Run the command over these services and what they have logged; return its exit code and output."""
    caplog.set_level(logging.INFO, logger="reelgate")
    monkeypatch.setenv("REELGATE_STATE", str(tmp_path))
    monkeypatch.setattr(explain, "services_of", lambda _: services)
    (tmp_path / "logs").mkdir()

    async def run(identifier: str) -> tuple[int, str]:
        lines = [JsonLines().format(record) for record in caplog.records]
        (tmp_path / "logs" / "upload.log").write_text("\n".join(["[INFO] a line of the server", "7", *lines]))
        for action in published(services):
            await services.audit_log.record(action)
        code = await explain.run(given(identifier))
        return code, capsys.readouterr().out

    return run


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"size": 0}, 400, "`size` must be a whole number of bytes, 1 or more"),
    ({"file": "a.mp4"}, 400, "Missing, unknown, or with a value that is not allowed: `file`"),
    (
        {"filename": "b.mp4", "size": 901},
        403,
        "The request was for 901 bytes, and 900 bytes of 1,000 bytes were left in the user's storage: 0 bytes were stored, and "
        "100 bytes reserved",
    ),
    ({}, 409, "A video or an open upload of the user has this file name."),
    ({"size": 1501}, 413, "The request was for 1,501 bytes, more than the 1,500 bytes that this deployment takes"),
    ({"content_type": "image/png"}, 415, "does not store the content type"),
]


@pytest.mark.parametrize(("changes", "status", "words"), REFUSED)
async def test_a_refused_upload_is_explained(
    api: ApiClient, explained: Explained, changes: dict[str, Any], status: int, words: str
) -> None:
    assert (await api.post("/upload", json=UPLOAD)).status_code == 201
    answer = await api.post("/upload", json={**UPLOAD, **changes})
    assert answer.status_code == status
    problem = answer.json()
    code, shown = await explained(problem["request_id"])
    assert code == 0
    assert f"upload: POST /upload by user ada was refused: {status} {problem['code']}\n" in shown
    assert words in shown
    assert "storage: 900 of 1,000 bytes are left; 0 stored, 100 reserved by 1 open uploads" in shown
    assert ("denied upload.granted" in shown) == (status == 403)


async def test_what_became_of_an_upload_by_the_request_of_its_grant(
    services: MemoryServices, api: ApiClient, explained: Explained
) -> None:
    granted = await api.post("/upload", json=UPLOAD, headers={"X-Request-Id": "the-grant"})
    name = f"ada/{granted.json()['upload_id']}/a.mp4"
    services.media.write(name, b"too short", "video/mp4")
    await finish_upload(services, name)
    for identifier in ("the-grant", granted.json()["upload_id"]):
        code, shown = await explained(identifier)
        assert code == 0
        assert "done upload.granted: Upload granted: a.mp4" in shown
        assert "denied upload.rejected: Upload rejected: a.mp4 (" in shown
        assert "The object that arrived was not what was granted." in shown
        assert "1,000 of 1,000 bytes are left; 0 stored" in shown


async def test_an_expired_upload(services: MemoryServices, api: ApiClient, explained: Explained) -> None:
    granted = await api.post("/upload", json=UPLOAD)
    services.clock.advance(days=8)
    await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    _, shown = await explained(granted.headers["x-request-id"])
    assert "done upload.expired: Upload expired: a.mp4" in shown
    assert "No object had arrived when the grant expired." in shown


async def test_an_object_that_came_after_its_upload_was_cancelled(
    services: MemoryServices, api: ApiClient, explained: Explained
) -> None:
    upload_id = (await api.post("/upload", json=UPLOAD)).json()["upload_id"]
    assert (await api.delete(f"/uploads/{upload_id}")).status_code == 200
    services.media.write(f"ada/{upload_id}/a.mp4", b"v" * 100, "video/mp4")
    await finish_upload(services, f"ada/{upload_id}/a.mp4")
    _, shown = await explained(upload_id)
    assert "done upload.cancelled: Upload cancelled: a.mp4" in shown
    assert "no open upload had a right to it any more" in shown


async def test_who_is_not_signed_in_and_what_is_no_refusal(
    services: MemoryServices, api: ApiClient, explained: Explained
) -> None:
    refused = await api.get("/files", headers={"Authorization": "Bearer wrong", "X-Request-Id": "nobody-1"})
    assert refused.status_code == 401
    _, shown = await explained("nobody-1")
    assert "GET /files by nobody who is signed in was refused: 401 unauthorized" in shown
    assert "user " not in shown.partition("\n")[2]
    services.books_store.unavailable = True
    assert (await api.get("/files", headers={"X-Request-Id": "slow-one"})).status_code == 503
    services.books_store.unavailable = False
    _, shown = await explained("slow-one")
    assert "was refused: 503" in shown


async def test_nothing_is_known(explained: Explained) -> None:
    code, shown = await explained("never-seen")
    assert code == 1
    assert "Neither the logs nor the audit log know never-seen." in shown
    with pytest.raises(ValueError, match="letters"):
        await explained('" OR severity=ERROR')


async def test_google_s_logs_are_asked_for_the_request(
    services: MemoryServices, gcloud: FakeGcloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(explain, "services_of", lambda _: services)
    monkeypatch.setenv("PATH", str(gcloud.folder), prepend=":")
    monkeypatch.setenv("FAKE_GCLOUD", str(gcloud.folder))
    refusal = {"status": 409, "method": "POST", "route": "/upload", "user_id": "ada"}
    service = {"labels": {"service_name": "reelgate-upload"}}
    entries = [
        {
            "timestamp": "2026-11-20T10:00:00.123456789Z",
            "severity": severity,
            "resource": service,
            "jsonPayload": {"message": "failed", "request_id": "request-1", **fields},
        }
        for severity, fields in (("ERROR", {}), ("INFO", {"refused": "name_taken", "refusal": refusal}))
    ]
    gcloud.set(logs=entries)
    assert await explain.run(given("request-1", project="videos-1")) == 0
    shown = capsys.readouterr().out
    assert "2026-11-20 10:00:00 UTC upload: ERROR failed\n" in shown
    assert "2026-11-20 10:00:00 UTC upload: POST /upload by user ada was refused: 409 name_taken" in shown
    assert "user ada has no account in the books" in shown
    [call] = gcloud.calls
    assert call[:3] == ["logging", "read", 'resource.type="cloud_run_revision" AND jsonPayload.request_id="request-1"']


@pytest.mark.parametrize(
    ("code", "refusal", "words"),
    [
        (
            "bandwidth_limit_exceeded",
            {"limit": 2000, "used": 1900, "reserved": 0, "requested": 300},
            "100 bytes of 2,000 bytes were left of the user's day: 1,900 bytes were uploaded or streamed",
        ),
        ("bandwidth_limit_exceeded", {"retry_at": "2026-11-04T00:00:00Z"}, "Possible again from 2026-11-04T00:00:00Z."),
        ("invalid_request", {}, "The body was missing or cannot be read"),
        ("chunks_missing", {"missing": [3, 4]}, "these chunks had not arrived: [3, 4]"),
        ("too_many_attempts", {"retry_after_seconds": 30}, "after 30 seconds"),
        ("too_large", {"limit": 5}, "The request was too large, more than the 5 bytes"),
        ("delivery_busy", {}, "The delivery is being sent."),
        ("of_a_newer_revision", {}, "of_a_newer_revision."),
    ],
)
def test_words(code: str, refusal: dict[str, Any], words: str) -> None:
    assert words in why(code, refusal)
