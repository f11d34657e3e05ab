"""Streaming: signed URLs support ranges, and fail if changed; and derived media."""

from __future__ import annotations

from typing import Any

from localcloud.supervisor.polling import wait_for
from ops.live_check.target import Target, shown
from ops.live_check.upload import Uploaded

AREA = "stream"
MEDIA = "media"
CONVERTED_SECONDS = 180
MP3 = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
"""How an MP3 begins: a tag, or the first frame's sync word (MPEG-1 and MPEG-2, layer III)."""


def watch(target: Target, video: Uploaded) -> None:
    """Play the video by its signed URL. Raises PromiseBroken."""
    url = target.ask("GET", f"/v1/videos/{video.video_id}/url", 200)["url"]
    target.report.keep_secret(url)
    size, data = len(video.data), video.data
    ranges = {f"bytes={size // 2}-{size // 2 + 999}": data[size // 2 : size // 2 + 1000], "bytes=-500": data[-500:]}
    for asked, same_bytes in ranges.items():
        part = target.web.get(url, headers={"Range": asked})
        held = part.status_code == 206 and part.content == same_bytes
        target.report.promise(AREA, f"Range: {asked.partition('=')[2]}", held, shown(part), "206 with the same bytes")
    whole = target.web.get(url)
    target.report.promise(AREA, "the whole video", whole.content == data, f"{whole.status_code}", "200 with the same bytes")
    beyond = target.web.get(url, headers={"Range": f"bytes={size}-"})
    target.report.promise(AREA, "a range behind the end", beyond.status_code == 416, shown(beyond), "416 InvalidRange")
    changed = {
        "another signature": (url[:-4] + ("0000" if not url.endswith("0000") else "1111"), "403 SignatureDoesNotMatch"),
        "another lifetime": (url.replace("X-Goog-Expires=", "X-Goog-Expires=1"), "403 SignatureDoesNotMatch"),
        "another day, long over": (_dated(url, "20200101"), "400 ExpiredToken"),
        "no signature": (url.partition("?")[0], "403 AccessDenied"),
    }
    for what, (other, expected) in changed.items():
        answer = target.web.get(other)
        target.report.promise(AREA, f"the URL with {what}", shown(answer) == expected, shown(answer), expected)
    stranger = target.api("GET", f"/v1/videos/{video.video_id}/url", token="")
    target.report.promise(AREA, "without a token", stranger.status_code == 401, shown(stranger), "401 unauthorized")


def convert(target: Target, video: Uploaded, *, is_real: bool) -> None:
    """Wait for the MP3 and listen to its beginning. Raises PromiseBroken."""
    question = "an MP3 is made"
    if not is_real:
        target.report.not_asked(MEDIA, question, "no real video: install av, or say --video FILE")
        return
    if target.ask("GET", f"/v1/videos/{video.video_id}", 200)["audio"]["state"] == "none":
        target.api("POST", f"/v1/videos/{video.video_id}/audio")
    audio = wait_for(lambda: _converted(target, video), seconds=CONVERTED_SECONDS, poll_seconds=1)
    state = audio["state"] if audio else f"not within {CONVERTED_SECONDS} s"
    target.report.promise(MEDIA, question, state == "ready", state, "ready")
    url = target.ask("GET", f"/v1/videos/{video.video_id}/audio-url", 200)["url"]
    target.report.keep_secret(url)
    heard = target.web.get(url)
    held = heard.status_code == 200 and heard.content.startswith(MP3)
    target.report.promise(MEDIA, "it is one", held, f"{heard.status_code}, {len(heard.content)} bytes", "200, an MP3")


def _converted(target: Target, video: Uploaded) -> dict[str, Any] | None:
    audio: dict[str, Any] = target.ask("GET", f"/v1/videos/{video.video_id}", 200)["audio"]
    return audio if audio["state"] not in {"none", "queued", "running"} else None


def _dated(url: str, day: str) -> str:
    date = url.partition("X-Goog-Date=")[2][:8]
    return url.replace(date, day)
