"""The upload: granted, sent in chunks straight to the bucket over a broken connection, settled by the event."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from localcloud.supervisor.polling import wait_for
from ops.live_check.target import Target, pieces, shown

AREA = "upload"
CHUNK = 1024 * 1024
QUANTUM = 256 * 1024
SETTLED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A finished video."""

    filename: str
    video_id: str
    data: bytes

    @property
    def path(self) -> str:
        """Its name as part of a URL's path."""
        return quote(self.filename, safe="")


def upload(target: Target, filename: str, data: bytes) -> Uploaded:
    """Upload a video in chunks, losing the connection once. Raises PromiseBroken."""
    granted = target.ask(
        "POST", "/v1/uploads", 201, json={"filename": filename, "size": len(data), "content_type": "video/mp4"}
    )
    upload_id, request = granted["upload_id"], granted["request"]
    target.report.keep_secret(request["url"])
    target.later(f"upload {upload_id}", lambda: target.api("DELETE", f"/v1/uploads/{upload_id}"))
    target.report.promise(AREA, "POST /v1/uploads grants a signed URL", True, "201", "201")
    _refuses_other_headers(target, request)
    opened = target.web.request(request["method"], request["url"], headers=request["headers"])
    held = opened.status_code == 201 and "location" in opened.headers
    target.report.promise(AREA, "it opens a session", held, shown(opened), "201")
    session = opened.headers["location"]
    target.report.keep_secret(session)
    _send(target, session, data)
    target.report.promise(AREA, "sent in chunks, connection lost once", True, "200 at the end", "200 at the end")
    status = wait_for(lambda: _settled(target, upload_id), seconds=SETTLED_SECONDS)
    state = status["state"] if status else "open"
    target.report.promise(AREA, "the finalize event settles the books", state == "ready", state, "ready")
    _remove_later(target, filename, upload_id)
    return Uploaded(filename, upload_id, data)


def _refuses_other_headers(target: Target, request: dict[str, Any]) -> None:
    headers = {**request["headers"], "Content-Type": "video/webm"}
    headers = {name: text for name, text in headers.items() if name == "Content-Type" or name.lower() != "content-type"}
    answer = target.web.request(request["method"], request["url"], headers=headers)
    seen = shown(answer)
    target.report.promise(
        AREA, "the URL is bound to the content type", answer.status_code == 403, seen, "403 SignatureDoesNotMatch"
    )


def _send(target: Target, session: str, data: bytes) -> None:
    offset, lost = 0, False
    while offset < len(data):
        chunk = data[offset : offset + CHUNK]
        headers = {"Content-Range": f"bytes {offset}-{offset + len(chunk) - 1}/{len(data)}", "Content-Length": str(len(chunk))}
        if offset and not lost:
            lost = True
            with contextlib.suppress(httpx.TransportError, ConnectionAbortedError):
                target.web.put(session, content=pieces(chunk, break_after=3 * QUANTUM), headers=headers)
            offset = _kept(target, session, len(data), at_least=offset)
            continue
        answer = target.web.put(session, content=chunk, headers=headers)
        if answer.status_code in {200, 201}:
            return
        if answer.status_code != 308:
            target.report.promise(AREA, "a chunk is taken", False, shown(answer), "308")
        offset = _end_of(answer)


def _kept(target: Target, session: str, total: int, *, at_least: int) -> int:
    """Ask how much arrived before the connection was lost: what was acknowledged, and maybe more."""
    answer = target.web.put(session, headers={"Content-Range": f"bytes */{total}", "Content-Length": "0"})
    kept = _end_of(answer) if answer.status_code == 308 else -1
    seen = f"{answer.status_code}, {kept - at_least} bytes of the cut chunk kept"
    held = at_least <= kept <= at_least + CHUNK
    target.report.promise(
        AREA, "after a lost connection the session reports what it has", held, seen, "308, acknowledged chunks kept"
    )
    return kept


def _end_of(answer: httpx.Response) -> int:
    kept = answer.headers.get("range", "")
    return int(kept.rpartition("-")[2]) + 1 if kept else 0


def _settled(target: Target, upload_id: str) -> dict[str, Any] | None:
    status: dict[str, Any] = target.ask("GET", f"/v1/uploads/{upload_id}", 200)
    return status if status["state"] != "open" else None


def _remove_later(target: Target, filename: str, video_id: str) -> None:
    def remove() -> None:
        target.api("DELETE", f"/v1/videos/{video_id}")
        gone = target.api("DELETE", f"/v1/trash/{video_id}")
        if gone.status_code not in {204, 404}:
            raise httpx.HTTPStatusError("not purged", request=gone.request, response=gone)

    target.later(f"video {filename}", remove)
