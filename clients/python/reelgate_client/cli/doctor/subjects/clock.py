"""Whether clocks agree: signed URLs and tokens end at times that one machine writes and another one reads."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime

import httpx

from reelgate_client.cli.doctor.deployment import Deployment

SUBJECT = "clock"
WRONG_SECONDS = 60
WARNING_SECONDS = 10


def now() -> datetime:
    """Return this machine's time."""
    return datetime.now(UTC)


def compare(deployment: Deployment, question: str, answer: httpx.Response, sent: datetime) -> None:
    """Compare the time of an answer with this machine's, which was read before the request was sent."""
    findings = deployment.findings
    try:
        theirs = email.utils.parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        findings.not_asked(SUBJECT, question, "The answer has no time.")
        return
    # An answer was made between sending and receiving; its Date leaves out fractions of the second.
    early, late = (theirs - now()).total_seconds(), (theirs - sent).total_seconds() + 1
    seconds = 0.0 if early <= 0 <= late else min(early, late, key=abs)
    if abs(seconds) <= WARNING_SECONDS:
        findings.ok(SUBJECT, question, "It agrees with this machine's.")
        return
    way = "behind" if seconds > 0 else "ahead of"
    detail = f"This machine's clock is {abs(seconds):.0f} s {way} it"
    mend = "sudo timedatectl set-ntp true   # on this machine; Google's clocks are right"
    if abs(seconds) > WRONG_SECONDS:
        findings.wrong(SUBJECT, question, f"{detail}: signed URLs and tokens begin and end at the wrong time.", mend)
    else:
        findings.warning(SUBJECT, question, f"{detail}.", mend)
