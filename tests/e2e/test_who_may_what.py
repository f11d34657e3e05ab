"""All routes, asked by everybody: the statuses of the table in tests/fixtures/permissions.py, and nothing of anybody else's."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.people import Person, sign_up
from tests.fixtures.permissions import Permission, permissions

SECRET = "nobody else may read this"
BODIES: dict[str, dict[str, Any]] = {
    "POST /upload": {"filename": "{new_name}", "size": 1000, "content_type": "video/mp4"},
    "POST /upload/check": {"sizes": [1000]},
    "POST /upload/init": {"main_service_file_id": 7, "original_file_name": "{new_name}"},
    "POST /upload/chunk-urls": {"upload_session_id": "{session_id}", "chunks": [{"index": 0, "size": 5}]},
    "POST /upload/complete": {"upload_session_id": "{sent_session_id}", "total_chunks": 1, "main_service_file_id": 7},
    "DELETE /upload/file": {"upload_session_id": "{session_id}"},
    "PATCH /files/{filename}": {"title": SECRET},
    "DELETE /delete-file": {"filename": "{filename}"},
    "POST /api/usage/check-upload-bandwidth": {"file_size": 1000},
    "POST /api/usage/log-upload": {"file_name": "{new_name}", "file_size": 10},
    "POST /api/usage/log-deletion": {"file_name": "{new_name}", "file_size": 10},
    "POST /api/usage/reset-daily": {"user_id": "{uid}"},
    "POST /register": {"email": "{new_user}@example.com", "password": "correct horse battery", "username": "{new_user}"},
    "POST /login": {"email": "{email}", "password": "{password}"},
    "POST /login/refresh": {"refresh_token": "{refresh_token}"},
    "PATCH /me": {"mails": {"alerts": True}},
    "PATCH /admin/users/{uid}": {"alert_percents": [80, 100]},
}
PATHS = {"/files/{filename}/audio": "/files/{converted}/audio"}
FORMS = {"POST /upload/chunk": {"upload_session_id": "{session_id}", "chunk_index": "0"}}
QUERIES = {"/download": {"fid": "{converted_id}"}}
"""What is sent where. Names in braces stand for belongings of the owner."""


class Belongings(Mapping[str, str]):
    """Somebody's things by the names that paths and bodies use; each is made when it is asked for first."""

    def __init__(self, person: Person, admin: Person, video: Path) -> None:
        self._person = person
        self._admin = admin
        self._real_video = video
        self._made: dict[str, str] = {}
        self._makers: dict[str, Callable[[], str]] = {
            "uid": lambda: person.uid,
            "email": lambda: person.email,
            "password": lambda: person.password,
            "refresh_token": lambda: person.refresh_token,
            "filename": self._video,
            "upload_id": lambda: str(person.ask(_new_name(), 10, title=SECRET)["upload_id"]),
            "file_id": self._trashed,
            "session_id": self._session,
            "sent_session_id": self._sent_session,
            "converted": self._converted,
            "delivery_id": self._delivery,
            "converted_id": lambda: str(person.api.get(f"/files/{self['converted']}").json()["file_id"]),
        }

    def __getitem__(self, name: str) -> str:
        if name == "new_name":
            return _new_name()
        if name == "new_user":
            return secrets.token_hex(8)
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def make(self, row: Permission) -> None:
        """Make what a row's request names."""
        for template in (PATHS.get(row.path, row.path), QUERIES.get(row.path), BODIES.get(row.route), FORMS.get(row.route)):
            filled_in(template, self)

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def _video(self) -> str:
        name = _new_name()
        self._person.upload(name, b"video", title=SECRET)
        return name

    def _session(self) -> str:
        body = {"main_service_file_id": 7, "original_file_name": _new_name(), "title": SECRET}
        return str(self._person.api.post("/upload/init", json=body).json()["data"]["upload_session_id"])

    def _sent_session(self) -> str:
        session_id = self._session()
        fields = {"upload_session_id": session_id, "chunk_index": "0"}
        self._person.api.post("/upload/chunk", data=fields, files={"chunk": ("chunk", b"video")}).raise_for_status()
        return session_id

    def _converted(self) -> str:
        """A real video whose MP3 is there."""
        name = _new_name()
        self._person.upload(name, self._real_video.read_bytes(), title=SECRET)
        self._person.converted(name)
        return name

    def _delivery(self) -> str:
        """A mail or webhook about a video."""
        self._video()
        return self._admin.first_delivery_about(self._person.uid)

    def _trashed(self) -> str:
        answer = self._person.api.request("DELETE", "/delete-file", json={"filename": self._video()})
        return str(answer.json()["file_id"])


@pytest.fixture(scope="module")
def people(cloud: Mapping[str, str]) -> Iterator[dict[str, Person]]:
    """The owner, another user and an admin."""
    with ExitStack() as stack:
        roles = {"owner": None, "another user": None, "admin": "admin"}
        yield {who: stack.enter_context(sign_up(cloud, role=role)) for who, role in roles.items()}


