"""All routes, asked by everybody: the statuses of the table in tests/fixtures/permissions.py, and nothing of anybody else's."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.people import Person, sign_up
from tests.fixtures.permissions import Permission, permissions

SECRET = "nobody else may read this"
BODIES: dict[str, dict[str, Any]] = {
    "POST /upload": {"filename": "{new_name}", "size": 1000, "content_type": "video/mp4"},
    "POST /v1/uploads": {"filename": "{new_name}", "size": 1000},
    "POST /v1/uploads/check": {"sizes": [1000]},
    "POST /v1/uploads/{upload_id}/parts": {"parts": [{"index": 0}]},
    "POST /upload/init": {"main_service_file_id": 7, "original_file_name": "{new_name}"},
    "POST /upload/chunk-urls": {"upload_session_id": "{session_id}", "chunks": [{"index": 0, "size": 5}]},
    "POST /upload/complete": {"upload_session_id": "{sent_session_id}", "total_chunks": 1, "main_service_file_id": 7},
    "DELETE /upload/file": {"upload_session_id": "{session_id}"},
    "PATCH /files/{filename}": {"title": SECRET},
    "DELETE /delete-file": {"filename": "{filename}"},
    "PATCH /v1/videos/{video_id}": {"title": SECRET},
    "POST /v1/videos/{video_id}/grants": {"label": SECRET},
    "POST /api/usage/check-upload-bandwidth": {"file_size": 1000},
    "POST /api/usage/log-upload": {"file_name": "{new_name}", "file_size": 10},
    "POST /api/usage/log-deletion": {"file_name": "{new_name}", "file_size": 10},
    "POST /api/usage/reset-daily": {"user_id": "{uid}"},
    "POST /v1/admin/usage/exports": {"from": "{today}", "to": "{today}"},
    "POST /register": {"email": "{new_user}@example.com", "password": "correct horse battery", "username": "{new_user}"},
    "POST /login": {"email": "{email}", "password": "{password}"},
    "POST /login/refresh": {"refresh_token": "{refresh_token}"},
    "PATCH /me": {"mails": {"alerts": True}},
    "PATCH /admin/users/{uid}": {"alert_percents": [80, 100]},
    "POST /v1/auth/register": {
        "email": "{new_user}@example.com",
        "password": "correct horse battery",
        "username": "{new_user}",
    },
    "POST /v1/auth/login": {"email": "{email}", "password": "{password}"},
    "POST /v1/auth/refresh": {"refresh_token": "{refresh_token}"},
    "POST /v1/auth/password-reset": {"email": "{new_user}@example.com"},
    "PUT /v1/me/password": {"current_password": "{password}", "new_password": "another horse battery"},
    "PATCH /v1/me": {"mails": {"alerts": True}},
    "POST /v1/me/api-keys": {"label": "ci", "scopes": ["read"]},
    "PATCH /v1/admin/users/{user_id}": {"limits": {"alert_percents": [80, 100]}},
    "POST /v1/play/{token}/lease": {"rendition": "v0"},
}
PATHS = {
    "/files/{filename}/audio": "/files/{converted}/audio",
    "/v1/uploads/{upload_id}/parts": "/v1/uploads/{divided_id}/parts",
    "/v1/uploads/{upload_id}/complete": "/v1/uploads/{arrived_id}/complete",
    "/v1/s3/uploads/{upload_id}": "/v1/s3/uploads/{sent_parts_id}",
    "/v1/videos/{video_id}/restore": "/v1/videos/{file_id}/restore",
    "/v1/trash/{video_id}": "/v1/trash/{file_id}",
    "/v1/posters/{user_id}/{video_id}/{capability}": "/v1/posters/{uid}/{converted_id}/AAAAAAAAAAAAAAAAAAAAAAAA",
    "/v1/play/{token}": "/v1/play/rgp_0",
    "/v1/play/{token}/master.m3u8": "/v1/play/rgp_0/master.m3u8",
    "/v1/play/{token}/{playlist}": "/v1/play/rgp_0/v0.m3u8",
    "/v1/play/{token}/captions/{captions_file}": "/v1/play/rgp_0/captions/de.vtt",
    "/v1/play/{token}/sprites.vtt": "/v1/play/rgp_0/sprites.vtt",
    "/v1/play/{token}/lease": "/v1/play/rgp_0/lease",
    "/v1/play/{token}/url": "/v1/play/rgp_0/url",
    "/watch/{token}": "/watch/rgp_0",
    "/watch/assets/{assets_version}/{asset}": "/watch/assets/0/none.js",
    "/console/assets/{asset}": "/console/assets/none.js",
}
TEXTS = {"PUT /v1/videos/{video_id}/captions/{language}": "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"}
FORMS = {"POST /upload/chunk": {"upload_session_id": "{session_id}", "chunk_index": "0"}}
QUERIES = {
    "/download": {"fid": "{converted_id}"},
    "/v1/admin/usage": {"from": "{today}", "to": "{today}"},
    "/v1/s3/uploads": {"filename": "{new_name}", "size": "1000", "part_size": "1000"},
    "/v1/oembed": {"url": "https://videos.example/watch/rgp_0"},
}
"""What is sent where. Names in braces stand for belongings of the owner."""

ENDS_SESSIONS = {"PUT /v1/me/password", "DELETE /v1/me/sessions", "DELETE /v1/me", "DELETE /v1/admin/users/{user_id}"}
"""What ends the sessions of who asks, or of the owner: their tokens are no admin's any more, and cannot be refreshed."""


