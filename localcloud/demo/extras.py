"""The steps beside the main job: accounts, mails, MP3s, the chunked protocol, titles and trash, limits, the audit log."""

from __future__ import annotations

import base64
import csv
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import google_crc32c
import httpx

from localcloud.auth.accounts import fresh_id_token
from localcloud.demo.story import promise, say, seen, wait_for

MIB = 1024 * 1024
CHUNK = MIB


def mail_to(address: str, subject: str) -> dict[str, Any]:
    """Return the mail to an address whose subject holds a text, waiting for it."""

    def look() -> Any:
        mails = httpx.get(f"{os.environ['REELGATE_MAIL_URL']}/_emulator/mails", params={"to": address}).json()
        return next((mail for mail in mails if subject in mail["subject"]), None)

    found: dict[str, Any] = wait_for(look, f"a mail '{subject}'", 60)
    return found


def register(api_url: str, email: str) -> tuple[str, str]:
    """Step 1: register, log in. Returns uid and token."""
    password, username = secrets.token_urlsafe(16), email.partition("@")[0]
    with httpx.Client(base_url=api_url, timeout=30) as client:
        made = client.post("/v1/auth/register", json={"email": email, "password": password, "username": username})
        promise(made.status_code == 201, f"register: {made.status_code} {made.text}")
        seen(f"POST /v1/auth/register: 201, {email} is user {made.json()['user_id']}")
        wrong = client.post("/v1/auth/login", json={"email": email, "password": "guessed"})
        promise(wrong.status_code == 401, f"a guessed password: {wrong.status_code}")
        logged_in = client.post("/v1/auth/login", json={"username": username, "password": password})
        promise(logged_in.status_code == 200, f"login: {logged_in.status_code} {logged_in.text}")
        seen("POST /v1/auth/login: 401 with a guessed password, a token with the right one")
    seen(f"the welcome mail: {mail_to(email, 'elcome')['subject']}")
    return made.json()["user_id"], logged_in.json()["token"]


def listen(api: httpx.Client, email: str, video_id: str) -> None:
    """Step 9: the video was analysed, its sound is there as MP3, and a mail says so."""
    say(9, "The convert function has analysed the video and made an MP3")

    def ready() -> Any:
        video = api.get(f"/v1/videos/{video_id}").json()
        promise(video["audio"]["state"] != "failed", str(video["audio"]))
        return video if video["audio"]["state"] == "ready" else None

    video = wait_for(ready, "the MP3", 120)
    media = video["media"]
    seen(f"GET /v1/videos/{{video_id}}: {video['width']} x {video['height']}, {media['video_codec']} and "
         f"{media['audio_codec']}, {video['duration_seconds']:.1f} s")  # fmt: skip
    poster = httpx.get(video["poster"]["url"], follow_redirects=True)
    promise(poster.status_code == 200 and poster.content.startswith(b"\xff\xd8\xff"), f"poster: {poster.status_code}")
    seen(f"its poster is a JPEG of {len(poster.content)} bytes")
    seen(f"mail: {mail_to(email, 'MP3')['subject']}")
    audio = httpx.get(api.get(f"/v1/videos/{video_id}/audio-url").json()["url"])
    promise(audio.status_code == 200, f"the MP3: {audio.status_code}")
    with av.open(BytesIO(audio.content), "r") as container:
        stream = container.streams.audio[0]
        seconds = sum(frame.samples for frame in container.decode(stream)) / stream.rate
        promise(stream.codec_context.name.startswith("mp3") and abs(seconds - video["duration_seconds"]) < 1, f"{seconds} s")
    seen(f"GET /v1/videos/{{video_id}}/audio-url: {len(audio.content)} bytes of MP3, {seconds:.1f} s when decoded")


def send_in_chunks(api: httpx.Client, file: Path, uid: str) -> None:
    """Step 11: the chunked protocol, with chunks out of order, in parallel and twice, and a signed webhook at its end."""
    say(11, "An older client uploads in chunks: POST /upload/init, /upload/chunk, /upload/complete")
    data = file.read_bytes()
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    body = {"main_service_file_id": 123, "original_file_name": file.name}
    session = api.post("/upload/init", json=body).json()["data"]["upload_session_id"]

    def send(index: int) -> int:
        form = {"upload_session_id": session, "chunk_index": str(index)}
        return api.post("/upload/chunk", data=form, files={"chunk": chunks[index]}).status_code

    direct, *others = range(len(chunks))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, [*reversed(others), others[0]]))
    promise(set(answers) == {200}, str(answers))
    seen(f"chunks {others[-1]} to {others[0]} through the function, four at a time, chunk {others[0]} twice: all 200")
    _send_straight(api, session, direct, chunks[direct])
    body = {"upload_session_id": session, "total_chunks": len(chunks), "main_service_file_id": 123}
    done = api.post("/upload/complete", json=body)
    promise(done.status_code == 200, f"complete: {done.status_code} {done.text}")
    seen(done.json()["message"])
    back = api.get(f"/download/disk/{file.name}", follow_redirects=True)
    promise(back.content == data, "the joined file differs")
    seen(f"the bucket has joined them: the same {len(data)} bytes come back")
    webhook = wait_for(lambda: _webhook(uid, file.name), "the webhook", 60)
    promise(webhook["verified"], "the webhook's signature is wrong")
    seen(f"webhook {webhook['headers']['webhook-id']}: video.ready, main_service_file_id 123, its signature is right")