@pytest.fixture(scope="module")
def anybody(cloud: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Who shows no token."""
    with httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60) as client:
        yield client


@pytest.mark.parametrize("row", permissions(), ids=lambda row: row.route)
def test_who_may(row: Permission, people: dict[str, Person], anybody: httpx.Client, video: Path) -> None:
    owner = people["owner"]
    belongings = Belongings(owner, people["admin"], video)
    callers = [
        ("no token", anybody, {}),
        ("broken token", anybody, {"Authorization": f"Bearer {owner.token[:-8]}"}),
        ("another user", people["another user"].api, {}),
        ("admin", people["admin"].api, {}),
        ("owner", owner.api, {}),  # last: it may use up what is asked for
    ]
    for who, client, headers in callers:
        if row.method == "GET":
            head = ask(client, "HEAD", row, belongings, headers)
            assert (head.status_code, head.content) == (row.statuses[who], b"")
        answer = ask(client, row.method, row, belongings, headers)
        assert answer.status_code == row.statuses[who], f"{who}: {answer.status_code} {answer.text}"
        if not (who == "owner" or row.is_public or (who == "admin" and row.is_for_admins)):
            assert_nothing_told(answer, owner)
    owner.assert_books_right()


@pytest.mark.parametrize("row", permissions(), ids=lambda row: row.route)
def test_what_a_disabled_account_may(row: Permission, people: dict[str, Person], person: Person, video: Path) -> None:
    """Nothing is granted to it; it may see what it has, and give it back."""
    belongings = Belongings(person, people["admin"], video)
    belongings.make(row)
    people["admin"].api.patch(f"/admin/users/{person.uid}", json={"disabled": True}).raise_for_status()
    answer = ask(person.api, row.method, row, belongings, {})
    assert answer.status_code == row.statuses["disabled owner"], answer.text
    if answer.status_code == 403 and row.method != "HEAD":
        assert answer.json()["code"] == ("forbidden" if row.is_for_admins else "account_disabled")


@pytest.mark.parametrize("end", [{"role": "user"}, {"disabled": True}, {"role": "user", "disabled": True}], ids=str)
def test_what_an_admin_may_who_is_none_any_more(
    cloud: Mapping[str, str], people: dict[str, Person], video: Path, end: dict[str, Any]
) -> None:
    """The token says for an hour that they are one; no route for admins believes it, from the next request on."""
    rows = [row for row in permissions() if row.is_for_admins]
    belongings = Belongings(people["owner"], people["admin"], video)
    with sign_up(cloud, role="admin") as admin:
        for row in rows:
            assert ask(admin.api, row.method, row, belongings, {}).status_code == row.statuses["admin"], row.route
        people["admin"].api.patch(f"/admin/users/{admin.uid}", json=end).raise_for_status()
        for row in rows:
            for method in {row.method, "HEAD"} if row.method == "GET" else {row.method}:
                answer = ask(admin.api, method, row, belongings, {})
                assert answer.status_code == 403, f"{method} {row.path}: {answer.status_code} {answer.text}"
                assert_nothing_told(answer, people["owner"])
        assert admin.api.post("/api/usage/reset-daily").status_code == 403  # their own day is no exception


@pytest.mark.parametrize("path", sorted({row.path for row in permissions()}))
def test_browsers_may_ask_without_a_token(anybody: httpx.Client, path: str) -> None:
    methods = {row.method for row in permissions() if row.path == path}
    answer = anybody.options(path, headers={"Origin": "https://app.example", "Access-Control-Request-Method": min(methods)})
    assert answer.status_code == 204
    assert methods <= set(answer.headers["allow"].split(", "))


def ask(
    client: httpx.Client, method: str, row: Permission, belongings: Belongings, headers: Mapping[str, str]
) -> httpx.Response:
    """Send a row's request about those belongings."""
    path, query = PATHS.get(row.path, row.path), QUERIES.get(row.path, {})
    return client.request(
        method,
        path.format_map(belongings),
        params=filled_in(query, belongings),
        json=filled_in(BODIES.get(row.route), belongings),
        data=filled_in(FORMS.get(row.route), belongings),
        files={"chunk": ("chunk", b"video")} if row.route in FORMS else None,
        headers=dict(headers),
    )


def filled_in(template: Any, belongings: Belongings) -> Any:
    """Return a body with the belongings in the place of their names."""
    match template:
        case str():
            return template.format_map(belongings)
        case list():
            return [filled_in(item, belongings) for item in template]
        case dict():
            return {key: filled_in(value, belongings) for key, value in template.items()}
    return template


def assert_nothing_told(answer: httpx.Response, owner: Person) -> None:
    """Neither body nor headers tell of the owner or of what is in the owner's things."""
    told = answer.text + str(answer.headers)
    for secret in (SECRET, owner.uid, owner.email, owner.token):
        assert secret not in told


def _new_name() -> str:
    return f"{secrets.token_hex(6)}.mp4"
