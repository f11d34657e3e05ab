"""Asking twice with one key is asking once."""

from __future__ import annotations

from tests.e2e.people import Person

BODY = {"filename": "once.mp4", "size": 4, "content_type": "video/mp4"}


def test_the_same_key_gives_the_same_upload(person: Person) -> None:
    key = {"Idempotency-Key": "try-1"}
    first = person.api.post("/upload", json=BODY, headers=key).json()
    second = person.api.post("/upload", json=BODY, headers=key)
    assert (second.status_code, second.json()["upload_id"]) == (201, first["upload_id"])
    assert person.storage_status()["reserved_storage"] == 4
    other = person.api.post("/upload", json={**BODY, "size": 5}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert person.send(second.json(), b"data").status_code == 200
    person.settled(first["upload_id"])
    late = person.api.post("/upload", json=BODY, headers=key)
    assert (late.status_code, late.json()["code"]) == (409, "upload_finished")
    person.assert_books_right()


def test_a_key_belongs_to_one_user(person: Person, another: Person) -> None:
    key = {"Idempotency-Key": "shared"}
    mine = person.api.post("/upload", json=BODY, headers=key).json()["upload_id"]
    yours = another.api.post("/upload", json=BODY, headers=key).json()["upload_id"]
    assert mine != yours


def test_the_server_opens_one_session_for_one_key(person: Person) -> None:
    key, body = {"Idempotency-Key": "server-1"}, {**BODY, "start": "server"}
    first = person.api.post("/upload", json=body, headers=key).json()
    second = person.api.post("/upload", json=body, headers=key).json()
    assert first["session_url"] == second["session_url"]
    assert person.storage.put(first["session_url"], content=b"data").status_code == 200
    assert person.settled(first["upload_id"])["state"] == "ready"
