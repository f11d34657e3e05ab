"""Whether messages arrive: Pub/Sub's push reaches the functions, and mails and webhooks go out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from reelgate_client.cli.doctor.deployment import Deployment, refusal
from reelgate_client.cli.doctor.subjects import clock
from reelgate_client.models import Me

SUBJECT = "messages"
SECONDS = 60
POLL_SECONDS = 1.0
CONVERT, AUDIT, DELIVERIES = "the push to `convert` arrives", "the push to `audit` arrives", "mails and webhooks are delivered"
ADMIN = "sign in as an admin (python -m ops admin EMAIL makes one), or set REELGATE_TOKEN"
FAILED_WITHIN = timedelta(days=1)


async def convert(deployment: Deployment, video_id: str | None) -> None:
    """Look whether `convert` has had the small video, whatever it says about it."""
    if video_id is None:
        deployment.findings.not_asked(SUBJECT, CONVERT, "There is no video of this run.")
        return
    identifier = video_id

    async def examined() -> bool:
        return (await deployment.client.videos.get(identifier)).media.state != "processing"

    await _wait(deployment, CONVERT, "convert", "videos", examined)


async def as_admin(deployment: Deployment, user: Me) -> None:
    """Look into the audit log and the deliveries."""
    findings = deployment.findings
    if user.role != "admin":
        for question in (AUDIT, DELIVERIES):
            findings.not_asked(SUBJECT, question, "Only admins see it.", ADMIN)
        return
    # This request is published for the log; actions that change the books are in it anyway, so they prove nothing.
    answer = await deployment.ask("GET", "/v1/admin/audit?limit=1", bearer=await deployment.bearer())
    if answer.status_code == 403:
        for question in (AUDIT, DELIVERIES):
            findings.not_asked(SUBJECT, question, refusal(answer).detail, ADMIN)
        return

    async def logged() -> bool:
        page = await deployment.client.admin.audit(request_id=f"doctor-{deployment.run}", action="logs.read", limit=1)
        return bool(page.items)

    await _wait(deployment, AUDIT, "audit", "audit", logged)
    await _deliveries(deployment)


async def _deliveries(deployment: Deployment) -> None:
    findings = deployment.findings
    failed = (await deployment.client.admin.deliveries.list(state="failed", limit=100)).items
    recent = [one for one in failed if clock.now() - one.updated_at < FAILED_WITHIN]
    if recent:
        findings.warning(
            SUBJECT,
            DELIVERIES,
            f"{len(recent)} failed since yesterday; the last one: {recent[0].error or recent[0].status or 'no reason'}.",
            "reelgate admin deliveries --state failed   # then --redeliver ID, when it is repaired",
        )
    else:
        findings.ok(SUBJECT, DELIVERIES, "None has failed since yesterday.")


async def _wait(deployment: Deployment, question: str, function: str, topic: str, look: Callable[[], Awaitable[bool]]) -> None:
    began = time.monotonic()
    while not await look():
        if time.monotonic() - began >= SECONDS:
            deployment.findings.wrong(
                SUBJECT,
                question,
                f"Nothing within {SECONDS} s.",
                f"gcloud functions logs read reelgate-{function} --region=REGION   # 401: REELGATE_PUSH_SIGNATURE; then"
                f" python -m ops dead-letters {topic}",
            )
            return
        await asyncio.sleep(POLL_SECONDS)
    deployment.findings.ok(SUBJECT, question, f"After {time.monotonic() - began:.1f} s.")
