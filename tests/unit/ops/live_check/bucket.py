"""Cloud Storage as far as the live check asks it: objects of several buckets in memory, and every signature is fine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx

from ops.live_check.storage import Storage

from .targets import target_of

PIECE = 512


@dataclass
class FakeStorage:
    """Answers requests. `refuses`: the status of lists of a bucket. `cors`: the statuses of answers that scripts may read."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    types: dict[tuple[str, str], str] = field(default_factory=dict)
    custom_times: dict[tuple[str, str], str] = field(default_factory=dict)
    refuses: dict[str, int] = field(default_factory=dict)
    cors: tuple[int, ...] = (200, 400, 403)
    downloads: list[httpx.Request] = field(default_factory=list)
    joined_by: bytes = b""
    put_decides_type: bool = False

    def storage(self, *, run: str = "", with_credentials: bool = True) -> Storage:
        """Return a run's view of it."""
        credentials = (lambda: {"Authorization": "Bearer me"}) if with_credentials else None
        target = target_of(self.answer, credentials=credentials)
        target.run = run or target.run
        return Storage(target)

    def put(self, bucket: str, name: str, data: bytes, *, made: datetime | None = None, content_type: str = "") -> None:
        """Put an object there."""
        self.objects[bucket, name], self.times[bucket, name] = data, made or datetime.now(UTC)
        self.types[bucket, name] = content_type

    def names(self, bucket: str) -> list[str]:
        """Return the names of a bucket's objects."""
        return [name for where, name in self.objects if where == bucket]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path, query = request.url.raw_path.decode().partition("?")[0], request.url.params
        if path.endswith(":signBlob"):
            return httpx.Response(200, json={"signedBlob": "AAAA"})
        if path.startswith("/upload/"):
            return self._upload(request, path.split("/")[5], query["name"])
        if path.startswith("/session/"):
            return self._finish(request, unquote(path.removeprefix("/session/")))
        if path.startswith("/storage/v1/b/"):
            bucket, _, rest = path.removeprefix("/storage/v1/b/").partition("/o")
            return self._json(request, bucket, rest.removeprefix("/"))
        return self._xml(request, *unquote(path).removeprefix("/").split("/", 1))

    def _upload(self, request: httpx.Request, bucket: str, name: str) -> httpx.Response:
        content_type = request.headers.get("x-upload-content-type", request.headers["content-type"])
        if request.url.params["uploadType"] == "resumable":
            self.types[bucket, name] = content_type
            return httpx.Response(200, headers={"Location": f"https://storage.example/session/{name}"})
        self.put(bucket, name, request.content, content_type=content_type)
        return httpx.Response(200, json={})

    def _finish(self, request: httpx.Request, name: str) -> httpx.Response:
        opened_with = self.types["media", name]
        content_type = request.headers["content-type"] if self.put_decides_type else opened_with
        self.put("media", name, request.content, content_type=content_type)
        return httpx.Response(200, json={})

    def _json(self, request: httpx.Request, bucket: str, encoded: str) -> httpx.Response:
        name = unquote(encoded)
        if not name:
            prefix = request.url.params["prefix"]
            items = [
                {"name": one, "timeCreated": self.times[bucket, one].isoformat()}
                for one in self.names(bucket)
                if one.startswith(prefix)
            ]
            # One to a page.
            at = int(request.url.params.get("pageToken", 0))
            more = {"nextPageToken": str(at + 1)} if at + 1 < len(items) else {}
            return httpx.Response(self.refuses.get(bucket, 200), json={"items": items[at : at + 1], **more})
        if encoded.endswith("/compose"):
            return self._compose(bucket, unquote(encoded.removesuffix("/compose")), json.loads(request.content))
        if (bucket, name) not in self.objects:
            return httpx.Response(404)
        if request.method == "DELETE":
            del self.objects[bucket, name]
            return httpx.Response(204)
        if request.method == "PATCH":
            self.custom_times[bucket, name] = json.loads(request.content)["customTime"]
        elif "alt" in request.url.params:
            return httpx.Response(200, content=self.objects[bucket, name])
        return httpx.Response(200, json={"contentType": self.types[bucket, name]})

    def _compose(self, bucket: str, name: str, document: dict[str, Any]) -> httpx.Response:
        sources = [self.objects[bucket, source["name"]] for source in document["sourceObjects"]]
        self.put(bucket, name, self.joined_by.join(sources), content_type=document["destination"]["contentType"])
        return httpx.Response(200, json={})

    def _xml(self, request: httpx.Request, bucket: str, name: str) -> httpx.Response:
        query = request.url.params
        if request.method == "POST":
            self.types[bucket, name] = request.headers["content-type"]
            return httpx.Response(201, headers={"Location": f"https://storage.example/session/{name}"})
        if request.method == "OPTIONS":
            return self._shown(200)
        if query["X-Goog-Expires"] == "60":
            return self._shown(400, "ExpiredToken")
        if query["X-Goog-Expires"] == "601":
            return self._shown(403, "SignatureDoesNotMatch")
        self.downloads.append(request)
        data, wanted = self.objects[bucket, name], request.headers.get("range")
        if wanted:
            first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
            return httpx.Response(206, content=data[first : last + 1])

        def pieces() -> Iterator[bytes]:
            for at in range(0, len(data), PIECE):
                yield data[at : at + PIECE]

        return httpx.Response(200, content=pieces())

    def _shown(self, status: int, code: str = "") -> httpx.Response:
        headers = {"Content-Type": "application/xml"}
        headers |= {"Access-Control-Allow-Origin": "*"} if status in self.cors else {}
        return httpx.Response(status, headers=headers, text=f"<Error><Code>{code}</Code></Error>")
