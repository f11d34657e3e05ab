"""What bad input gets: a clear problem, and nothing reserved or stored."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.people import MIB, Person
from tests.fixtures.api_client import wrong_fields

GOOD: dict[str, Any] = {"filename": "v.mp4", "size": 1000, "content_type": "video/mp4"}


@pytest.fixture(autouse=True)
def _nothing_is_left(person: Person) -> Iterator[None]:
    """Whatever a test sends, the account must be empty afterwards."""
    yield
    assert person.storage_status()["reserved_storage"] == 0
    assert person.api.get("/v1/uploads").json()["items"] == []
    assert person.ledger() == []


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Hold an answer against RFC 9457 and this API's additions."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem.get("error") or answer.request.url.path.startswith("/v1/")
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in answer.text
    return problem


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("filename", None),
        ("filename", ""),
        ("filename", "   "),
        ("filename", 7),
        ("filename", ["a.mp4"]),
        ("filename", ".."),
        ("filename", "a/b.mp4"),
        ("filename", "..\\b.mp4"),
        ("filename", "a\u0000.mp4"),
        ("filename", "a\nb.mp4"),
        ("filename", "a\u202eb.mp4"),
        ("filename", "\ud800.mp4"),
        ("filename", "x" * 1025),
        ("filename", "ü" * 513),
        ("size", None),
        ("size", 0),
        ("size", -1),
        ("size", 1.5),
        ("size", "1000"),
        ("size", True),
        ("size", 2**53),
        ("content_type", ";codecs=vp9"),
        ("content_type", "video"),
        ("content_type", "video/mp4\r\nx-evil: 1"),
        ("crc32c", "nonsense"),
        ("title", ""),
        ("title", "x" * 201),
        ("title", "a\u0007"),
        ("start", "later"),
        ("unknown", 1),
    ],
)
def test_missing_or_impossible_fields_are_named(person: Person, field: str, value: Any) -> None:
    body = {**GOOD, field: value} if value is not None else {k: v for k, v in GOOD.items() if k != field}
    raw = json.dumps(body)
    answer = person.api.post("/upload", content=raw, headers={"Content-Type": "application/json"})
    problem = assert_problem(answer, 400, "invalid_request")
    assert problem["field"] == field
    assert [wrong["field"] for wrong in problem["errors"]] == [field]


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"size": NaN}', b"[" * 20_000, b"filename=v.mp4"]
)
def test_a_body_that_is_no_json_object_is_400(person: Person, raw: bytes) -> None:
    for path in ("/upload", "/v1/uploads/check", "/api/usage/log-upload"):
        assert_problem(person.api.post(path, content=raw), 400, "invalid_request")
    assert_problem(person.api.request("DELETE", "/delete-file", content=raw), 400, "invalid_request")


def test_an_oversized_body_is_refused_early(person: Person) -> None:
    assert_problem(person.api.post("/upload", content=b" " * MIB), 413, "too_large")


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(person: Person) -> None:
    address = (person.api.base_url.host, person.api.base_url.port or 80)
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.putrequest("POST", "/upload")
    connection.putheader("Authorization", f"Bearer {person.token}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(64 * MIB))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "too_large")


def test_a_file_over_the_deployments_maximum_is_413(person: Person) -> None:
    answer = person.api.post("/upload", json={**GOOD, "size": 2**50})
    problem = assert_problem(answer, 413, "too_large")
    assert problem["requested"] == 2**50
    assert problem["limit"] < 2**50


@pytest.mark.parametrize("kind", ["text/html", "image/png", "video/html", "video/svg+xml"])
def test_a_wrong_type_is_415(person: Person, kind: str) -> None:
    assert_problem(person.api.post("/upload", json={**GOOD, "content_type": kind}), 415, "unsupported_type")
    form = person.api.post("/upload", files={"file": ("page.html", b"<p>", kind)})
    assert_problem(form, 415, "unsupported_type")


@pytest.mark.parametrize("name", ["setup.exe", "index.html"])
def test_a_name_that_is_no_media_file_s_is_415(person: Person, name: str) -> None:
    assert_problem(person.api.post("/upload", json={**GOOD, "filename": name}), 415, "unsupported_type")
    assert_problem(person.api.post("/upload", files={"file": (name, b"MZ", "video/mp4")}), 415, "unsupported_type")
    init = {"main_service_file_id": 7, "original_file_name": name}
    assert_problem(person.api.post("/upload/init", json=init), 415, "unsupported_type")


def test_over_a_limit_is_403_with_the_numbers(person: Person) -> None:
    problem = assert_problem(person.api.post("/upload", json={**GOOD, "size": 50 * MIB + 1}), 403, "storage_limit_exceeded")
    assert {name: problem[name] for name in ("limit", "used", "reserved", "requested")} == {
        "limit": 50 * MIB,
        "used": 0,
        "reserved": 0,
        "requested": 50 * MIB + 1,
    }


def test_unknown_paths_and_methods(person: Person) -> None:
    for path in ("/nothing", "/console", "/v1/uploads/x/y/z", "/stream/direct/", "/stream/direct/a/b"):
        assert_problem(person.api.get(path), 404, "not_found")
    for method, path in (("PUT", "/upload"), ("DELETE", "/files"), ("POST", "/stream/direct/x.mp4"), ("PATCH", "/trash")):
        problem = assert_problem(person.api.request(method, path), 405, "method_not_allowed")
        assert problem["status"] == 405


@pytest.mark.parametrize("upload_id", ["x", "a" * 32, "..", "%00", "a" * 500, "__all__", "%ff", "a%2Fb"])
def test_unknown_uploads_are_404(person: Person, upload_id: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/resume")):
        answer = person.api.request(method, f"/v1/uploads/{upload_id}{path}")
        assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=1001", "limit=x", "limit=1e2", "cursor=nonsense", "cursor=AAAA"]
)
def test_bad_paging_is_400(person: Person, query: str) -> None:
    for path in ("/files", "/trash", "/v1/usage/entries", "/storage-status"):
        problem = assert_problem(person.api.get(f"{path}?{query}"), 400, "invalid_request")
        assert wrong_fields(problem) == [query.partition("=")[0]]


def test_bad_idempotency_keys_are_400(person: Person) -> None:
    for key in ("", "two words", "x" * 256):
        answer = person.api.post("/upload", json=GOOD, headers={"Idempotency-Key": key})
        assert_problem(answer, 400, "invalid_request")


def test_check_refuses_bad_lists(person: Person) -> None:
    for sizes in (None, [], [0], ["1"], [1] * 1001, 5):
        problem = assert_problem(person.api.post("/v1/uploads/check", json={"sizes": sizes}), 400, "invalid_request")
        assert [wrong["field"].partition("[")[0] for wrong in problem["errors"]] == ["sizes"]
