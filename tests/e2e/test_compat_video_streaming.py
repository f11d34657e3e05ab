"""The client of the older video streaming backend, with curl: accounts, videos, soft deletion, quotas, logs.

Its document names services and tables but no paths; the columns of its tables are the fields asked for here.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.curl import Curl, body, fetch
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually


@pytest.fixture
def registered(anybody: Curl) -> dict[str, Any]:
    """A new user as the registration answered, with the password."""
    name = f"Ada {secrets.token_hex(4)}"
    credentials = {"email": f"{secrets.token_hex(6)}@example.com", "password": "correct horse battery", "username": name}
    status, answer = anybody("POST", "/register", *body(**credentials))
    assert status == 201, answer
    return {**answer, **credentials}


@pytest.fixture
def user(anybody: Curl, registered: dict[str, Any]) -> Curl:
    """curl with the token of that user's login."""
    status, answer = anybody("POST", "/login", *body(email=registered["email"], password=registered["password"]))
    assert status == 200, answer
    return anybody.with_token(answer["token"])


@pytest.fixture
def as_admin(anybody: Curl, admin: Person) -> Curl:
    """curl with an admin's token."""
    return anybody.with_token(admin.token)


def test_user_service(anybody: Curl, registered: dict[str, Any], as_admin: Curl) -> None:
    """Registration, login and tokens; the columns of the users table."""
    assert registered["message"] == "User registered successfully"
    status, tokens = anybody("POST", "/login", *body(email=registered["email"], password=registered["password"]))
    assert (status, tokens["username"], tokens["role"]) == (200, registered["username"], "user")
    status, by_name = anybody("POST", "/login", *body(username=registered["username"], password=registered["password"]))
    assert (status, by_name["uid"]) == (200, registered["id"])
    status, me = anybody.with_token(tokens["token"])("GET", "/me")
    assert status == 200
    for column in ("id", "email", "username", "role", "created_at"):
        assert me[column] == registered[column], column
    assert me["uploading"] is None
    assert "password" not in me
    status, row = as_admin("GET", f"/admin/users/{registered['id']}")
    assert (status, row["email"], row["role"]) == (200, registered["email"], "user")
    status, answer = anybody("POST", "/register", *body(**{**_credentials(registered), "username": "Somebody else"}))
    assert (status, answer["code"]) == (409, "email_taken")
    status, answer = anybody("POST", "/login", *body(email=registered["email"], password="wrong"))
    assert (status, answer["code"]) == (401, "invalid_credentials")


def test_the_flag_of_ongoing_uploads(user: Curl) -> None:
    status, granted = user("POST", "/upload", *body(filename="new.mp4", size=1000, content_type="video/mp4"))
    assert status == 201, granted
    _, me = user("GET", "/me")
    assert me["uploading"] is not None
    user("DELETE", f"/uploads/{granted['upload_id']}")
    _, me = user("GET", "/me")
    assert me["uploading"] is None


def test_video_service(user: Curl, registered: dict[str, Any], video: Path) -> None:
    """Upload with a title, list, play, rename, soft deletion; the columns of the videos table."""
    status, answer = user("POST", "/upload", "-F", f"file=@{video}", "-F", "title=Our holiday")
    assert status == 200, answer
    status, listed = user("GET", "/files")
    (row,) = listed["files"]
    size = video.stat().st_size
    assert status == 200
    assert (row["user_id"], row["filename"], row["title"]) == (registered["id"], "video.mp4", "Our holiday")
    assert row["filepath"] == f"{registered['id']}/{row['id']}/video.mp4"
    assert row["size_mb"] == round(size / MIB, 6)
    assert (row["uploaded_at"][:2], row["deleted_at"]) == ("20", None)
    _, playing = user("GET", "/stream/direct/video.mp4")
    assert fetch(playing["url"]) == video.read_bytes()
    status, titled = user("PATCH", "/files/video.mp4", *body(title="Another title"))
    assert (status, titled["title"]) == (200, "Another title")

    status, answer = user("DELETE", "/delete-file", *body(filename="video.mp4"))
    assert (status, answer["message"]) == (200, "File deleted successfully")
    assert user("GET", "/files")[1]["files"] == []
    assert user("GET", "/files/video.mp4")[0] == 404
    _, trash = user("GET", "/trash")
    (deleted,) = trash["files"]
    assert (deleted["id"], deleted["title"], deleted["deleted_at"]) == (row["id"], "Another title", answer["timestamp"])
    status, restored = user("POST", f"/trash/{row['id']}/restore")
    assert (status, restored["file"]["deleted_at"]) == (200, None)
    _, playing = user("GET", "/stream/direct/video.mp4")
    assert fetch(playing["url"]) == video.read_bytes()


