"""Whether the older services' routes (docs/older-services.md) answer, too: a file by its name, and players redirected."""

from __future__ import annotations

from ops.live_check.target import Target, shown
from ops.live_check.upload import Uploaded

AREA = "older"
NAMED = "a name such as '{}' in the path"
REDIRECTED = "players are redirected to the bucket"
HEAD = "HEAD goes where GET goes"


def routes(target: Target, video: Uploaded) -> None:
    """Ask for a file by its name, with a blank, letters beyond ASCII and signs, and for its stream. Raises PromiseBroken."""
    answer = target.api("GET", f"/files/{video.path}")
    held = answer.status_code == 200 and answer.json()["filename"] == video.filename
    target.report.promise(AREA, NAMED.format(video.filename), held, shown(answer), "200, the same name")
    answer = target.api("GET", "/files/a%2Fb.mp4")
    target.report.assumption(AREA, "%2F in a path segment", shown(answer), "404 not_found")
    redirect = target.api("GET", f"/stream/video/{video.path}")
    held = redirect.status_code == 302 and redirect.headers.get("location", "").startswith(target.storage_url)
    target.report.promise(AREA, REDIRECTED, held, f"{redirect.status_code}", "302")
    answer = target.api("HEAD", f"/stream/video/{video.path}")
    target.report.promise(AREA, HEAD, answer.status_code == 302, f"{answer.status_code}", "302")