def _send_straight(api: httpx.Client, session: str, index: int, chunk: bytes) -> None:
    checksum = base64.b64encode(google_crc32c.value(chunk).to_bytes(4, "big")).decode()
    asked = {"upload_session_id": session, "chunks": [{"index": index, "size": len(chunk), "crc32c": checksum}]}
    [signed] = api.post("/upload/chunk-urls", json=asked).json()["data"]["chunks"]
    put = httpx.request(signed["method"], signed["url"], headers=signed["headers"], content=chunk)
    promise(put.status_code == 200, f"chunk {index} straight to the bucket: {put.status_code} {put.text}")
    seen(f"chunk {index} straight to the bucket with a signed URL: 200")


def _webhook(uid: str, filename: str) -> dict[str, Any] | None:
    received = httpx.get(f"{os.environ['REELGATE_MAIL_URL']}/_emulator/webhooks").json()
    ours = (hook for hook in received if uid in hook["body"] and filename in hook["body"])
    found: dict[str, Any] | None = next((hook for hook in ours if '"video.ready"' in hook["body"]), None)
    return found


def tidy_up(api: httpx.Client, filename: str) -> None:
    """Step 12: a title, the trash, and back."""
    say(12, "Titles and the trash")
    [video] = api.get("/v1/videos", params={"search": filename}).json()["items"]
    path = f"/v1/videos/{video['video_id']}"
    titled = api.patch(path, json={"title": "By the sea"})
    promise(titled.status_code == 200, f"title: {titled.status_code} {titled.text}")
    found = api.get("/v1/videos", params={"search": "SEA"}).json()["items"]
    promise([one["video_id"] for one in found] == [video["video_id"]], str(found))
    seen(f"PATCH /v1/videos/{{video_id}}: GET /v1/videos?search=SEA finds '{found[0]['title']}'")
    deleted = [api.delete(path).status_code for _ in range(2)]
    promise(deleted == [204, 204], f"deleting twice: {deleted}")
    promise(api.get(f"{path}/url").status_code == 404, "a deleted video still plays")
    [trashed] = api.get("/v1/trash").json()["items"]
    seen(f"DELETE: it is in the trash until {trashed['purge_at']}")
    restored = api.post(f"{path}/restore").json()
    promise(restored["title"] == "By the sea" and restored["deleted_at"] is None, str(restored))
    seen(f"POST /v1/videos/{{video_id}}/restore: '{restored['title']}' is back")


def administer(api: httpx.Client, uid: str, size: int) -> None:
    """Step 13: an admin raises a limit, reads what happened, and makes an invoice."""
    say(13, "An admin raises the limit, reads the audit log, and makes an invoice")
    port = int(os.environ["FIREBASE_AUTH_EMULATOR_HOST"].rpartition(":")[2])
    token = fresh_id_token(port, os.environ["GOOGLE_CLOUD_PROJECT"], "root@example.com", admin=True)
    with httpx.Client(base_url=api.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as admin:
        promise(api.get("/v1/admin/audit").status_code == 403, "a user reads the audit log")
        raised = admin.patch(f"/v1/admin/users/{uid}", json={"limits": {"storage": 200 * MIB}})
        promise(raised.status_code == 200, f"raise: {raised.status_code} {raised.text}")
        granted = api.post("/v1/uploads", json={"filename": "second.mp4", "size": size})
        promise(granted.status_code == 201, f"after raising: {granted.status_code} {granted.text}")
        seen("PATCH /v1/admin/users/{user_id}: 200 MiB; the second video of that size is granted on the next request")
        promise(api.delete(f"/v1/uploads/{granted.json()['upload_id']}").status_code == 204, "cancel")

        def cancellation_logged() -> Any:
            events = admin.get("/v1/admin/audit", params={"user_id": uid, "limit": 100}).json()["items"]
            actions = [event["action"] for event in reversed(events)]
            return actions if "upload.cancelled" in actions else None

        actions = wait_for(cancellation_logged, "the audit log", 30)
        seen(f"GET /v1/admin/audit?user_id=...: {len(actions)} actions: {', '.join(dict.fromkeys(actions))}")
        today = datetime.now(UTC).date()
        days = {"from": str(today - timedelta(days=1)), "to": str(today), "format": "csv"}
        invoice = admin.get("/v1/admin/usage", params=days)
        lines = [line for line in csv.DictReader(invoice.text.splitlines()) if line["user_id"] == uid]
        promise(len(lines) == 2 and int(lines[0]["uploaded"]) > 0, f"invoice: {invoice.status_code} {lines}")
        seen(f"GET /v1/admin/usage?format=csv: on {lines[0]['period']}, {lines[0]['uploaded']} bytes uploaded, "
             f"{lines[0]['streamed']} streamed")  # fmt: skip
