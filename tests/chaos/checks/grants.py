"""Playback grants against the ledger: what was charged and played, and that nothing was after their end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from tests.chaos.checks.evidence import Document, Evidence
from tests.chaos.checks.findings import Findings
from tests.chaos.journal import Journal

CLOCKS_DIFFER = timedelta(seconds=3)
_BEGINNING = "0"


def check_grants(evidence: Evidence, journal: Journal, findings: Findings) -> None:
    """Check all grants that are kept. Entries of those that are gone are as right as all others of the ledger."""
    charged, plays, last = Counter[str](), Counter[str](), dict[str, Document]()
    for entry in evidence.documents["entries"]:
        place = entry.fields["entry_id"].split(":")
        if place[:2] != ["stream", "grant"]:
            continue
        grant_id = place[2]
        charged[grant_id] += entry.fields["size"]
        # Long URLs have one entry in a window, `stream:grant:GRANT:WINDOW`, which is a play.
        plays[grant_id] += len(place) == 4 or place[4] == _BEGINNING
        if grant_id not in last or entry.fields["at"] > last[grant_id].fields["at"]:
            last[grant_id] = entry
    for grant in evidence.documents["grants"]:
        fields, grant_id = grant.fields, grant.id
        if fields["uid"] in journal.deleted:
            continue
        findings.count_checked("playback grants")
        findings.count_checked("plays", plays[grant_id])
        findings.same(f"grant {grant_id}: bytes charged, by the ledger", fields["charged"], charged[grant_id])
        findings.same(f"grant {grant_id}: plays, by the ledger", fields["plays"], plays[grant_id])
        for what, bound in (("plays", fields["max_plays"]), ("charged", fields["max_bytes"])):
            if bound is not None and fields[what] > bound:
                findings.problem(f"grant {grant_id}: {fields[what]} {what} of {bound}")
        ends = min(fields["expires_at"], fields["revoked_at"] or fields["expires_at"])
        if grant_id in last and last[grant_id].fields["at"] > ends + CLOCKS_DIFFER:
            findings.problem(f"grant {grant_id}: {last[grant_id].id} was charged after its end")
