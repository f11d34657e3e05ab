"""The main job: a video goes straight to the bucket, is watched from it, and the books are right. Steps 1 to 8."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

import httpx

from localcloud.demo import cloud
from localcloud.demo.story import promise, say, seen, wait_for
from localcloud.demo.transfer import open_session, received, send_and_break, send_chunks
from localcloud.demo.video import count_frames

MIB = 1024 * 1024


def upload(api: httpx.Client, file: Path) -> dict[str, Any]:
    """Steps 2 to 4: ask, send with a broken connection in the middle, and wait for the event."""
    size = file.stat().st_size
    say(2, "Start an upload: POST /v1/uploads")
    answer = api.post("/v1/uploads", json={"filename": "holiday.mp4", "size": size})
    granted: dict[str, Any] = answer.json()
    promise(answer.status_code == 201, f"{answer.status_code} {answer.text}")
    request = granted["request"]
    seen(f"201, upload {granted['upload_id']}, {request['method']} {request['url'].split('?')[0]}?X-Goog-Algorithm=...")
    seen(f"{size} bytes are reserved; the URL works until {request['expires_at']}")

    say(3, "Send the file straight to storage in chunks of 8 MiB, losing the connection once")
    with httpx.Client(timeout=60) as storage:
        session = open_session(storage, request)
        sent = send_chunks(storage, session, file, 0)
        seen(f"kept {next(sent) / MIB:.1f} MiB, {next(sent) / MIB:.1f} MiB")
        send_and_break(session, file, 16 * MIB, 3 * MIB)
        kept = wait_for(lambda: received(storage, session, size), "the session's answer")
        promise(16 * MIB <= kept < size, f"after the broken connection the session has {kept} bytes")
        seen(f"connection cut inside the third chunk; the session says it kept {kept} of {size} bytes: go on from there")
        for total in send_chunks(storage, session, file, kept):
            seen(f"kept {total / MIB:.1f} MiB")

    say(4, "The finalize event settles the books")

    def ready() -> Any:
        status = api.get(f"/v1/uploads/{granted['upload_id']}").json()
        return status if status["state"] == "ready" else None

    began = time.monotonic()
    status = wait_for(ready, "the upload becoming ready")
    seen(f"ready {1000 * (time.monotonic() - began):.0f} ms after the last byte: video {status['video_id']}, "
         f"{status['received_bytes']} bytes")  # fmt: skip
    return granted


def look_at_storage(api: httpx.Client, size: int) -> None:
    """Step 5: the numbers are right."""
    say(5, "GET /v1/usage")
    storage = api.get("/v1/usage").json()["storage"]
    promise(storage["used"] == size and storage["reserved"] == 0, str(storage))
    seen(
        f"{storage['used']} of {storage['limit']} bytes used, {storage['reserved']} reserved, {storage['available']} available"
    )
    again = api.post("/v1/uploads", json={"filename": "second.mp4", "size": size})
    promise(again.status_code == 403, f"a second video of that size: {again.status_code}")
    seen(f"a second one of that size: 403, '{again.json()['detail']}'")


def watch(api: httpx.Client, file: Path, video_id: str) -> None:
    """Step 6: the signed URL plays, in ranges, and is refused once it is changed."""
    say(6, "GET /v1/videos/{video_id}/url")
    url = api.get(f"/v1/videos/{video_id}/url").json()["url"]
    part = httpx.get(url, headers={"Range": "bytes=1048576-1048675"})
    with file.open("rb") as source:
        source.seek(MIB)
        promise(part.status_code == 206 and part.content == source.read(100), f"range: {part.status_code}")
    seen(f"206, Content-Range: {part.headers['content-range']}, the same bytes as in the file")
    frames = count_frames(url)
    promise(frames == count_frames(str(file)), f"{frames} frames")
    seen(f"a player (FFmpeg) decodes all {frames} pictures from the URL")
    tampered = httpx.get(url[:-4] + ("0000" if not url.endswith("0000") else "1111"))
    promise(tampered.status_code == 403 and "SignatureDoesNotMatch" in tampered.text, f"tampered: {tampered.status_code}")
    seen("the URL with another signature: 403 SignatureDoesNotMatch")
    stranger = httpx.Client(base_url=api.base_url, headers={"Authorization": f"Bearer {_stranger()}"})
    refused = stranger.get(f"/v1/videos/{video_id}/url")
    promise(refused.status_code == 404, f"a stranger: {refused.status_code}")
    seen("with another user's token: 404")


def see_alerts(alerts: cloud.Alerts) -> None:
    """Step 7: the alerts that the upload raised."""
    say(7, "The 80 % alert arrives on Pub/Sub")
    kinds: dict[str, dict[str, Any]] = {}
    while len(kinds) < 2 and (alert := alerts.next()):
        kinds[alert["kind"]] = alert
        seen(f"{alert['type']}: {alert['percentage_used']} % of {alert['limit']} bytes, past {alert['threshold_percent']} %")
    promise("storage" in kinds, f"alerts: {kinds}")


def close_the_day(api: httpx.Client, uid: str, alerts: cloud.Alerts) -> None:
    """Step 8: the scheduler's run closes the day."""
    say(8, "Cloud Scheduler runs reset-daily and closes the day")
    used = api.get("/v1/usage").json()["bandwidth"]["used"]
    books = cloud.Books(uid)
    yesterday = books.make_it_yesterday()
    seen(f"(the demo dates the account's day back to {yesterday}, so that it is over)")
    cloud.run_job("reset-daily")
    closed = wait_for(lambda: books.closed_day(yesterday), "the closed day")
    promise(closed["uploaded"] + closed["streamed"] == used, str(closed))
    seen(f"users/{uid}/days/{yesterday}: uploaded {closed['uploaded']}, streamed {closed['streamed']}")
    today = api.get("/v1/usage").json()["bandwidth"]
    promise(today["used"] == 0 and today["uploaded"] == 0, str(today))
    seen(f"today: {today['used']} bytes used, {today['available']} available")
    alert = alerts.next()
    promise(alert and alert["type"] == "storage.alert", f"re-armed alert: {alert}")
    seen("the storage is still that full, so the new day raised its alert again")


def _stranger() -> str:
    return cloud.sign_up_and_in(f"stranger-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(16))[1]
