"""A user of the running system: signs up, asks, uploads and looks, all over HTTP."""

from __future__ import annotations

import itertools
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

LONG_ENOUGH = timedelta(minutes=2)
"""What a window has to have left for a test that counts charges: another one charges again."""
MIB = 1024 * 1024
CHUNK = 256 * 1024


@dataclass
class Person:
    """A signed-in user. `api` sends their token to the gateway; `storage` is an HTTP client without any credentials."""

    uid: str
    email: str
    password: str
    token: str
    refresh_token: str
    api: httpx.Client
    storage: httpx.Client

    def __enter__(self) -> Person:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.api.close()
        self.storage.close()

    def ask(self, name: str, size: int, **more: Any) -> dict[str, Any]:
        """Ask for an upload that must be granted."""
        body = {"filename": name, "size": size, "content_type": "video/mp4", **more}
        answer = self.api.post("/upload", json=body)
        assert answer.status_code == 201, answer.text
        granted: dict[str, Any] = answer.json()
        return granted

    def open(self, granted: Mapping[str, Any]) -> httpx.Response:
        """Open the session of a granted upload with its signed request."""
        return self.storage.request(granted["method"], granted["upload_url"], headers=granted["headers"])

    def send(self, granted: Mapping[str, Any], data: bytes) -> httpx.Response:
        """Open the session and send all bytes in one request."""
        opened = self.open(granted)
        assert opened.status_code == 201, opened.text
        return self.storage.put(opened.headers["location"], content=data)

    def upload(self, name: str, data: bytes, **more: Any) -> dict[str, Any]:
        """Upload a video and wait until it is one. Returns the upload as it then stands."""
        granted = self.ask(name, len(data), **more)
        assert self.send(granted, data).status_code == 200
        return {**self.settled(granted["upload_id"]), "file_id": granted["file_id"]}  # as the older services call the id

    def upload_to_watch(self, name: str, data: bytes) -> int:
        """Upload a video whose window does not end during the test. Returns how many uploads that took."""
        for number in itertools.count(1):
            self.upload(name, data)
            if self.window_left(name) > LONG_ENOUGH:
                return number
            self.delete(name)
        raise AssertionError

    def share(self, video_id: str, **terms: Any) -> dict[str, Any]:
        """Return a new grant for a video, with its token."""
        answer = self.api.post(f"/v1/videos/{video_id}/grants", json=terms)
        assert answer.status_code == 201, answer.text
        grant: dict[str, Any] = answer.json()
        return grant

    def put_captions(self, video_id: str, language: str, text: str, *, label: str, default: bool = False) -> None:
        """Give a video captions, as WebVTT."""
        told = {"label": label, "default": str(default).lower()}
        path = f"/v1/videos/{video_id}/captions/{language}"
        answer = self.api.put(path, params=told, content=text.encode(), headers={"Content-Type": "text/vtt"})
        assert answer.status_code == 200, answer.text

    def delete(self, name: str) -> None:
        """Move a video to the trash."""
        answer = self.api.request("DELETE", "/delete-file", json={"filename": name})
        assert answer.status_code == 200, answer.text

    def window_left(self, name: str) -> timedelta:
        """Return how long the video still has its streaming URL, which is dated at its window's start and works for two."""
        location = self.api.head(f"/stream/video/{name}").headers["location"]
        signed = parse_qs(urlsplit(location).query)
        starts_at = datetime.strptime(signed["X-Goog-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return starts_at + timedelta(seconds=int(signed["X-Goog-Expires"][0])) / 2 - datetime.now(UTC)

    def settled(self, upload_id: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until an upload is no longer open."""
        until = time.monotonic() + seconds
        while True:
            answer = self.api.get(f"/v1/uploads/{upload_id}")
            assert answer.status_code == 200, answer.text
            status: dict[str, Any] = answer.json()
            if status["state"] != "open":
                return status
            assert time.monotonic() < until, f"still open after {seconds} s: {status}"
            time.sleep(0.05)

    def converted(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the MP3 of a video is there, and return the file."""
        until = time.monotonic() + seconds
        while True:
            file: dict[str, Any] = self.api.get(f"/files/{name}").json()
            if file["audio"]["state"] == "ready":
                return file
            assert file["audio"]["state"] in {"none", "queued", "running"}, file["audio"]
            assert time.monotonic() < until, f"no MP3 after {seconds} s: {file['audio']}"
            time.sleep(0.1)

    def first_delivery_about(self, uid: str, kind: str | None = None, seconds: float = 30) -> str:
        """As an admin, wait for a mail or webhook about somebody that is not under way any more. Returns its id.

        Args:
            kind: what it must be about, as `video.ready`; anything by default.
        """
        until = time.monotonic() + seconds
        while True:
            found = self.api.get("/v1/admin/deliveries", params={"user_id": uid}).json()["items"]
            for delivery in found:
                if delivery["state"] not in {"pending", "sending"} and kind in {None, delivery["type"]}:
                    return str(delivery["delivery_id"])
            assert time.monotonic() < until, f"no delivery about {uid} after {seconds} s: {found}"
            time.sleep(0.1)

    def storage_status(self) -> dict[str, Any]:
        """Return GET /storage-status."""
        status: dict[str, Any] = self.api.get("/storage-status").json()
        return status

    def ledger(self) -> list[dict[str, Any]]:
        """Return the whole ledger, newest first."""
        entries: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.api.get("/v1/usage/entries", params={"limit": 500} | ({"cursor": cursor} if cursor else {})).json()
            entries += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return entries

    def assert_books_right(self) -> None:
        """Hold what the API shows against the fold of the ledger."""
        status, entries = self.storage_status(), self.ledger()
        assert sorted(entry["sequence"] for entry in entries) == list(range(1, len(entries) + 1))
        assert status["used_storage"] == sum(entry["stored"] for entry in entries)
        videos = self.api.get("/v1/videos", params={"limit": 1000}).json()["items"]
        captions = sum(one["size"] for video in videos for one in video["captions"])
        assert status["used_storage"] == sum(file["size"] for file in status["files"]) + captions
        assert status["reserved_storage"] == sum(entry["reserved"] for entry in entries)
        open_uploads = self.api.get("/v1/uploads").json()["items"]
        assert status["reserved_storage"] == sum(upload["size"] for upload in open_uploads)
        assert status["used_storage"] + status["reserved_storage"] <= status["total_storage"]
        day = self.api.get("/api/usage/daily-summary").json()
        assert day["uploaded"] == sum(entry["uploaded"] for entry in entries if entry["date"] == day["date"])
        assert day["streamed"] == sum(entry["streamed"] for entry in entries if entry["date"] == day["date"])


def sign_up(cloud: Mapping[str, str], *, role: str | None = None) -> Person:
    """Make a new user in the Auth emulator and sign in."""
    base = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1"
    email = f"{secrets.token_hex(6)}@example.com"
    body = {"email": email, "password": secrets.token_urlsafe(16), "returnSecureToken": True}
    user = httpx.post(f"{base}/accounts:signUp?key=local", json=body).raise_for_status().json()
    if role:
        claims = {"localId": user["localId"], "customAttributes": json.dumps({"role": role})}
        owner = {"Authorization": "Bearer owner"}
        url = f"{base}/projects/{cloud['GOOGLE_CLOUD_PROJECT']}/accounts:update"
        httpx.post(url, json=claims, headers=owner).raise_for_status()
        user = httpx.post(f"{base}/accounts:signInWithPassword?key=local", json=body).raise_for_status().json()
    api = httpx.Client(base_url=cloud["REELGATE_URL"], headers={"Authorization": f"Bearer {user['idToken']}"}, timeout=60)
    return Person(
        uid=user["localId"],
        email=email,
        password=body["password"],
        token=user["idToken"],
        refresh_token=user["refreshToken"],
        api=api,
        storage=httpx.Client(timeout=60),
    )