def test_storage_service(user: Curl, registered: dict[str, Any], as_admin: Curl, video: Path) -> None:
    """Quotas are monitored and enforced; an admin sets one for a single user."""
    user("POST", "/upload", "-F", f"file=@{video}")
    size = video.stat().st_size
    status, answer = as_admin("PATCH", f"/admin/users/{registered['id']}", *body(storage_limit=size + 100))
    assert status == 200, answer
    _, status_now = user("GET", "/storage-status")
    assert (status_now["total_storage"], status_now["used_storage"]) == (size + 100, size)
    status, answer = user("POST", "/upload", *body(filename="more.mp4", size=101, content_type="video/mp4"))
    assert (status, answer["code"]) == (403, "storage_limit_exceeded")
    status, answer = user("POST", "/upload", *body(filename="more.mp4", size=100, content_type="video/mp4"))
    assert status == 201, answer


def test_usage_service(user: Curl, registered: dict[str, Any], as_admin: Curl, video: Path) -> None:
    """Daily bandwidth is tracked and enforced."""
    user("POST", "/upload", "-F", f"file=@{video}")
    size = video.stat().st_size
    _, day = user("GET", "/api/usage/daily-summary")
    assert (day["total_data_bandwidth_used"], day["upload_count"]) == (size, 1)
    status, answer = as_admin("PATCH", f"/admin/users/{registered['id']}", *body(daily_limit=2 * size))
    assert status == 200, answer
    assert user("GET", "/stream/direct/video.mp4")[0] == 200
    assert user("GET", "/stream/direct/video.mp4")[0] == 200  # paid for already
    status, answer = user("POST", "/upload", *body(filename="more.mp4", size=1, content_type="video/mp4"))
    assert (status, answer["code"]) == (403, "bandwidth_limit_exceeded")


def test_logging_service(user: Curl, registered: dict[str, Any], as_admin: Curl, video: Path) -> None:
    """What users do is recorded, without anybody waiting for it; admins read it; the columns of the logs table."""
    user("POST", "/upload", "-F", f"file=@{video}")
    user("GET", "/stream/direct/video.mp4")
    user("DELETE", "/delete-file", *body(filename="video.mp4"))
    expected = {"user.registered", "login", "stream.issued", "file.deleted"}

    def rows() -> list[dict[str, Any]] | None:
        _, page = as_admin("GET", f"/logs?user_id={registered['id']}")
        found: list[dict[str, Any]] = page["logs"]
        return found if expected <= {row["action_type"] for row in found} else None

    found = eventually(rows, f"{expected} in the log")
    assert {row["user_id"] for row in found} == {registered["id"]}
    for row in found:
        assert all(row[column] for column in ("id", "action_type", "description", "service_name", "created_at"))
        assert registered["password"] not in str(row)
    assert [row["created_at"] for row in found] == sorted((row["created_at"] for row in found), reverse=True)
    assert {row["service_name"] for row in found if row["action_type"] == "login"} == {"accounts"}
    status, answer = user("GET", "/logs")
    assert (status, answer["code"]) == (403, "forbidden")


def test_roles(user: Curl, anybody: Curl, as_admin: Curl, registered: dict[str, Any]) -> None:
    """What admins may, users may not; whoever is made one may after the next login."""
    for method, path in (("GET", "/logs"), ("GET", "/admin/users"), ("GET", f"/admin/users/{registered['id']}")):
        assert anybody(method, path)[0] == 401
        assert user(method, path)[0] == 403
        assert as_admin(method, path)[0] == 200
    status, answer = as_admin("PATCH", f"/admin/users/{registered['id']}", *body(role="admin"))
    assert status == 200, answer
    _, tokens = anybody("POST", "/login", *body(email=registered["email"], password=registered["password"]))
    assert tokens["role"] == "admin"
    assert anybody.with_token(tokens["token"])("GET", "/logs")[0] == 200


def _credentials(registered: dict[str, Any]) -> dict[str, Any]:
    return {name: registered[name] for name in ("email", "password", "username")}
