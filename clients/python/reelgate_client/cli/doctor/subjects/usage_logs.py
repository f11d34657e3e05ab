"""Whether usage logs arrive, by which charges for streams are settled."""

from __future__ import annotations

from datetime import timedelta

from reelgate_client.cli.doctor.deployment import Deployment
from reelgate_client.cli.doctor.subjects import clock
from reelgate_client.models import BilledUsage, Me

SUBJECT = "usage logs"
QUESTION = "streams are measured"
DAYS = 30
SETTLED_AFTER = timedelta(days=2)
"""Days older than this are settled: logs come within six hours, and the books read them once a day at most."""


async def examine(deployment: Deployment, user: Me) -> None:
    """Look at the last days of this user, or of all users for an admin."""
    last = clock.now().date() - SETTLED_AFTER
    first = last - timedelta(days=DAYS)
    if user.role == "admin":
        page = await deployment.client.admin.usage(from_=first, to=last, group="month", limit=200)
        totals, whose = [one.total for one in page.items], "of all users"
    else:
        totals, whose = [(await deployment.client.usage.days(from_=first, to=last)).total], "of this user"
    _judge(deployment, totals, whose)


def _judge(deployment: Deployment, totals: list[BilledUsage], whose: str) -> None:
    findings = deployment.findings
    streamed = sum(one.estimated for one in totals)
    measured = streamed - sum(one.unsettled for one in totals)
    if streamed == 0:
        findings.not_asked(
            SUBJECT, QUESTION, f"No stream {whose} is older than two days.", "ask again two days after the first one"
        )
    elif measured <= 0:
        findings.warning(
            SUBJECT,
            QUESTION,
            f"No log has come for {streamed:,} bytes {whose}: charges stay estimates.",
            'set usage_logs = true in terraform/terraform.tfvars; if it is: gcloud storage ls "gs://PROJECT-reelgate-usage-logs"',
        )
    else:
        findings.ok(SUBJECT, QUESTION, f"{100 * measured / streamed:.0f} % of {streamed:,} bytes {whose} are measured.")
