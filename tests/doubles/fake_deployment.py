"""`FakeReelgate` as an operator sees it: with tokens of an issuer, CORS, clocks, events, messages and an admin's routes.

Each attribute is one thing that can be wrong with a deployment.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import httpx

from tests.doubles.fake_bucket import STORAGE
from tests.doubles.fake_reelgate import _PRIVATE, _USER, LATER, NOW, FakeReelgate, FakeUpload, problem

PROJECT = "my-videos-1"
ORIGIN = "https://app.example"
API_HEADERS = "Authorization, Content-Type, Idempotency-Key, X-Request-Id"
BUCKET_HEADERS = ("Content-Type", "Content-Range", "Location", "Range", "ETag", "x-goog-resumable", "X-Upload-Content-Length")
SIGNED = {"Content-Type": "video/mp4", "x-goog-resumable": "start", "X-Upload-Content-Length": "1"}


def token(*, issuer: str = f"https://securetoken.google.com/{PROJECT}", audience: str = PROJECT, lives: float = 3600) -> str:
    """Return a token, signed by nobody in particular."""
    claims = {"iss": issuer, "aud": audience, "sub": "ada", "exp": int(time.time() + lives)}
    parts = (json.dumps(one).encode() for one in ({"alg": "RS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2lnbmVk"])


@dataclass
class FakeDeployment(FakeReelgate):
    """A deployment in which nothing is wrong, until something is changed."""

    role: str = "user"
    origins: list[str] = field(default_factory=lambda: [ORIGIN])
    bucket_origins: list[str] = field(default_factory=lambda: [ORIGIN])
    exposed: str = "Location, RateLimit, Retry-After, X-Request-Id"
    bucket_headers: list[str] = field(default_factory=lambda: list(BUCKET_HEADERS))
    clock_ahead: float = 0.0
    bucket_clock_ahead: float = 0.0
    signer_refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    takes_garbled: bool = False
    request_id: str | None = "same"
    finalizes: bool = True
    becomes: str = "ready"
    converts: bool = True
    records: bool = True
    removes: bool = True
    streamed: int = 0
    measured: int = 0
    failed_deliveries: int = 0
    bandwidth_left: int = 1000
    audit: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, with the headers that browsers and operators look at."""
        in_bucket = request.url.host == httpx.URL(STORAGE).host
        if request.method == "OPTIONS":
            response = self._preflight(request, self.bucket_origins if in_bucket else self.origins, in_bucket=in_bucket)
        else:
            response = self._bucket(request) if in_bucket else super().answer(request)
        ahead = self.bucket_clock_ahead if in_bucket else self.clock_ahead
        response.headers["Date"] = formatdate(time.time() + ahead, usegmt=True)
        if not in_bucket:
            del response.headers["X-Request-Id"]
            if self.request_id is not None:
                response.headers["X-Request-Id"] = (
                    request.headers.get("x-request-id", "none") if self.request_id == "same" else self.request_id
                )
        self._let_read(request, response, in_bucket=in_bucket)
        return response

    def _preflight(self, request: httpx.Request, origins: list[str], *, in_bucket: bool) -> httpx.Response:
        self.requests.append(f"OPTIONS {request.url.path}")
        response = httpx.Response(200 if in_bucket else 204, headers={"X-Request-Id": "any"})
        if request.headers["origin"] in origins:
            response.headers["Access-Control-Allow-Methods"] = "GET, PUT, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = ", ".join(self.bucket_headers) if in_bucket else API_HEADERS
        return response

    def _let_read(self, request: httpx.Request, response: httpx.Response, *, in_bucket: bool) -> None:
        origin = request.headers.get("origin")
        if origin in (self.bucket_origins if in_bucket else self.origins):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = ", ".join(self.bucket_headers) if in_bucket else self.exposed

    def _bucket(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.path}")
        assert "authorization" not in request.headers, "the bucket gets no tokens"
        _, kind, upload_id, *_ = request.url.path.split("/")
        if (refused := self.signer_refused.get(kind)) is not None:
            return httpx.Response(refused[0], content=f"<Error><Code>{refused[1]}</Code></Error>".encode())
        if kind == "reelgate-media":  # the signed request that opens a session
            upload_id = request.url.path.split("/")[-1]
            assert {name: request.headers[name] for name in SIGNED} == SIGNED
            self.bucket.open_session(upload_id, self.uploads[upload_id].size)
            return httpx.Response(201, headers={"Location": self.bucket.session_url(upload_id)})
        if kind == "media":
            return httpx.Response(206, content=self.bucket.objects[upload_id][:1])
        if request.method == "DELETE":
            if self.bucket.is_alive(upload_id):
                self.bucket.end_session(upload_id)
            return httpx.Response(499)
        response = self.bucket.answer(request)
        if response.status_code == 200 and self.finalizes and self.uploads[upload_id].state == "open":
            self.uploads[upload_id].state = self.becomes
            self.uploads[upload_id].crc32c = self.bucket.crc32c(upload_id)
        return response

    def _api(self, request: httpx.Request, path: str) -> httpx.Response:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.takes_garbled and bearer:
            self.valid_tokens.add(bearer)
        if bearer.startswith("rgk_") and bearer != "rgk_abc":
            return problem(401, "invalid_api_key", "This API key is not valid.")
        if path.startswith("/v1/admin/") and self.role != "admin":
            return problem(403, "forbidden", "Only administrators may do this.")
        return super()._api(request, path)

    def _routes(self) -> list[tuple[str, str, Callable[..., httpx.Response]]]:
        return [
            ("DELETE", r"/v1/trash/([\w-]+)", self._purge),
            ("GET", "/v1/usage", self._usage),
            ("GET", "/v1/usage/days", self._days),
            ("GET", "/v1/admin/usage", self._invoices),
            ("GET", "/v1/admin/audit", self._audit),
            ("GET", "/v1/admin/deliveries", self._deliveries),
            *super()._routes(),
        ]

    def _me(self, request: httpx.Request, body: object) -> httpx.Response:
        content = _USER | {"mails": {"alerts": True, "audio": True}, "role": self.role}
        return httpx.Response(200, json=content, headers=_PRIVATE)

    def _upload(self, upload: FakeUpload) -> dict[str, Any]:
        shown = super()._upload(upload)
        if upload.state == "open" and not self.bucket.is_alive(upload.upload_id):
            url = f"{STORAGE}/reelgate-media/{upload.upload_id}"
            shown["request"] = {"method": "POST", "url": url, "headers": SIGNED, "expires_at": LATER}
            shown["received_bytes"] = 0
        return shown

    def _get_video(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        response = super()._get_video(request, body, video_id)
        if response.status_code != 200 or self.converts:
            return response
        content = response.json()
        content["media"]["state"] = "processing"
        return httpx.Response(200, json=content, headers=_PRIVATE)

    def _delete_video(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        if self.uploads[video_id].state != "ready":
            return problem(404, "video_not_found", "There is no such video.")
        return super()._delete_video(request, body, video_id)

    def _purge(self, request: httpx.Request, body: object, video_id: str) -> httpx.Response:
        if not self.uploads[video_id].trashed:
            return problem(404, "video_not_found", "There is no such video.")
        if self.removes:
            del self.uploads[video_id]
        return httpx.Response(204, headers=_PRIVATE)

    def _usage(self, request: httpx.Request, body: object) -> httpx.Response:
        storage = {"limit": 1000, "used": 0, "reserved": 0, "available": 1000, "trash": 0, "trash_limit": 100}
        none = dict.fromkeys(("used", "uploaded", "streamed", "estimated", "rejected", "reserved", "rejections"), 0)
        bandwidth = none | {"limit": 1000, "settled": None, "available": self.bandwidth_left, "resets_at": LATER}
        content = {"storage": storage, "bandwidth": bandwidth, "alerts": []}
        return httpx.Response(200, json=content, headers=_PRIVATE)

    def _days(self, request: httpx.Request, body: object) -> httpx.Response:
        return httpx.Response(200, json={"items": [], "next_cursor": None, "total": self._billed()}, headers=_PRIVATE)

    def _invoices(self, request: httpx.Request, body: object) -> httpx.Response:
        user: dict[str, Any] = {"user_id": "bob", "email": None, "lines": [], "total": self._billed()}
        return httpx.Response(200, json={"items": [user], "next_cursor": None}, headers=_PRIVATE)

    def _billed(self) -> dict[str, Any]:
        names = ("uploaded", "uploads", "streams", "deletions", "deleted", "rejected", "rejections")
        settled = self.measured or None
        known = {"estimated": self.streamed, "streamed": self.streamed, "settled": settled}
        unknown: dict[str, Any] = {"stored": None, "byte_seconds": None, "byte_hours": None}
        return unknown | dict.fromkeys(names, 0) | known | {"unsettled": self.streamed - self.measured}

    def _audit(self, request: httpx.Request, body: object) -> httpx.Response:
        wanted = request.url.params.get("request_id")
        items = [_event(one) for one in self.audit if one == wanted]
        if self.records:
            self.audit.append(request.headers.get("x-request-id", "request-0001"))
        return httpx.Response(200, json={"items": items[:1], "next_cursor": None}, headers=_PRIVATE)

    def _deliveries(self, request: httpx.Request, body: object) -> httpx.Response:
        now = formatdate_iso(time.time())
        one = dict.fromkeys(("status", "delivered_at", "lease_until")) | {"data": {}, "attempts": 10, "state": "failed"}
        one |= {"delivery_id": "d1", "message_id": "m1", "event_id": "e1", "type": "user.registered", "user_id": "bob"}
        one |= {"channel": "mail", "error": "550 no such mailbox", "occurred_at": now, "created_at": now, "updated_at": now}
        items = [one | {"expires_at": LATER}] * self.failed_deliveries
        return httpx.Response(200, json={"items": items, "next_cursor": None}, headers=_PRIVATE)


def formatdate_iso(seconds: float) -> str:
    """Return an instant as the API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _event(request_id: str) -> dict[str, Any]:
    known = {"event_id": "e1", "at": NOW, "user_id": "ada", "action": "logs.read", "outcome": "done", "details": {}}
    return known | {"description": "Read the log", "function": "audit", "request_id": request_id}
