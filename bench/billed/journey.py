"""What a user does, step by step."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from bench.billed.deployment import BUCKET, RUN, Deployment
from localcloud.demo.video import make_video


async def use(cloud: Deployment) -> None:
    """Do everything once, step by step."""
    await sign_up(cloud, "")
    await upload(cloud, "warm-up.mp4", "warm up")
    video_id = await upload(cloud, "film.mp4", "upload")
    await _watch(cloud, video_id)
    for name, function, path in (
        ("list 2 files", "library", "/v1/videos"),
        ("storage status", "usage", "/storage-status"),
        ("daily summary", "usage", "/api/usage/daily-summary"),
    ):
        with cloud.step(name):
            await cloud.api(function, "GET", path, 200)
        await cloud.deliver(name)
    await _delete(cloud, video_id)
    with cloud.step("a URL by file name"):
        await cloud.api("stream_url", "GET", "/stream/direct/warm-up.mp4", 200)
    await cloud.deliver("a URL by file name")
    with cloud.step("sweep, nothing to do"):
        await cloud.call("reset_daily", "POST", "/", json={"tasks": ["sweep"]})


async def sign_up(cloud: Deployment, suffix: str) -> None:
    """Register a person, who is the user from then on."""
    name = f"bench{RUN}{suffix}"
    person = {"email": f"{name}@example.com", "username": name, "password": secrets.token_urlsafe(16)}
    with cloud.step("register"):
        await cloud.api("accounts", "POST", "/v1/auth/register", 201, json=person)
    await cloud.deliver("register")
    with cloud.step("log in"):
        login = {"email": person["email"], "password": person["password"]}
        cloud.token = (await cloud.api("accounts", "POST", "/v1/auth/login", 200, json=login))["token"]
    await cloud.deliver("log in")


@cache
def _video(noise: float) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return make_video(Path(folder) / "v.mp4", seconds=2, noise=noise).read_bytes()


async def upload(cloud: Deployment, name: str, step: str, *, noise: float = 0.5) -> str:
    """Upload a video, and wait until all consumers of its messages are through. Returns its id."""
    data = _video(noise)
    with cloud.step(step):
        granted = await cloud.api(
            "upload", "POST", "/v1/uploads", 201, json={"filename": name, "size": len(data), "content_type": "video/mp4"}
        )
    with cloud.step(f"{step}: the client's bytes"):
        request = granted["request"]
        opened = await cloud.web.request(request["method"], request["url"], headers=request["headers"])
        (await cloud.web.put(opened.headers["location"], content=data)).raise_for_status()
        cloud.meter.storage("POST", "/object")  # a resumable upload is one insert, however many chunks it has
    newest = await _newest_object(cloud.web)
    with cloud.step(f"{step}: finalize"):
        await cloud.call("finalize", "POST", "/", json=newest, headers=_event_headers(newest))
    await cloud.deliver(step)
    video_id: str = granted["upload_id"]
    return video_id


async def _watch(cloud: Deployment, video_id: str) -> None:
    with cloud.step("stream"):
        url = (await cloud.api("stream_url", "GET", f"/v1/videos/{video_id}/url", 200))["url"]
    with cloud.step("stream: the player's request"):
        (await cloud.web.get(url, headers={"Range": "bytes=0-999"})).raise_for_status()
        cloud.meter.storage("GET", "/object")
    await cloud.deliver("stream")
    with cloud.step("the same URL again"):
        await cloud.api("stream_url", "GET", f"/v1/videos/{video_id}/url", 200)
    with cloud.step("download MP3"):
        url = (await cloud.api("stream_url", "GET", f"/v1/videos/{video_id}/audio-url", 200))["url"]
        (await cloud.web.get(url)).raise_for_status()
        cloud.meter.storage("GET", "/object")
    await cloud.deliver("download MP3")


async def _delete(cloud: Deployment, video_id: str) -> None:
    with cloud.step("delete"):  # by name: `DELETE /v1/videos/{video_id}` is one read more
        await cloud.api("library", "DELETE", "/delete-file", 200, json={"filename": "film.mp4"})
    await cloud.deliver("delete")
    with cloud.step("purge"):
        await cloud.api("library", "DELETE", f"/v1/trash/{video_id}", 204)
    await cloud.deliver("purge")
    day = (await cloud.api("usage", "GET", "/v1/usage", 200))["bandwidth"]
    size = day["limit"] * 80 // 100 - day["used"] + 1
    with cloud.step("alert with mail"):
        await cloud.api("usage", "POST", "/api/usage/log-upload", 200, json={"file_name": "a.mp4", "file_size": size})
    await cloud.deliver("alert with mail")


async def _newest_object(web: httpx.AsyncClient) -> dict[str, Any]:
    listed = (await web.get(f"{os.environ['STORAGE_EMULATOR_HOST']}/storage/v1/b/{BUCKET}/o")).json()["items"]
    return max(listed, key=lambda one: int(one["generation"]))


def _event_headers(found: dict[str, Any]) -> dict[str, str]:
    return {
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-id": secrets.token_hex(8),
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{BUCKET}",
        "ce-subject": f"objects/{found['name']}",
        "ce-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
