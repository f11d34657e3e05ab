"""Whether messages arrive: Pub/Sub's push reaches each function that takes one, and the token with it is accepted.

No admin token is needed. The owner of a video sees in it what `convert` did. What `notify` and `audit` did is visible to admins
only, and in their logs, which the operator of a project can read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.supervisor.polling import wait_for
from ops.live_check.logs import CannotRead
from ops.live_check.target import Target
from ops.live_check.upload import Uploaded

AREA = "push"
SECONDS = 120
REACHED = "Pub/Sub's push reaches {}, and its token is accepted"
KIND = "what Pub/Sub's token looks like when it arrives"
CONFINED = "what confines the process in which FFmpeg runs"
ADVICE = "401: Cloud Run removed the token's signature; set REELGATE_PUSH_SIGNATURE=platform (docs/configuration.md)"


def convert(target: Target, video: Uploaded) -> None:
    """Check in the video that `convert` got its message, whether or not it could convert the file. Raises PromiseBroken."""
    state = wait_for(lambda: _examined(target, video), seconds=SECONDS, poll_seconds=1)
    seen = f"the video's media: {state}" if state else _silence(target, "convert")
    target.report.promise(AREA, REACHED.format("convert"), state, seen, "the video's media are looked at")


def notify(target: Target, uid: str) -> None:
    """Find a message about this user in the log of `notify`, or as an admin in its deliveries. Raises PromiseBroken."""
    _reached(target, "notify", uid, lambda: _deliveries(target, uid))


def audit(target: Target, uid: str) -> None:
    """Find this user's request for the audit log in the log of `audit`, or as an admin in the audit log. Raises PromiseBroken.

    The upload is no proof: its actions are recorded with the books. This request is published, whether it is denied or granted.
    """
    target.api("GET", "/v1/admin/audit?limit=1")
    _reached(target, "audit", uid, lambda: _actions(target, uid))


def kind(target: Target) -> None:
    """Report in which form tokens arrive. Nothing depends on it if the promises above hold."""
    seen = []
    try:
        for function in ("convert", "notify", "audit"):
            kinds = {line["push_signature"] for line in target.logs.lines(function, "push_signature", before=True)}
            seen += [f"{function}: {', '.join(sorted(kinds))}"] if kinds else []
    except CannotRead as why:
        target.report.not_asked(AREA, KIND, str(why))
        return
    target.report.answer(AREA, KIND, "; ".join(seen) or "no function logged a token")


def confinement(target: Target) -> None:
    """Report what the platform allowed `convert` to confine FFmpeg's process with, as it logs once for each instance."""
    try:
        seen = {line["confinement"] for line in target.logs.lines("convert", "confinement", before=True)}
    except CannotRead as why:
        target.report.not_asked(AREA, CONFINED, str(why))
        return
    target.report.answer(AREA, CONFINED, ", ".join(sorted(seen)) or "convert logged nothing about it")


def _reached(target: Target, function: str, uid: str, as_admin: Callable[[], Any]) -> None:
    question, expected = REACHED.format(function), "a message about this user"
    try:
        found = wait_for(lambda: _messages(target, function, uid), seconds=SECONDS, poll_seconds=1)
        seen = f"{found[0]['push']['type']}: {found[0]['push']['result']}" if found else _silence(target, function)
    except CannotRead as why:
        if not target.admin_token:
            target.report.not_asked(AREA, question, f"needs LIVE_CHECK_ADMIN_TOKEN, or {why}")
            return
        found = wait_for(as_admin, seconds=SECONDS, poll_seconds=1)
        seen = f"{len(found)} seen by an admin" if found else f"none within {SECONDS} s"
    target.report.promise(AREA, question, found, seen, expected)


def _examined(target: Target, video: Uploaded) -> str | None:
    shown: dict[str, Any] = target.ask("GET", f"/v1/videos/{video.video_id}", 200)
    state, audio = str(shown["media"]["state"]), shown["audio"]["state"]
    if state != "processing":
        return state
    return f"{state}, MP3: {audio}" if audio not in {"none", "queued"} else None  # a run that has begun


def _messages(target: Target, function: str, uid: str) -> list[dict[str, Any]]:
    return [line for line in target.logs.lines(function, "push.uid") if line["push"]["uid"] == uid]


def _deliveries(target: Target, uid: str) -> Any:
    return target.ask("GET", f"/v1/admin/deliveries?user_id={uid}", 200, token=target.admin_token)["items"]


def _actions(target: Target, uid: str) -> Any:
    return target.ask("GET", f"/v1/admin/audit?user_id={uid}&action=logs.read", 200, token=target.admin_token)["items"]


def _silence(target: Target, function: str) -> str:
    """Return what is known of a message that did not come."""
    try:
        kinds = {line["push_signature"] for line in target.logs.lines(function, "push_signature", before=True)}
    except CannotRead:
        kinds = set()
    return ADVICE if "refused" in kinds else f"nothing within {SECONDS} s"
