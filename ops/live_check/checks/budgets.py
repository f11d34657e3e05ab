"""Budgets: what is too much is refused before anything moves, an alert is raised once, and admins read who did what."""

from __future__ import annotations

from typing import Any

from localcloud.supervisor.polling import wait_for
from ops.live_check.target import Target, shown
from ops.live_check.upload import Uploaded

AREA = "budget"
AUDIT = "audit"
TOLD_SECONDS = 60


def refuse(target: Target) -> None:
    """Ask for one byte more than is free. Raises PromiseBroken."""
    before = target.ask("GET", "/v1/usage", 200)["storage"]
    size = before["available"] + 1
    answer = target.api("POST", "/v1/uploads", json={"filename": "too large.mp4", "size": size, "content_type": "video/mp4"})
    seen = shown(answer)
    held = seen in {"403 storage_limit_exceeded", "403 bandwidth_limit_exceeded", "413 too_large"}
    target.report.promise(AREA, "one byte more than is free", held, seen, "403 storage_limit_exceeded")
    reserved = target.ask("GET", "/v1/usage", 200)["storage"]["reserved"] - before["reserved"]
    target.report.promise(AREA, "what was refused reserved nothing", reserved == 0, f"{reserved} bytes", "0 bytes")


def alert(target: Target, uid: str) -> None:
    """Use up 80 % of the day, and see the alert. Raises PromiseBroken.

    By a report of traffic elsewhere, which only an older service's route takes.
    """
    day = target.ask("GET", "/v1/usage", 200)["bandwidth"]
    missing = -(-day["limit"] * 80 // 100) - day["used"]
    if missing > 0:
        body = {"file_name": f"live-check-{target.run}.mp4", "file_size": missing}
        target.ask("POST", "/api/usage/log-upload", 200, json=body, headers={"Idempotency-Key": target.run})
    raised = [f"{one['kind']}:{one['threshold_percent']}" for one in target.ask("GET", "/v1/usage", 200)["alerts"]]
    target.report.promise(
        AREA, "an alert at 80 % of the day", "bandwidth:80" in raised, ", ".join(raised) or "none", "bandwidth:80"
    )
    question = "the alert is delivered"
    if not target.admin_token:
        target.report.not_asked(AREA, question, "needs LIVE_CHECK_ADMIN_TOKEN")
        return
    deliveries = wait_for(lambda: _deliveries(target, uid), seconds=TOLD_SECONDS)
    seen = (
        f"deliveries: {', '.join(sorted({each['state'] for each in deliveries}))}"
        if deliveries
        else f"none within {TOLD_SECONDS} s"
    )
    target.report.promise(AREA, question, deliveries, seen, "a delivery of the alert")


def audit(target: Target, uid: str, video: Uploaded) -> None:
    """Find the upload in the audit log as an admin, and check that others cannot. Raises PromiseBroken."""
    refused = target.api("GET", "/v1/admin/audit")
    held = refused.status_code == 403 or (target.token and target.token == target.admin_token)
    target.report.promise(AUDIT, "only admins read the log", held, shown(refused), "403 forbidden")
    question = "the upload is in the log"
    if not target.admin_token:
        target.report.not_asked(AUDIT, question, "needs LIVE_CHECK_ADMIN_TOKEN")
        return
    found = wait_for(lambda: _actions(target, uid, video), seconds=TOLD_SECONDS, poll_seconds=1)
    seen = f"{len(found)} actions" if found else f"not within {TOLD_SECONDS} s"
    target.report.promise(AUDIT, question, found, seen, "the actions of this video")


def _deliveries(target: Target, uid: str) -> list[dict[str, Any]]:
    path = f"/v1/admin/deliveries?type=bandwidth.alert&user_id={uid}"
    listed: list[dict[str, Any]] = target.ask("GET", path, 200, token=target.admin_token)["items"]
    return listed


def _actions(target: Target, uid: str, video: Uploaded) -> list[dict[str, Any]]:
    logged = target.ask("GET", f"/v1/admin/audit?user_id={uid}&limit=100", 200, token=target.admin_token)["items"]
    return [one for one in logged if one["details"].get("video_id") == video.video_id]
