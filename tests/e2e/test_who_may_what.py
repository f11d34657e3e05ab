"""All routes, asked by everybody: the statuses of the table in tests/fixtures/permissions.py, and nothing of anybody else's."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.e2e.people import Person, sign_up
from tests.fixtures.openapi_document import operations
from tests.fixtures.permissions import Permission, permissions

SECRET = "nobody else may read this"
BODIES: dict[str, dict[str, Any]] = {
    "POST /upload": {"filename": "{new_name}", "size": 1000, "content_type": "video/mp4"},
    "POST /upload/check": {"sizes": [1000]},
    "PATCH /files/{filename}": {"title": SECRET},
    "DELETE /delete-file": {"filename": "{filename}"},
    "POST /api/usage/check-upload-bandwidth": {"file_size": 1000},
    "POST /api/usage/log-upload": {"file_name": "{new_name}", "file_size": 10},
    "POST /api/usage/log-deletion": {"file_name": "{new_name}", "file_size": 10},
    "POST /api/usage/reset-daily": {"user_id": "{uid}"},
}
"""What is sent where. Names in braces stand for belongings of the owner."""


class Belongings(Mapping[str, str]):
    """Somebody's things by the names that paths and bodies use; each is made when it is asked for first."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._made: dict[str, str] = {}
        self._makers: dict[str, Callable[[], str]] = {
            "uid": lambda: person.uid,
            "filename": self._video,
            "upload_id": lambda: str(person.ask(_new_name(), 10, title=SECRET)["upload_id"]),
            "file_id": self._trashed,
        }

    def __getitem__(self, name: str) -> str:
        if name == "new_name":
            return _new_name()
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def _video(self) -> str:
        name = _new_name()
        granted = self._person.ask(name, 5, title=SECRET)
        self._person.send(granted, b"video")
        self._person.settled(granted["upload_id"])
        return name

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


def test_the_table_has_every_route() -> None:
    assert {row.route for row in permissions()} == {f"{method} {path}" for method, path in operations()}


@pytest.mark.parametrize("row", permissions(), ids=lambda row: row.route)
def test_who_may(row: Permission, people: dict[str, Person], anybody: httpx.Client) -> None:
    owner = people["owner"]
    belongings = Belongings(owner)
    broken = {"Authorization": f"Bearer {owner.token[:-8]}"}
    clients = [
        ("no token", anybody, {}),
        ("broken token", anybody, broken),
        ("another user", people["another user"].api, {}),
        ("admin", people["admin"].api, {}),
        ("owner", owner.api, {}),  # last: it may use up what is asked for
    ]
    for who, client, headers in clients:
        answer = ask(client, row.method, row, belongings, headers)
        assert answer.status_code == row.statuses[who], f"{who}: {answer.status_code} {answer.text}"
        if who != "owner":
            assert_nothing_told(answer, owner)
        if row.method == "GET":
            head = ask(client, "HEAD", row, belongings, headers)
            assert (head.status_code, head.content) == (row.statuses[who], b"")
    if row.statuses["owner"] < 400:
        owner.assert_books_right()


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
    body = filled_in(BODIES.get(row.route), belongings)
    return client.request(method, row.path.format_map(belongings), json=body, headers=dict(headers))


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
