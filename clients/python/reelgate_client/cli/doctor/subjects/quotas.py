"""Limits of the user with the room that is left, and where those of the project are."""

from __future__ import annotations

from reelgate_client.cli import words
from reelgate_client.cli.doctor.deployment import Deployment
from reelgate_client.models import Me

SUBJECT = "quotas"
LOW_PERCENT = 10


async def examine(deployment: Deployment, user: Me) -> None:
    """Look at the storage and the day of this user."""
    usage = await deployment.client.usage.now()
    _room(deployment, user, "storage", usage.storage.available, usage.storage.limit)
    _room(deployment, user, "bandwidth", usage.bandwidth.available, usage.bandwidth.limit)
    project = deployment.project or "PROJECT"
    deployment.findings.not_asked(
        SUBJECT,
        "the project's quotas",
        "Google shows them in its console.",
        f"https://console.cloud.google.com/iam-admin/quotas?project={project}   # Cloud Run CPU; docs/operations.md, Quotas",
    )


def _room(deployment: Deployment, user: Me, what: str, available: int, limit: int) -> None:
    question = f"this user's {what}"
    day = " today" if what == "bandwidth" else ""
    detail = f"{words.size(available)} of {words.size(limit)} are left{day}."
    if available * 100 < limit * LOW_PERCENT or limit == 0:
        mend = f"PATCH /v1/admin/users/{user.user_id} with limits.{what}   # docs/operations.md, Raising limits"
        deployment.findings.warning(SUBJECT, question, detail, mend)
    else:
        deployment.findings.ok(SUBJECT, question, detail)
