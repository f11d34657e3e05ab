"""The line that each refused request leaves in the log: why, in names and numbers, and nothing that a client made up."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from reelgate.domain import errors
from reelgate.web.http.logs import request_log
from reelgate.web.http.logs.json_lines import JsonLines
from tests.fixtures.api_client import ApiClient

UPLOAD = {"filename": "a.mp4", "size": 100, "content_type": "video/mp4"}
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Return what the requests since the last look have left in the log, as it is written."""
    caplog.set_level(logging.INFO, logger="reelgate")

    def taken() -> list[dict[str, Any]]:
        found = [json.loads(JsonLines().format(record)) for record in caplog.records]
        caplog.clear()
        return [line for line in found if "refused" in line]

    return taken


async def test_a_refusal_is_logged_by_its_code(api: ApiClient, lines: Lines) -> None:
    answer = await api.get("/files/no-such.mp4", headers={"X-Request-Id": "request-1"})
    assert answer.status_code == 404
    [line] = lines()
    assert (line["refused"], line["request_id"], line["severity"]) == ("user_storage_not_found", "request-1", "INFO")
    assert line["refusal"] == {"status": 404, "method": "GET", "route": "/files/{filename}", "user_id": "ada"}


KINDS: list[tuple[tuple[str, str], dict[str, Any], str, dict[str, Any]]] = [
    (("POST", "/upload"), {"json": {**UPLOAD, "size": 0}}, "invalid_request", {"fields": ["size"], "route": "/upload"}),
    (("POST", "/upload"), {"content": b"no JSON"}, "invalid_request", {"fields": None}),
    (("GET", "/files?serach=x"), {}, "invalid_request", {"fields": ["serach"]}),
    (("GET", "/admin/users"), {}, "forbidden", {"route": "/admin/users"}),
    (
        ("POST", "/upload"),
        {"json": {**UPLOAD, "filename": "b.mp4", "size": 901}},
        "storage_limit_exceeded",
        {"limit": 1000, "used": 0, "reserved": 100, "requested": 901},
    ),
    (("GET", "/v1/uploads/never-granted"), {}, "upload_not_found", {"upload_id": "never-granted"}),
    (("POST", "/upload"), {"json": UPLOAD}, "name_taken", {}),
    (("POST", "/upload"), {"json": {**UPLOAD, "size": 1501}}, "too_large", {"limit": 1500, "requested": 1501}),
    (("POST", "/upload"), {"json": {**UPLOAD, "content_type": "image/png"}}, "unsupported_type", {}),
    (("GET", "/no/such/path"), {}, "not_found", {"route": None, "user_id": None}),
    (("DELETE", "/files"), {}, "method_not_allowed", {"route": None, "user_id": None}),
    (("GET", "/files"), {"headers": {"Authorization": "Bearer wrong"}}, "unauthorized", {"user_id": None, "route": "/files"}),
]


@pytest.mark.parametrize(("asked", "options", "code", "expected"), KINDS)
async def test_every_kind_of_refusal_has_its_line(
    api: ApiClient, lines: Lines, asked: tuple[str, str], options: dict[str, Any], code: str, expected: dict[str, Any]
) -> None:
    assert (await api.post("/upload", json=UPLOAD)).status_code == 201
    assert lines() == []
    answer = await api.request(*asked, **options)
    [line] = lines()
    assert (line["refused"], line["request_id"]) == (code, answer.headers["x-request-id"])
    refusal = line["refusal"]
    assert (refusal["status"], refusal["method"]) == (answer.status_code, asked[0])
    wanted = {"user_id": "ada", **expected}
    assert {name: refusal.get(name) for name in wanted} == wanted


async def test_a_refusal_with_a_status_of_its_own_has_that_status(api: ApiClient, lines: Lines) -> None:
    answer = await api.post("/api/usage/check-upload-bandwidth", json={"file_size": 2001})
    [line] = lines()
    assert (answer.status_code, line["refused"]) == (400, "bandwidth_limit_exceeded")
    assert (line["refusal"]["status"], line["refusal"]["requested"]) == (400, 2001)


async def test_one_line_says_nothing_of_the_request_before(api: ApiClient, lines: Lines) -> None:
    await api.get("/v1/uploads/never-granted")
    await api.get("/no/such/path")
    assert lines()[-1]["refusal"] == {"status": 404, "method": "GET"}


SECRET = "my secret"
MADE_UP: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/upload", {"json": {**UPLOAD, "filename": f"{SECRET}/x"}}),
    ("POST", "/upload", {"json": {**UPLOAD, "content_type": f"{SECRET}/x"}}),
    ("POST", "/upload", {"json": {**UPLOAD, "size": SECRET}}),
    ("POST", "/upload", {"json": {**UPLOAD, SECRET: 1}}),
    ("POST", "/upload", {"json": UPLOAD, "headers": {"Idempotency-Key": SECRET}}),
    ("GET", "/files", {"params": {SECRET: "x"}}),
    ("GET", "/files", {"params": {"cursor": SECRET}}),
    ("GET", f"/files/{SECRET}", {}),
    ("GET", f"/v1/uploads/{SECRET}", {}),
    ("GET", f"/{SECRET}", {}),
    ("GET", "/files", {"headers": {"Authorization": f"Bearer {SECRET}"}}),
    ("POST", "/login", {"json": {"email": f"{SECRET}@example.org", "password": SECRET}}),
    ("POST", "/login", {"json": {"email": "eve@example.org", "password": SECRET}}),
    ("POST", "/register", {"json": {"email": "eve@example.org", "username": SECRET * 9, "password": SECRET}}),
]


@pytest.mark.parametrize(("method", "path", "options"), MADE_UP)
async def test_nothing_that_a_client_made_up_is_in_the_log(
    api: ApiClient, lines: Lines, caplog: pytest.LogCaptureFixture, method: str, path: str, options: dict[str, Any]
) -> None:
    assert (await api.request(method, path, **options)).status_code in {400, 401, 404, 415}
    assert SECRET not in caplog.text
    [line] = lines()
    assert SECRET not in json.dumps(line)
    assert "eve@example.org" not in json.dumps(line)


def test_a_line_is_small(lines: Lines) -> None:
    """Somebody may send a million of them."""
    request_log.begin("POST")
    ids = dict.fromkeys(("upload_id", "video_id", "file_id"), "i" * 64)
    request_log.know(route="/v1/videos/{video_id}", user_id="u" * 128, params=ids, notes={"filename": "f" * 1000})
    request_log.refused(errors.ChunksMissing("Send them.", missing=range(100)))
    [line] = lines()
    assert len(json.dumps(line)) < 1500
    assert "filename" not in line["refusal"]
