"""The outbox, alerts, mails and webhooks: everything was sent, and no mail twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from localcloud.mail.signatures import verified
from tests.chaos.checks.evidence import Evidence
from tests.chaos.checks.findings import Findings
from tests.chaos.cloud.postbox import header
from tests.chaos.journal import Journal

SETTLED = {"delivered", "failed", "skipped", "withheld", "uncertain"}
UNVERIFIED = "@unverified.example"


def check_messages(evidence: Evidence, journal: Journal, findings: Findings) -> None:
    """Check what was to be sent against what was received."""
    findings.same("the outbox", [one.id for one in evidence.documents["outbox"]], [])
    ids = Counter(header(mail, "message-id") for mail in evidence.mails)
    findings.count_checked("mails", len(evidence.mails))
    findings.same("mails that came twice", [one for one, times in ids.items() if times > 1], [])
    chosen = {name for one in evidence.documents["users"] if (name := one.fields.get("username"))}
    for mail in evidence.mails:
        if any(address.endswith(UNVERIFIED) for address in mail["to"]):
            findings.problem(f"a mail to an address that nobody has verified: {mail['subject']}")
        if any(word in mail["subject"] for word in (".mp4", *chosen)):
            findings.problem(f"a mail's subject has a text of its user's: {mail['subject']}")
    for one in evidence.documents["deliveries"]:
        findings.count_checked("deliveries")
        if one.fields["state"] not in SETTLED:
            findings.problem(f"the delivery {one.id} of {one.fields['type']} is {one.fields['state']}")
    _check_alerts(evidence, journal, findings)
    wrong = [hook for hook in evidence.webhooks if not _is_signed(hook, evidence.webhook_secret)]
    findings.count_checked("webhooks", len(evidence.webhooks))
    findings.same("webhooks whose signature is wrong", len(wrong), 0)
    received = {json.loads(hook["body"])["data"]["event_id"] for hook in evidence.webhooks if 200 <= hook["answered"] < 300}
    for one in evidence.documents["deliveries"]:
        if one.fields["channel"] == "local" and one.fields["state"] == "delivered" and one.fields["event_id"] not in received:
            findings.problem(f"{one.id} is said to be delivered, but nobody received it")


def _check_alerts(evidence: Evidence, journal: Journal, findings: Findings) -> None:
    """Each alert that a day counts has exactly one delivery by mail, and none has another."""
    raised: set[str] = set()
    days = [(one.uid, one.fields["today"]) for one in evidence.documents["users"]]
    days += [(one.uid, {"date": one.id, **one.fields}) for one in evidence.documents["days"]]
    for uid, day in days:
        if uid in journal.deleted:
            continue
        for key, times in day["raised"].items():
            raised |= {f"alert:{uid}:{day['date']}:{key}:{number}" for number in range(1, times + 1)}
    findings.count_checked("alerts", len(raised))
    told = {
        one.fields["event_id"]
        for one in evidence.documents["deliveries"]
        if one.fields["channel"] == "mail" and one.fields["type"].endswith(".alert")
    }
    findings.same("alerts without a delivery", sorted(raised - told)[:5], [])
    findings.same("alerts that nobody raised", sorted(told - raised)[:5], [])


def _is_signed(hook: Mapping[str, Any], secret: str) -> bool:
    """Return whether a webhook is signed for what it says and when it says that, whatever the clock has done."""
    headers = {name.lower(): value for name, value in hook["headers"].items()}
    sent_at = headers.get("webhook-timestamp", "0")
    return verified(headers, hook["body"].encode(), secret, now=float(sent_at))
