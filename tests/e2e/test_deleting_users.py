"""A user who deletes themselves, over HTTP: nothing names them afterwards, in the database, the buckets or the directory."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from tests.e2e.people import Person

OWNER = {"Authorization": "Bearer owner"}


def documents(cloud: Mapping[str, str]) -> Iterator[str]:
    """Yield every document of the database as text."""
    root = f"projects/{cloud['GOOGLE_CLOUD_PROJECT']}/databases/(default)/documents"
    query = {"structuredQuery": {"from": [{"allDescendants": True}]}}
    url = f"http://{cloud['FIRESTORE_EMULATOR_HOST']}/v1/{root}:runQuery"
    for part in httpx.post(url, json=query, headers=OWNER, timeout=60).raise_for_status().json():
        if "document" in part:
            yield json.dumps(part["document"], ensure_ascii=False)


def objects(cloud: Mapping[str, str]) -> Iterator[str]:
    """Yield the metadata of every object in both buckets as text, but for placeholders, which keep out what comes late."""
    media = cloud["REELGATE_MEDIA_BUCKET"]
    for bucket in (media, f"{media}-derived"):
        page: str | None = ""
        while page is not None:
            url = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{bucket}/o"
            listed = httpx.get(url, params={"versions": "true", "pageToken": page}, timeout=60).raise_for_status().json()
            items = [one for one in listed.get("items", []) if one["size"] != "0" or "customTime" not in one]
            yield from (json.dumps(one, ensure_ascii=False) for one in items)
            page = listed.get("nextPageToken")


def users(cloud: Mapping[str, str]) -> Iterator[str]:
    """Yield every user of the directory as text."""
    host, project = cloud["FIREBASE_AUTH_EMULATOR_HOST"], cloud["GOOGLE_CLOUD_PROJECT"]
    url = f"http://{host}/identitytoolkit.googleapis.com/v1/projects/{project}/accounts:query"
    for user in httpx.post(url, json={}, headers=OWNER, timeout=60).raise_for_status().json().get("userInfo", []):
        yield json.dumps(user, ensure_ascii=False)


def traces(cloud: Mapping[str, str], *names: str) -> list[str]:
    """Return everything that has one of these names in it."""
    everything = [*documents(cloud), *objects(cloud), *users(cloud)]
    return [text[:500] for text in everything if any(name.lower() in text.lower() for name in names)]


def wait_for_nothing(cloud: Mapping[str, str], *names: str, seconds: float = 60) -> list[str]:
    """Return what is left of these names once what is under way has arrived."""
    until = time.monotonic() + seconds
    while (left := traces(cloud, *names)) and time.monotonic() < until:
        time.sleep(0.5)
    return left


def test_a_deleted_user_leaves_nothing(cloud: Mapping[str, str], video: Path) -> None:
    name, username = f"{secrets.token_hex(6)}.mp4", f"Grace {secrets.token_hex(4)}"
    email, password = f"{secrets.token_hex(6)}@example.com", "correct horse battery"
    with httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60) as api, httpx.Client(timeout=60) as storage:
        registered = api.post("/v1/auth/register", json={"email": email, "password": password, "username": username})
        assert registered.status_code == 201, registered.text
        assert api.post("/v1/auth/login", json={"email": email, "password": "wrong horse battery"}).status_code == 401
        tokens = api.post("/login", json={"email": email, "password": password}).json()
        api.headers["Authorization"] = f"Bearer {tokens['token']}"
        grace = Person(
            uid=tokens["uid"],
            email=email,
            password=password,
            token=tokens["token"],
            refresh_token=tokens["refresh_token"],
            api=api,
            storage=storage,
        )
        names = (grace.uid, email, username, name)
        grace.upload(name, video.read_bytes())
        grace.converted(name)
        api.post("/v1/me/api-keys", json={"label": username, "scopes": ["read"]}).raise_for_status()
        api.patch("/v1/me", json={"mails": {"alerts": False}}).raise_for_status()
        late = grace.ask(f"late-{name}", 100)
        assert len(traces(cloud, *names)) > 10
        export = api.get("/v1/me/export").json()
        assert (export["next_cursor"], [one["filename"] for one in export["videos"]]) == (None, [name])

        deleted = api.delete("/v1/me")
        assert deleted.status_code == 204, deleted.text
        assert wait_for_nothing(cloud, *names) == []

        assert grace.send(late, b"v" * 100).status_code == 200  # the URL that was signed before still takes bytes
        assert wait_for_nothing(cloud, *names) == []
        assert api.delete("/v1/me").status_code == 204
        refused = api.post("/upload", json={"filename": name, "size": 1, "content_type": "video/mp4"})
        assert (refused.status_code, refused.json()["code"]) == (403, "account_deleted")
        assert api.get("/v1/me").status_code == 200
        assert api.post("/v1/auth/login", json={"email": email, "password": password}).status_code == 401
        assert wait_for_nothing(cloud, grace.uid, username, name) == []
        again = api.post("/v1/auth/register", json={"email": email, "password": password, "username": username})
        assert again.status_code == 201, again.text
        assert again.json()["user_id"] != grace.uid
