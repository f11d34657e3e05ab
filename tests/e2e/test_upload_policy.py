"""Uploads for admins only, as in the older MP3 service: REELGATE_UPLOAD_ROLES=admin closes every way in to everybody else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.people import Person

NEW = {"filename": "new.mp4", "size": 1000, "content_type": "video/mp4"}
WAYS: dict[str, dict[str, Any]] = {
    "signed URL": {"url": "/upload", "json": NEW},
    "session of the server": {"url": "/upload", "json": {**NEW, "start": "server"}},
    "form": {"url": "/upload", "files": {"file": ("new.mp4", b"video", "video/mp4")}},
    "chunks": {"url": "/upload/init", "json": {"main_service_file_id": 7, "original_file_name": "new.mp4"}},
}


def as_(person: Person, origin: str) -> httpx.Client:
    """Return a client of one function that shows the person's token."""
    return httpx.Client(base_url=origin, headers={"Authorization": person.api.headers["Authorization"]}, timeout=60)


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 403, answer.text
    problem = answer.json()
    assert (problem["code"], problem["title"]) == ("forbidden", "Forbidden")
    assert problem["detail"] == "Only admins can upload here."
    assert problem["hint"] == "The role in the token is 'user'."


@pytest.mark.parametrize("way", WAYS)
def test_users_are_refused_and_admins_are_not(admins_only: str, person: Person, admin: Person, way: str) -> None:
    request = {"method": "POST", **WAYS[way]}
    with as_(person, admins_only) as user, as_(admin, admins_only) as allowed:
        assert_refused(user.request(**request))
        assert allowed.request(**request).status_code in {200, 201}
    assert person.storage_status()["reserved_storage"] == 0
    assert person.ledger() == []


def test_asking_beforehand_says_the_same(admins_only: str, person: Person, admin: Person) -> None:
    with as_(person, admins_only) as user, as_(admin, admins_only) as allowed:
        answer = user.post("/v1/uploads/check", json={"sizes": [1000]}).json()
        assert (answer["allowed"], answer["items"][0]["code"]) == (False, "forbidden")
        assert allowed.post("/v1/uploads/check", json={"sizes": [1000]}).json()["allowed"] is True


def test_what_was_begun_before_is_not_gone_on_with(admins_only: str, person: Person) -> None:
    """Somebody who was an admin, or a deployment that has changed: no fresh URL, no further chunk; giving back is fine."""
    granted = person.ask("begun.mp4", 1000)
    begun = person.api.post("/upload/init", json={"main_service_file_id": 7, "original_file_name": "chunks.mp4"})
    session = begun.json()["data"]["upload_session_id"]
    with as_(person, admins_only) as user:
        assert_refused(user.post(f"/v1/uploads/{granted['upload_id']}/resume"))
        fields = {"upload_session_id": session, "chunk_index": "0"}
        assert_refused(user.post("/upload/chunk", data=fields, files={"chunk": ("chunk", b"bytes")}))
        urls = {"upload_session_id": session, "chunks": [{"index": 0, "size": 10, "crc32c": "AAAAAA=="}]}
        assert_refused(user.post("/upload/chunk-urls", json=urls))
        assert user.get(f"/v1/uploads/{granted['upload_id']}").json()["state"] == "open"
        assert user.delete(f"/v1/uploads/{granted['upload_id']}").status_code == 204
        assert user.request("DELETE", "/upload/file", json={"upload_session_id": session}).status_code == 200


def test_a_form_is_refused_before_it_is_taken_in(admins_only: str, person: Person) -> None:
    """The refusal comes although the body never ends."""

    def endless() -> Iterator[bytes]:
        yield b"--x\r\nContent-Disposition: form-data; name=file; filename=a.mp4\r\n\r\n"
        raise AssertionError("the body was asked for")

    with as_(person, admins_only) as user:
        connection = user.build_request("POST", "/upload", headers={"Content-Type": "multipart/form-data; boundary=x"})
        assert_refused(user.send(connection))


def test_preflights_and_heads_are_nobody_s_business(admins_only: str, person: Person) -> None:
    with as_(person, admins_only) as user:
        answer = user.options("/upload", headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"})
        assert answer.status_code == 204
        assert user.head("/v1/uploads").status_code == 200
        assert user.head(f"/v1/uploads/{secrets.token_hex(16)}").status_code == 404
