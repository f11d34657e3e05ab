"""Step 10: a link by which somebody without an account watches the video, until its owner takes it back."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

from localcloud.demo.story import promise, say, seen, wait_for
from localcloud.demo.video import count_frames

MIB = 1024 * 1024
_RANGE = re.compile(r"BYTERANGE[:=]\"?(\d+)@(\d+)")


def share_and_revoke(api: httpx.Client, file: Path, video_id: str) -> None:
    """Step 10: share, watch by leases, revoke."""
    say(10, "Share and revoke: POST /v1/videos/{video_id}/grants")
    wait_for(lambda: _packaged(api, video_id), "the packaged video", 60)
    made = api.post(f"/v1/videos/{video_id}/grants", json={"label": "for Bob", "seconds": 3600, "max_plays": 3})
    promise(made.status_code == 201, f"share: {made.status_code} {made.text}")
    grant = made.json()
    seen(f"201, send this to Bob: {grant['watch_url'][:-24]}...")
    with httpx.Client(timeout=30) as bob:
        play = bob.get(grant["play_url"]).json()
        seen(f"Bob has no account: GET /v1/play/TOKEN shows him '{play['title']}', {play['duration_seconds']:.1f} s")
        playlist, lease = _watch(bob, grant, play, file)
        _see_charges(api, grant, lease)
        _revoke(api, bob, grant, playlist, lease)


def _packaged(api: httpx.Client, video_id: str) -> bool:
    playback = api.get(f"/v1/videos/{video_id}").json()["playback"]
    promise(playback["state"] not in {"failed", "skipped"}, str(playback))
    return bool(playback["state"] == "ready")


def _watch(bob: httpx.Client, grant: dict[str, Any], play: dict[str, Any], file: Path) -> tuple[str, dict[str, Any]]:
    """Read the playlist, get a lease, and read by its URL what a player would. Returns the playlist's URL and the lease."""
    playlist = f"{grant['play_url']}/v0.m3u8?lease=1"
    lines = bob.get(playlist).text
    ranges = [(int(size), int(offset)) for size, offset in _RANGE.findall(lines)]
    [unsigned] = {line for line in lines.splitlines() if not line.startswith("#")}
    closed = bob.get(unsigned)
    promise(closed.status_code in {401, 403}, f"without a signature: {closed.status_code}")
    seen(
        f"the HLS playlist has {len(ranges) - 1} segments in one file of a private bucket: {closed.status_code} without a lease"
    )
    answer = bob.post(play["hls"]["lease_url"], json={"rendition": "v0", "number": 1})
    promise(answer.status_code == 200, f"lease: {answer.status_code} {answer.text}")
    lease: dict[str, Any] = answer.json()
    parts = [_part(bob, lease["url"], size, offset) for size, offset in ranges]
    frames, all_frames = count_frames(BytesIO(b"".join(parts))), count_frames(str(file))
    promise(frames == all_frames, f"{frames} of {all_frames} frames")
    seen(f"a lease opens it until {lease['expires_at']}: {sum(map(len, parts)) / MIB:.1f} MiB in ranges, all {frames} pictures")
    return playlist, lease


def _part(bob: httpx.Client, url: str, size: int, offset: int) -> bytes:
    part = bob.get(url, headers={"Range": f"bytes={offset}-{offset + size - 1}"})
    promise(part.status_code == 206 and len(part.content) == size, f"range: {part.status_code}")
    return part.content


def _see_charges(api: httpx.Client, grant: dict[str, Any], lease: dict[str, Any]) -> None:
    shown = api.get(f"/v1/grants/{grant['grant_id']}").json()
    [entry] = [one for one in api.get("/v1/usage/entries").json()["items"] if grant["grant_id"] in one["entry_id"]]
    promise(shown["plays"] == 1 and shown["charged_bytes"] == entry["streamed"] > 0, f"{shown} {entry}")
    seen(f"the owner pays: {entry['streamed']} bytes for lease {lease['number']}; the grant counts {shown['plays']} play")


def _revoke(api: httpx.Client, bob: httpx.Client, grant: dict[str, Any], playlist: str, lease: dict[str, Any]) -> None:
    gone = api.delete(f"/v1/grants/{grant['grant_id']}")
    promise(gone.status_code == 204, f"revoke: {gone.status_code} {gone.text}")
    renewal = {"rendition": "v0", "view": lease["view"], "number": lease["number"] + 1}
    refusals = (bob.post(f"{grant['play_url']}/lease", json=renewal), bob.get(playlist), bob.get(grant["play_url"]))
    codes = {(refused.status_code, refused.json()["code"]) for refused in refusals}
    promise(codes == {(410, "grant_revoked")}, str(codes))
    seen(f"DELETE /v1/grants/{{grant_id}}: the next lease, the playlist and the link are 410: '{refusals[0].json()['detail']}'")
    page = bob.get(grant["watch_url"])
    promise(page.status_code == 410 and "taken back" in page.text, f"the page: {page.status_code}")
    seen(f"the page says that the link was taken back; what is leased already ends at {lease['expires_at']}")