TELLS_ADMINS = {"GET /v1/me/export"}
"""What is an admin's own and names others: what the admin has done to them."""


class Belongings(Mapping[str, str]):
    """Somebody's things by the names that paths and bodies use; each is made when it is asked for first."""

    def __init__(self, person: Person, admin: Person, video: Path) -> None:
        self._person = person
        self._admin = admin
        self._real_video = video
        self._made: dict[str, str] = {}
        self._makers: dict[str, Callable[[], str]] = {
            "uid": lambda: person.uid,
            "user_id": lambda: person.uid,
            "key_id": self._key,
            "grant_id": lambda: str(self._share()["grant_id"]),
            "token": lambda: str(self._share()["token"]),
            "watch_url": lambda: str(self._share()["watch_url"]),
            "email": lambda: person.email,
            "password": lambda: person.password,
            "refresh_token": lambda: person.refresh_token,
            "filename": self._video,
            "upload_id": lambda: str(person.ask(_new_name(), 10, title=SECRET)["upload_id"]),
            "divided_id": self._divided,
            "sent_parts_id": self._sent_parts,
            "arrived_id": lambda: str(person.upload(_new_name(), b"video", title=SECRET)["upload_id"]),
            "file_id": self._trashed,
            "session_id": self._session,
            "sent_session_id": self._sent_session,
            "converted": self._converted,
            "delivery_id": self._delivery,
            "video_id": lambda: self["converted_id"],
            "export_id": self._export,
            "language": self._captions,
            "today": _today,
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

    def _divided(self) -> str:
        body = {"filename": _new_name(), "size": 10, "title": SECRET, "start": "parts"}
        return str(self._person.api.post("/v1/uploads", json=body).json()["upload_id"])

    def _sent_parts(self) -> str:
        """An open upload in parts, all of which are in the bucket."""
        body = {"filename": _new_name(), "size": 5, "title": SECRET, "start": "parts"}
        upload_id = str(self._person.api.post("/v1/uploads", json=body).json()["upload_id"])
        wanted = self._person.api.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": 0}]})
        signed = wanted.json()["parts"][0]["request"]
        self._person.storage.put(signed["url"], headers=signed["headers"], content=b"video").raise_for_status()
        return upload_id

    def _sent_session(self) -> str:
        session_id = self._session()
        fields = {"upload_session_id": session_id, "chunk_index": "0"}
        self._person.api.post("/upload/chunk", data=fields, files={"chunk": ("chunk", b"video")}).raise_for_status()
        return session_id

    def _key(self) -> str:
        answer = self._person.api.post("/v1/me/api-keys", json={"label": SECRET, "scopes": ["read"]})
        return str(answer.json()["key_id"])

    def _share(self) -> dict[str, Any]:
        return self._person.share(self["video_id"], label=SECRET)

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

    def _export(self) -> str:
        order = {"from": _today(), "to": _today()}
        return str(self._admin.api.post("/v1/admin/usage/exports", json=order).json()["export_id"])

    def _captions(self) -> str:
        path, [text] = f"/v1/videos/{self['video_id']}/captions/en", TEXTS.values()
        self._person.api.put(path, content=text, headers={"Content-Type": "text/vtt"}).raise_for_status()
        return "en"

    def _trashed(self) -> str:
        answer = self._person.api.request("DELETE", "/delete-file", json={"filename": self._video()})
        return str(answer.json()["file_id"])


def crowd(cloud: Mapping[str, str], stack: ExitStack) -> dict[str, Person]:
    """Return a new owner, another user and an admin."""
    roles = {"owner": None, "another user": None, "admin": "admin"}
    return {who: stack.enter_context(sign_up(cloud, role=role)) for who, role in roles.items()}


@pytest.fixture(scope="module")
def people(cloud: Mapping[str, str]) -> Iterator[dict[str, Person]]:
    """The owner, another user and an admin."""
    with ExitStack() as stack:
        yield crowd(cloud, stack)


@pytest.fixture(scope="module")
def keys(people: dict[str, Person]) -> dict[str, str]:
    """The owner's API keys by their scope."""
    made = {}
    for scope in ("read", "write"):
        answer = people["owner"].api.post("/v1/me/api-keys", json={"label": SECRET, "scopes": [scope]})
        made[scope] = str(answer.json()["key"])
    return made


@pytest.fixture(scope="module")
def anybody(cloud: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Who shows no token."""
    with httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60) as client:
        yield client


@pytest.mark.parametrize("row", permissions(), ids=lambda row: row.route)
def test_who_may(
    row: Permission, cloud: Mapping[str, str], people: dict[str, Person], anybody: httpx.Client, video: Path
) -> None:
    with ExitStack() as stack:
        may(row, crowd(cloud, stack) if row.route in ENDS_SESSIONS else people, anybody, video)


def may(row: Permission, people: dict[str, Person], anybody: httpx.Client, video: Path) -> None:
    """Ask a route as everybody."""
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
        opened = row.is_public and answer.is_success
        if not (who == "owner" or opened or (who == "admin" and (row.is_for_admins or row.route in TELLS_ADMINS))):
            assert_nothing_told(answer, owner)
    owner.assert_books_right()


@pytest.mark.parametrize("row", [row for row in permissions() if not row.is_public], ids=lambda row: row.route)
def test_what_an_api_key_may(
    row: Permission, people: dict[str, Person], keys: dict[str, str], anybody: httpx.Client, video: Path
) -> None:
    belongings = Belongings(people["owner"], people["admin"], video)

    def refused(scope: str, status: int, code: str) -> None:
        answer = ask(anybody, row.method, row, belongings, {"Authorization": f"Bearer {keys[scope]}"})
        assert answer.status_code == status, f"{scope}: {answer.status_code} {answer.text}"
        assert row.method == "HEAD" or code_of(answer) == code
        assert keys[scope] not in answer.text
        assert_nothing_told(answer, people["owner"])

    if not row.path.startswith("/v1/"):
        refused("write", 401, "unauthorized")
    elif row.key == "never":
        refused("read", 403, "not_for_api_keys")
        refused("write", 403, "not_for_api_keys")
    elif row.key == "write":
        refused("read", 403, "missing_scope")
    else:
        for key in keys.values():
            answer = ask(anybody, row.method, row, belongings, {"Authorization": f"Bearer {key}"})
            assert answer.status_code == row.statuses["owner"], answer.text


@pytest.mark.parametrize("row", permissions(), ids=lambda row: row.route)
def test_what_a_disabled_account_may(row: Permission, people: dict[str, Person], person: Person, video: Path) -> None:
    """Nothing is granted to it; it may see what it has, and give it back."""
    belongings = Belongings(person, people["admin"], video)
    belongings.make(row)
    people["admin"].api.patch(f"/admin/users/{person.uid}", json={"disabled": True}).raise_for_status()
    answer = ask(person.api, row.method, row, belongings, {})
    assert answer.status_code == row.statuses["disabled owner"], answer.text
    if answer.status_code == 403 and row.method != "HEAD":
        assert code_of(answer) == ("forbidden" if row.is_for_admins else "account_disabled")


@pytest.mark.parametrize("end", [{"role": "user"}, {"disabled": True}, {"role": "user", "disabled": True}], ids=str)
def test_what_an_admin_may_who_is_none_any_more(
    cloud: Mapping[str, str], people: dict[str, Person], video: Path, end: dict[str, Any]
) -> None:
    """The token says for an hour that they are one; no route for admins believes it, from the next request on."""
    rows = [row for row in permissions() if row.is_for_admins]
    belongings = Belongings(people["owner"], people["admin"], video)
    with sign_up(cloud, role="admin") as admin:
        for row in rows:
            if row.route not in ENDS_SESSIONS:  # the owner is needed until the end
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
        content=TEXTS.get(row.route),
        headers={**headers, **({"Content-Type": "text/vtt"} if row.route in TEXTS else {})},
    )


def code_of(answer: httpx.Response) -> str:
    """Return the code of a refusal, in JSON or as S3 writes it."""
    if answer.headers["content-type"] == "application/xml":
        return answer.text.partition("<Code>")[2].partition("</Code>")[0]
    return str(answer.json()["code"])


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


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
