"""How many documents one request of each route reads at most, whatever there is: measured, with more of everything than a page.

Beyond a constant, only pages of lists grow, up to their limit of 1000 items, and by what is read for each item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, Document
from reelgate.domain.accounts.api_keys import MAX_KEYS
from reelgate.domain.notifications.deliveries import new_delivery
from reelgate.domain.playback.grant_terms import MAX_GRANTS_OF_VIDEO
from reelgate.web.compat.uploads.chunk_routes import MAX_LISTED
from tests.doubles import memory_document_store
from tests.doubles.memory_notifications import an_alert
from tests.fixtures.api_client import ROUTES, ApiClient
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.memory_services import MemoryServices

PAGE = 1000
"""Items of the largest page."""
CROWD = 1100
"""How many there are of everything that lists show."""
ORDINARY = 10
"""What requests read that show no list: the account, a video or upload with its claim and record, an entry; some of it again
when they commit, and the account of an admin."""

BOUNDS: Mapping[str, int] = {
    "GET /v1/uploads": PAGE + 1,
    "GET /v1/videos": 2 * PAGE + 1,
    "GET /v1/trash": 2 * PAGE + 2,
    "DELETE /v1/trash": 101 + 3 * 100,
    "POST /v1/uploads/{upload_id}/parts": ORDINARY + 100,
    "POST /upload/chunk-urls": ORDINARY + 100,
    "GET /upload/files": MAX_LISTED + MAX_LISTED // 300 + 1,
    "GET /files": 2 * PAGE + 1,
    "GET /trash": PAGE + 2,
    "GET /storage-status": PAGE + 2,
    "POST /api/usage/log-upload": ORDINARY + 1000,
    "GET /api/usage/daily-summary": 1 + 1000,
    "GET /v1/usage/days": 366 + 2,
    "GET /v1/usage/entries": PAGE + 1,
    "GET /v1/videos/{video_id}/grants": PAGE + 4,
    "GET /v1/me/export": PAGE + 10,
    "GET /v1/me/api-keys": 2 * MAX_KEYS,
    "POST /v1/me/api-keys": 4 * MAX_KEYS + 2,
    "GET /v1/admin/usage": 1 + PAGE + 1 + 2 * PAGE,
    "GET /v1/admin/users": 2 + PAGE + 2 * PAGE,
    "GET /admin/users": 2 + PAGE + 2 * PAGE,
    "GET /v1/admin/deliveries": 1 + PAGE + 1,
    "GET /v1/admin/audit": 1 + PAGE + 1,
    "GET /logs": 1 + PAGE + 1,
    # A mark, the keys, and as much work as fits into the time of a request, in pages: a deletion has to read what it removes.
    "DELETE /v1/me": 30 * CROWD,
    "DELETE /v1/admin/users/{user_id}": 30 * CROWD,
}
"""The bounds of routes that read more than `ORDINARY` documents."""

DAY = {"from": "2026-11-03", "to": "2026-11-03"}
YEAR = {"from": "2025-11-03", "to": "2026-11-03"}
PAST = {"from": "2026-10-01", "to": "2026-10-01"}
PERSON = {"email": "new@example.org", "password": "correct horse battery", "username": "new"}


@dataclass(frozen=True)
class Ask:
    """A request of a route: parameters of its path, and what is sent."""

    path: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    text: str | None = None
    form: Mapping[str, Any] | None = None


LONG = Ask(params={"limit": PAGE})
VIDEO, NAMED, TRASHED = Ask({"video_id": "id-1"}), Ask({"filename": "a.mp4"}), Ask({"video_id": "id-2"})
OPEN, DIVIDED = Ask({"upload_id": "open"}), {"upload_id": "divided"}
CAPTIONS = {"video_id": "id-1", "language": "en"}
USER = Ask({"user_id": "ada", "uid": "ada"})

ASKED: Mapping[str, Ask] = {
    "POST /upload": Ask(json={"filename": "n.mp4", "size": 10, "content_type": "video/mp4"}),
    "POST /upload/init": Ask(json={"main_service_file_id": 7, "original_file_name": "n.mp4"}),
    "POST /upload/chunk": Ask(form={"upload_session_id": "chunked", "chunk_index": "0"}),
    "POST /upload/chunk-urls": Ask(
        json={"upload_session_id": "chunked", "chunks": [{"index": n, "size": 1} for n in range(100)]}
    ),
    "POST /upload/complete": Ask(json={"upload_session_id": "chunked", "total_chunks": 1, "main_service_file_id": 7}),
    "DELETE /upload/file": Ask(json={"upload_session_id": "chunked"}),
    "DELETE /uploads/{upload_id}": OPEN,
    "POST /v1/uploads": Ask(json={"filename": "n.mp4", "size": 10}),
    "GET /v1/uploads": LONG,
    "POST /v1/uploads/check": Ask(json={"sizes": [1] * 1000}),
    "GET /v1/uploads/{upload_id}": OPEN,
    "DELETE /v1/uploads/{upload_id}": OPEN,
    "POST /v1/uploads/{upload_id}/resume": OPEN,
    "POST /v1/uploads/{upload_id}/parts": Ask(DIVIDED, json={"parts": [{"index": 0}]}),
    "POST /v1/uploads/{upload_id}/complete": Ask(DIVIDED),
    "POST /v1/s3/uploads": Ask(params={"filename": "n.mp4", "size": 10, "part_size": 5 * 2**20}),
    "GET /v1/s3/uploads/{upload_id}": Ask(DIVIDED),
    "POST /v1/s3/uploads/{upload_id}": Ask(DIVIDED),
    "DELETE /v1/s3/uploads/{upload_id}": Ask(DIVIDED),
    "GET /console/assets/{asset}": Ask({"asset": "none-0A1B2C3D.js"}),
    "GET /stream/direct/{filename}": NAMED,
    "GET /stream/video/{filename}": NAMED,
    "GET /download": Ask(params={"fid": "id-1"}),
    "GET /download/disk/{filename}": NAMED,
    "GET /v1/videos/{video_id}/url": VIDEO,
    "GET /v1/videos/{video_id}/audio-url": VIDEO,
    "POST /v1/videos/{video_id}/grants": Ask(VIDEO.path, json={"label": "l"}),
    "GET /v1/videos/{video_id}/grants": Ask(VIDEO.path, LONG.params),
    "DELETE /v1/videos/{video_id}/grants": VIDEO,
    "GET /v1/grants/{grant_id}": Ask({"grant_id": "A" * 16}),
    "DELETE /v1/grants/{grant_id}": Ask({"grant_id": "A" * 16}),
    "GET /v1/posters/{user_id}/{video_id}/{capability}": Ask({"user_id": "ada", "video_id": "id-1", "capability": "A" * 24}),
    "GET /files": LONG,
    "GET /files/{filename}": NAMED,
    "PATCH /files/{filename}": Ask(NAMED.path, json={"title": "t"}),
    "POST /files/{filename}/audio": NAMED,
    "DELETE /delete-file": Ask(json={"filename": "a.mp4"}),
    "GET /trash": LONG,
    "POST /trash/{file_id}/restore": Ask({"file_id": "id-2"}),
    "GET /v1/videos": LONG,
    "GET /v1/videos/{video_id}": VIDEO,
    "PATCH /v1/videos/{video_id}": Ask(VIDEO.path, json={"title": "t"}),
    "DELETE /v1/videos/{video_id}": VIDEO,
    "POST /v1/videos/{video_id}/restore": TRASHED,
    "POST /v1/videos/{video_id}/audio": VIDEO,
    "POST /v1/videos/{video_id}/hls": VIDEO,
    "PUT /v1/videos/{video_id}/captions/{language}": Ask(CAPTIONS, text="WEBVTT\n\n00:01.000 --> 00:02.000\nHello"),
    "GET /v1/videos/{video_id}/captions/{language}": Ask(CAPTIONS),
    "DELETE /v1/videos/{video_id}/captions/{language}": Ask(CAPTIONS),
    "GET /v1/trash": LONG,
    "DELETE /v1/trash/{video_id}": TRASHED,
    "GET /storage-status": LONG,
    "POST /api/usage/check-upload-bandwidth": Ask(json={"file_size": 1}),
    "POST /api/usage/log-upload": Ask(json={"file_name": "n.mp4", "file_size": 1}),
    "POST /api/usage/log-deletion": Ask(json={"file_name": "n.mp4", "file_size": 1}),
    "POST /api/usage/reset-daily": Ask(json={"user_id": "ada"}),
    "GET /v1/usage/days": Ask(params=YEAR),
    "GET /v1/usage/entries": LONG,
    "GET /v1/admin/usage": Ask(params={**PAST, "limit": PAGE}),
    "POST /v1/admin/usage/exports": Ask(json=DAY),
    "GET /v1/admin/usage/exports/{export_id}": Ask({"export_id": "none"}),
    "POST /v1/admin/users/{user_id}/reset-usage": USER,
    "POST /register": Ask(json=PERSON),
    "POST /login": Ask(json={"email": "x@example.org", "password": "wrong password"}),
    "POST /login/refresh": Ask(json={"refresh_token": "none"}),
    "PATCH /me": Ask(json={"mails": {"alerts": True}}),
    "GET /admin/users": LONG,
    "GET /admin/users/{uid}": USER,
    "PATCH /admin/users/{uid}": Ask(USER.path, json={"alert_percents": [80]}),
    "POST /v1/auth/register": Ask(json=PERSON),
    "POST /v1/auth/login": Ask(json={"email": "x@example.org", "password": "wrong password"}),
    "POST /v1/play/{token}/lease": Ask(json={"rendition": "v0"}),
    "GET /v1/oembed": Ask(params={"url": "http://api.example/watch/rgp_0"}),
    "GET /watch/assets/{assets_version}/{asset}": Ask({"assets_version": "0", "asset": "player.js"}),
    "POST /v1/auth/refresh": Ask(json={"refresh_token": "none"}),
    "POST /v1/auth/password-reset": Ask(json={"email": "x@example.org"}),
    "PATCH /v1/me": Ask(json={"mails": {"alerts": True}}),
    "PUT /v1/me/password": Ask(json={"current_password": "wrong password", "new_password": "another horse"}),
    "GET /v1/me/export": LONG,
    "POST /v1/me/api-keys": Ask(json={"label": "ci", "scopes": ["read"]}),
    "DELETE /v1/me/api-keys/{key_id}": Ask({"key_id": "none"}),
    "GET /v1/admin/users": LONG,
    "GET /v1/admin/users/{user_id}": USER,
    "PATCH /v1/admin/users/{user_id}": Ask(USER.path, json={"limits": {"alert_percents": [80]}}),
    "DELETE /v1/admin/users/{user_id}": USER,
    "GET /v1/admin/deliveries": LONG,
    "GET /v1/admin/deliveries/{delivery_id}": Ask({"delivery_id": "none"}),
    "POST /v1/admin/deliveries/{delivery_id}/redeliver": Ask({"delivery_id": "none"}),
    "GET /logs": LONG,
    "GET /v1/admin/audit": LONG,
}
"""What each route is asked; those that are not listed are asked without anything."""


async def crowded(number: int, *, videos: int) -> MemoryServices:
    """Return services whose user `ada` has that many videos, and `number` of everything else; there are as many users."""
    services = MemoryServices()
    await services.add_video("a.mp4", 10)
    await services.add_video("t.mp4", 10)
    async with ApiClient(services) as ada, ApiClient(services, user="root") as root:
        await ada.request("DELETE", "/delete-file", json={"filename": "t.mp4"})
        await ada.post("/v1/me/api-keys", json={"label": "x", "scopes": ["read"]})
        for body in ({"filename": "o.mp4", "size": 10}, {"filename": "d.mp4", "size": 10, "start": "parts"}):
            await ada.post("/v1/uploads", json=body)
        await ada.post("/upload/init", json={"main_service_file_id": 7, "original_file_name": "c.mp4"})
        await ada.post("/v1/videos/id-1/grants", json={})
        await root.get("/v1/admin/audit")
    await services.deliveries.add(new_delivery(an_alert(), "mail", services.now()))
    database = services.books_store.database
    every = list(database.documents.values())
    mine = {one.address.collection[-1]: one for one in every if one.address.collection[:2] == ("users", "ada")}
    uploads = [one for one in every if one.address.collection == ("users", "ada", "uploads")]
    for name, upload in zip(("open", "divided", "chunked"), uploads, strict=True):
        _copy(services, upload, name)
    for collection, size in (("videos", videos), ("trash", number), ("entries", number), ("uploads", number)):
        for index in range(size):
            _copy(services, mine[collection], f"x{index}")
    account = next(one for one in every if str(one.address) == "users/ada")
    action = next(one for one in every if one.address.collection == ("audit",))
    delivery = next(one for one in every if one.address.collection == ("deliveries",))
    key = next(one for one in every if one.address.collection == ("api_keys",))
    for index in range(number):
        _copy(services, account, f"user{index}")
        for name in ("u1", "u2"):
            _put(services, ("users", f"user{index}", "uploads"), name, uploads[0].fields)
        _copy(services, delivery, f"delivery{index}")
        _copy(services, action, f"{index:08x}-0000-4000-8000-000000000000")
    grant = next(one for one in every if one.address.collection == ("grants",))
    for index in range(min(number, MAX_GRANTS_OF_VIDEO - 2)):
        _copy(services, grant, f"{index:016}")
    _copy(services, grant, "A" * 16)
    for days in range(1, 400):
        day = (NOON - timedelta(days=days)).date().isoformat()
        _put(services, ("users", "ada", "days"), day, {**account.fields["today"], "date": day, "stored": 10})
    for index in range(MAX_KEYS - 2):
        _copy(services, key, f"key{index}")
    return services


def _copy(services: MemoryServices, one: Document, new: str) -> None:
    """Add a document like another one, under a new id."""
    old = one.address.id
    fields = {name: new if value == old else value for name, value in one.fields.items()}
    if "sequence" in fields and one.address.collection[-1] == "entries":
        kind = "commit"
        fields |= {"sequence": 1000 + int(new.removeprefix("x")), "entry_id": f"{kind}:{new}#1", "kind": kind}
    _put(services, one.address.collection, new, fields)


def _put(services: MemoryServices, collection: tuple[str, ...], name: str, fields: Mapping[str, Any]) -> None:
    address = Address(collection, name)
    services.books_store.database.documents[address] = Document(address, fields, 1)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The documents that the stores in memory have read from now on."""
    noted: list[int] = []
    monkeypatch.setattr(memory_document_store, "note_reads", noted.append)
    return noted


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_what_a_request_reads_has_a_bound(route: Any, reads: list[int]) -> None:
    name = f"{route.method} {route.path}"
    ask = ASKED.get(name, Ask())
    number = CROWD if name in BOUNDS else 10 * ORDINARY
    services = await crowded(number, videos=MAX_LISTED + 100 if name == "GET /upload/files" else number)
    async with ApiClient(services, user="root" if route.admin else "ada") as api:
        path = dict(ask.path)
        if "{token}" in route.path:
            path |= {
                "token": (await api.post("/v1/videos/id-1/grants", json={})).json()["token"],
                "playlist": "v0.m3u8",
                "captions_file": "de.vtt",
            }
        reads.clear()
        more = {"data": ask.form, "files": {"chunk": ("c", b"x")}} if ask.form else {"json": ask.json} if ask.json else {}
        more |= {"content": ask.text, "headers": {"Content-Type": "text/vtt"}} if ask.text else {}
        answer = await api.request(route.method, route.path.format(**path), params=dict(ask.params), **more)
    assert answer.status_code not in {400, 405, 422, 500}, answer.text
    bound = BOUNDS.get(name, ORDINARY)
    assert sum(reads) <= bound, (answer.status_code, sum(reads))
    if bound > 200 and "DELETE" not in name:
        assert sum(reads) > bound / 2, f"{sum(reads)}: the request does not show the bound {bound}"


def test_every_bound_and_request_is_of_a_route() -> None:
    assert BOUNDS.keys() | ASKED.keys() <= {f"{route.method} {route.path}" for route in ROUTES}
