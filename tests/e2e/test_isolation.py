"""Nobody sees anything of anybody else: no token 401, another's token 404 or an empty list."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx
import pytest

from tests.e2e.people import Person
from tests.fixtures.permissions import permissions

ROUTES = [(row.method, row.path) for row in permissions() if row.statuses["no token"] == 401 and row.method != "HEAD"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_or_a_bad_token_is_401(cloud: Mapping[str, str], method: str, path: str) -> None:
    url = cloud["REELGATE_URL"] + re.sub(r"\{\w+\}", "a" * 32, path)
    for token in (None, "", "Bearer", "Basic dTpw", "Bearer nonsense", "Bearer a.b.c"):
        answer = httpx.request(method, url, headers={} if token is None else {"Authorization": token})
        assert answer.status_code == 401, f"{token!r}: {answer.status_code}"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        if path.startswith("/v1/s3/"):
            assert answer.headers["content-type"] == "application/xml"
            assert "<Code>unauthorized</Code>" in answer.text
            continue
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unauthorized"
        assert answer.json().get("error") == (None if path.startswith("/v1/") else "Unauthorized")
        if not token:  # not "sign in again": the gateway's own token, which arrives alone, is no user's
            assert answer.json()["detail"] == "Sign in first."
            assert answer.json()["hint"].startswith("Send 'Authorization: Bearer TOKEN'")


def test_a_stranger_sees_nothing(person: Person, another: Person) -> None:
    upload = person.upload("secret.mp4", b"secret bytes")
    waiting = person.ask("waiting.mp4", 10)
    person.upload("trashed.mp4", b"more bytes")
    deleted = person.api.request("DELETE", "/delete-file", json={"filename": "trashed.mp4"}).json()
    for method, path in [
        ("GET", f"/v1/uploads/{upload['upload_id']}"),
        ("GET", f"/v1/uploads/{waiting['upload_id']}"),
        ("POST", f"/v1/uploads/{waiting['upload_id']}/resume"),
        ("DELETE", f"/v1/uploads/{waiting['upload_id']}"),
        ("GET", "/stream/direct/secret.mp4"),
        ("GET", "/stream/video/secret.mp4"),
        ("GET", "/download/disk/secret.mp4"),
        ("POST", f"/trash/{deleted['file_id']}/restore"),
        ("GET", f"/v1/videos/{upload['upload_id']}"),
        ("DELETE", f"/v1/videos/{upload['upload_id']}"),
        ("POST", f"/v1/videos/{deleted['file_id']}/restore"),
        ("DELETE", f"/v1/trash/{deleted['file_id']}"),
    ]:
        answer = another.api.request(method, path)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
        assert "secret" not in answer.text.replace("'secret.mp4'", "")
    refused = another.api.request("DELETE", "/delete-file", json={"filename": "secret.mp4"})
    assert refused.status_code == 404
    v1 = ("/v1/uploads", "/v1/usage/entries", "/v1/videos", "/v1/trash")
    for path, name in [("/files", "files"), ("/trash", "files"), *((path, "items") for path in v1)]:
        assert another.api.get(path).json()[name] == []
    assert another.storage_status()["used_storage"] == 0
    assert {file["filename"] for file in person.api.get("/files").json()["files"]} == {"secret.mp4"}
    person.assert_books_right()


def test_two_people_may_use_the_same_name(person: Person, another: Person) -> None:
    person.upload("same.mp4", b"mine")
    another.upload("same.mp4", b"yours")
    assert person.storage.get(person.api.get("/stream/direct/same.mp4").json()["url"]).content == b"mine"
    assert another.storage.get(another.api.get("/stream/direct/same.mp4").json()["url"]).content == b"yours"
