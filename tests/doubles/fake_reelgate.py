"""A deployment of Reelgate with its bucket, for tests of clients: one account, in memory, behind an httpx transport.

It keeps state as the real one does, as far as a client can see: names are taken, keys repeat, sessions keep what arrived, parts
are taken once. Every answer of its API must be one that openapi.yaml promises.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.doubles.fake_bucket import STORAGE, FakeBucket
from tests.fixtures.openapi_document import broken_promises

API = "https://api.example"
NOW = "2026-11-03T10:00:00Z"
LATER = "2099-11-04T10:00:00Z"
Fault = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class FakeUpload:
    """An upload, and the video that it becomes."""

    upload_id: str
    filename: str
    size: int
    crc32c: str | None
    title: str | None
    start: str
    part_size: int | None
    fingerprint: str
    state: str = "open"
    trashed: bool = False
    reason: str | None = None


@dataclass
class FakeReelgate:
    """One account of one deployment.

    Attributes:
        faults: each is asked about every request before it is answered; what it returns is the answer, what it raises the
            lost connection.
        requests: method and path of everything that was asked, in order.
        storage_limit: bytes.
    """

    bucket: FakeBucket = field(default_factory=FakeBucket)
    uploads: dict[str, FakeUpload] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    bearers: list[str | None] = field(default_factory=list)
    valid_tokens: set[str] = field(default_factory=lambda: {"token-0"})
    refresh_tokens: set[str] = field(default_factory=lambda: {"refresh-0"})
    storage_limit: int = 10**12
    token_number: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def transport(self) -> httpx.MockTransport:
        """What a client of either kind sends through."""
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path
        self.requests.append(f"{request.method} {path}")
        for fault in list(self.faults):
            if (spoiled := fault(request)) is not None:
                return spoiled
        with self._lock:
            if request.url.host == httpx.URL(STORAGE).host:
                assert "authorization" not in request.headers, "the bucket gets no tokens"
                return self.bucket.answer(request)
            response = self._api(request, path)
            response.request = request
            assert broken_promises(response) == [], f"{request.method} {path}: {response.text}"
            return response

    def video(self, upload_id: str, filename: str, content: bytes, *, title: str | None = None) -> None:
        """Have a video."""
        crc32c = self.bucket.put_object(upload_id, content)
        self.uploads[upload_id] = FakeUpload(upload_id, filename, len(content), crc32c, title, "server", None, "", "ready")

    @property
    def left(self) -> int:
        """Bytes that are left in the storage."""
        holding = (one for one in self.uploads.values() if one.state in {"open", "ready"} and not one.trashed)
        return self.storage_limit - sum(one.size for one in holding)

    def by_name(self, filename: str) -> FakeUpload | None:
        """Return what has this name now."""
        holders = (one for one in self.uploads.values() if one.filename == filename and not one.trashed)
        return next((one for one in holders if one.state in {"open", "ready"}), None)

    def _api(self, request: httpx.Request, path: str) -> httpx.Response:
        body = json.loads(request.content) if request.content and path != "/v1/auth/none" else {}
        if path == "/v1/auth/refresh":
            return self._refresh(body)
        if path == "/v1/auth/login":
            if body["password"] != "correct horse battery":
                return problem(401, "invalid_credentials", "Address or user name and password do not belong together.")
            return self._tokens()
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.bearers.append(bearer or None)
        if bearer not in self.valid_tokens and not bearer.startswith("rgk_"):
            return problem(401, "unauthorized", "You are not signed in.")
        for method, pattern, handler in self._routes():
            if request.method == method and (found := re.fullmatch(pattern, path)):
                return handler(request, body, *found.groups())
        return problem(404, "not_found", "There is nothing here.")

    def _routes(self) -> list[tuple[str, str, Callable[..., httpx.Response]]]:
        one = r"([\w-]+)"
        return [
            ("POST", "/v1/uploads", self._create),
            ("GET", "/v1/uploads", self._list_uploads),
            ("POST", "/v1/uploads/check", self._check),
            ("GET", f"/v1/uploads/{one}", self._get_upload),
            ("DELETE", f"/v1/uploads/{one}", self._cancel),
            ("POST", f"/v1/uploads/{one}/resume", self._resume),
            ("POST", f"/v1/uploads/{one}/parts", self._sign),
            ("POST", f"/v1/uploads/{one}/complete", self._complete),
            ("GET", "/v1/me", self._me),
            ("POST", "/v1/me/api-keys", self._create_key),
            ("GET", "/v1/videos", self._list_videos),
            ("GET", f"/v1/videos/{one}", self._get_video),
            ("DELETE", f"/v1/videos/{one}", self._delete_video),
            ("POST", f"/v1/videos/{one}/restore", self._restore_video),
            ("GET", "/v1/trash", self._list_trash),
            ("DELETE", f"/v1/trash/{one}", self._purge),
            ("GET", f"/v1/videos/{one}/url", self._url),
            ("GET", f"/v1/videos/{one}/audio-url", self._audio_url),
        ]

    def _refresh(self, body: dict[str, Any]) -> httpx.Response:
        if body["refresh_token"] not in self.refresh_tokens:
            return problem(401, "invalid_credentials", "The refresh token is expired or revoked.")
        return self._tokens()

    def _tokens(self) -> httpx.Response:
        self.token_number += 1
        token = f"token-{self.token_number}"
        self.valid_tokens.add(token)
        content = {"token": token, "refresh_token": "refresh-0", "expires_at": LATER, "user": _USER}
        return httpx.Response(200, json=content, headers=_PRIVATE)

    def _me(self, request: httpx.Request, body: object) -> httpx.Response:
        return httpx.Response(200, json=_USER | {"mails": {"alerts": True, "audio": True}}, headers=_PRIVATE)

    def _create(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        key = request.headers.get("idempotency-key")
        upload_id = hashlib.sha256((key or str(len(self.uploads))).encode()).hexdigest()[:32]
        fingerprint = json.dumps(body, sort_keys=True)
        if (earlier := self.uploads.get(upload_id)) is not None:
            if earlier.fingerprint != fingerprint:
                return problem(409, "idempotency_mismatch", "This upload was already started, for another file.")
            if earlier.state != "open":
                return problem(409, "upload_finished", "This upload is already finished.")
            return self._shown(earlier, 201, granted=True)
        if self.by_name(body["filename"]):
            return problem(409, "name_taken", f"You already have a video '{body['filename']}'.")
        if body["size"] > self.left:
            return problem(403, "storage_limit_exceeded", "There is no room for this video.", requested=body["size"])
        upload = FakeUpload(
            upload_id=upload_id,
            filename=body["filename"],
            size=body["size"],
            crc32c=body.get("crc32c"),
            title=body.get("title"),
            start=body.get("start", "client"),
            part_size=body.get("part_size"),
            fingerprint=fingerprint,
        )
        self.uploads[upload_id] = upload
        if upload.start == "server":
            self.bucket.open_session(upload_id, upload.size)
        return self._shown(upload, 201, granted=True)

    def _check(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        left, items = self.left, []
        for size in body["sizes"]:
            fits = size <= left
            left -= size if fits else 0
            why = (None, None) if fits else ("storage_limit_exceeded", "There is no room for this video.")
            items.append({"size": size, "allowed": fits, "code": why[0], "detail": why[1]})
        allowed = all(one["allowed"] for one in items)
        content = {"allowed": allowed, "storage_available": max(0, self.left), "bandwidth_available": 10**12, "items": items}
        return httpx.Response(200, json=content, headers=_PRIVATE)

    def _list_uploads(self, request: httpx.Request, body: object) -> httpx.Response:
        items = [self._upload(one) | {"received_bytes": None} for one in self.uploads.values() if one.state == "open"]
        return httpx.Response(200, json={"items": items, "next_cursor": None}, headers=_PRIVATE)

    def _get_upload(self, request: httpx.Request, body: object, upload_id: str) -> httpx.Response:
        if upload_id not in self.uploads:
            return problem(404, "upload_not_found", "There is no such upload.")
        return self._shown(self.uploads[upload_id], 200)

    def _cancel(self, request: httpx.Request, body: object, upload_id: str) -> httpx.Response:
        if upload_id not in self.uploads:
            return problem(404, "upload_not_found", "There is no such upload.")
        if self.uploads[upload_id].state == "ready":
            return problem(409, "upload_finished", "This upload is finished and has become a video.")
        if self.uploads[upload_id].state == "open":
            self.uploads[upload_id].state = "cancelled"
        return httpx.Response(204, headers=_PRIVATE)

    def _resume(self, request: httpx.Request, body: object, upload_id: str) -> httpx.Response:
        upload = self.uploads[upload_id]
        if upload.state != "open":
            return problem(409, "upload_finished", f"This upload is {upload.state}.")
        if not self.bucket.is_alive(upload_id):
            self.bucket.open_session(upload_id, upload.size)
        return self._shown(upload, 200, granted=True)

    def _sign(self, request: httpx.Request, body: dict[str, Any], upload_id: str) -> httpx.Response:
        upload = self.uploads[upload_id]
        if upload.state != "open":
            return problem(409, "upload_finished", f"This upload is {upload.state}.")
        parts = []
        for wanted in body["parts"]:
            index, size = wanted["index"], self._part_bytes(upload, wanted["index"])
            signed = {"method": "PUT", "url": self.bucket.part_url(upload_id, index), "expires_at": LATER}
            headers = {"Content-Type": "application/octet-stream", "x-goog-hash": f"crc32c={wanted.get('crc32c')}"}
            parts.append({"index": index, "size": size, "request": signed | {"headers": headers}})
        return httpx.Response(200, json={"reserved_until": LATER, "parts": parts}, headers=_PRIVATE)

    def _complete(self, request: httpx.Request, body: dict[str, Any], upload_id: str) -> httpx.Response:
        upload = self.uploads[upload_id]
        if upload.state == "open":
            if upload.part_size is None and not self.bucket.has_object(upload_id):
                return problem(409, "upload_incomplete", "Not all bytes have arrived.")
            if upload.part_size is not None:
                count = -(-upload.size // upload.part_size)
                missing = sorted(set(range(count)) - set(self.bucket.parts(upload_id)))
                if missing:
                    return problem(409, "chunks_missing", "Parts are missing.", missing=missing)
                self.bucket.join(upload_id, count)
                if body.get("crc32c") not in {None, self.bucket.crc32c(upload_id)}:
                    del self.bucket.objects[upload_id]
                    return problem(409, "chunk_differs", "The file differs from what was announced.")
            if upload.crc32c not in {None, self.bucket.crc32c(upload_id)}:
                upload.state, upload.reason = "rejected", "its CRC32C is another one"
            else:
                upload.state, upload.crc32c = "ready", self.bucket.crc32c(upload_id)
        if upload.state != "ready":
            return problem(409, "upload_finished", f"This upload is {upload.state}.")
        if body.get("crc32c") not in {None, upload.crc32c}:
            return problem(409, "chunk_differs", "The file differs from what was announced.")
        return self._shown(upload, 200)

    def _create_key(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        shown = {"key_id": "k1", "label": body["label"], "scopes": body["scopes"], "created_at": NOW, "key": "rgk_new"}
        return httpx.Response(201, json=shown | {"expires_at": None, "last_used_at": None}, headers=_PRIVATE)

    def _list_videos(self, request: httpx.Request, body: object) -> httpx.Response:
        search = request.url.params.get("search", "").lower()
        ready = [one for one in self.uploads.values() if one.state == "ready" and not one.trashed]
        items = [_video(one) for one in ready if search in f"{one.title or ''} {one.filename}".lower()]
        return httpx.Response(200, json={"items": items, "next_cursor": None}, headers=_PRIVATE)

    def _get_video(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        found = self.uploads.get(video_id)
        if found is None or found.state != "ready":
            return problem(404, "video_not_found", "There is no such video.")
        return httpx.Response(200, json=_video(found), headers=_PRIVATE)

    def _delete_video(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        self.uploads[video_id].trashed = True
        return httpx.Response(204, headers=_PRIVATE)

    def _restore_video(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        self.uploads[video_id].trashed = False
        return httpx.Response(200, json=_video(self.uploads[video_id]), headers=_PRIVATE)

    def _list_trash(self, request: httpx.Request, body: object) -> httpx.Response:
        items = [_video(one) for one in self.uploads.values() if one.trashed]
        content = {"items": items, "next_cursor": None, "trash": sum(one["size"] for one in items), "trash_limit": 10**12}
        return httpx.Response(200, json=content, headers=_PRIVATE)

    def _purge(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        del self.uploads[video_id]
        return httpx.Response(204, headers=_PRIVATE)

    def _url(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        found = self.uploads[video_id]
        url = self.bucket.media_url(video_id)
        content = {"video_id": video_id, "url": url, "expires_at": LATER, "filename": found.filename, "size": found.size}
        return httpx.Response(200, json=content | {"content_type": "video/mp4"}, headers=_PRIVATE)

    def _audio_url(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        url, size = self.bucket.media_url(video_id + "-mp3"), len(self.bucket.objects[video_id + "-mp3"])
        content = {"video_id": video_id, "url": url, "expires_at": LATER, "filename": "sound.mp3", "size": size}
        return httpx.Response(200, json=content | {"content_type": "audio/mpeg", "duration_seconds": 1.0}, headers=_PRIVATE)

    def _part_bytes(self, upload: FakeUpload, index: int) -> int:
        assert upload.part_size
        return min(upload.part_size, upload.size - index * upload.part_size)

    def _shown(self, upload: FakeUpload, status: int, *, granted: bool = False) -> httpx.Response:
        content = self._upload(upload)
        if granted and upload.start == "server":
            content["session_url"] = self.bucket.session_url(upload.upload_id)
        headers = {"Location": f"/v1/uploads/{upload.upload_id}"} if status == 201 else {}
        return httpx.Response(status, json=content, headers=_PRIVATE | headers)

    def _upload(self, upload: FakeUpload) -> dict[str, Any]:
        is_open, parts = upload.state == "open", None
        if is_open and upload.part_size:
            received = sorted(self.bucket.parts(upload.upload_id))
            parts = {"size": upload.part_size, "count": -(-upload.size // upload.part_size), "received": received}
        return {
            "upload_id": upload.upload_id,
            "state": upload.state,
            "filename": upload.filename,
            "title": upload.title,
            "size": upload.size,
            "content_type": "video/mp4",
            "received_bytes": self.bucket.kept(upload.upload_id) if is_open else None,
            "created_at": NOW,
            "reserved_until": LATER if is_open else None,
            "reason": upload.reason,
            "video_id": upload.upload_id if upload.state == "ready" and not upload.trashed else None,
            "request": None,
            "session_url": None,
            "parts": parts,
        }


_USER = {
    "user_id": "ada",
    "email": "ada@example.org",
    "email_verified": True,
    "username": "Ada",
    "role": "user",
    "disabled": False,
    "created_at": NOW,
    "limits": {"storage": 1, "bandwidth": 1, "alert_percents": [80], "own": []},
    "storage_used": 0,
    "bandwidth_used": 0,
}
_PRIVATE = {"Cache-Control": "no-store", "X-Request-Id": "request-0001"}


def problem(status: int, code: str, detail: str, *, retry_after: int | None = None, **more: Any) -> httpx.Response:
    """Return an error as the API words it."""
    content = {
        "type": f"urn:problem-type:reelgate:{code}",
        "title": "Problem",
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": "request-0001",
        **more,
    }
    headers = _PRIVATE | {"Content-Type": "application/problem+json"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return httpx.Response(status, content=json.dumps(content).encode(), headers=headers)


def _video(upload: FakeUpload) -> dict[str, Any]:
    none = {"state": "none", "reason": None, "detail": None, "retry_at": None}
    audio = none | {"progress_percent": 0, "size": None, "duration_seconds": None, "ready_at": None}
    media = dict.fromkeys(
        ("container", "video_codec", "audio_codec", "frame_rate", "rotation", "mirrored", "sample_rate", "channels", "reason")
    )
    return {
        "video_id": upload.upload_id,
        "filename": upload.filename,
        "title": upload.title,
        "size": upload.size,
        "content_type": "video/mp4",
        "type": "video",
        "crc32c": upload.crc32c,
        "created_at": NOW,
        "uploaded_at": NOW,
        "deleted_at": NOW if upload.trashed else None,
        "purge_at": LATER if upload.trashed else None,
        "captions": [],
        "state": "trashed" if upload.trashed else "ready",
        "duration_seconds": None,
        "width": None,
        "height": None,
        "poster": None,
        "audio": audio,
        "playback": none | {"renditions": none | {"ready": []}},
        "media": media | {"state": "ready", "truncated": False},
    }
