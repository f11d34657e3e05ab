"""All checks at one stage of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, reset_tzpath

from tests.chaos.checks.audit import check_audit
from tests.chaos.checks.books import Terms, check_books
from tests.chaos.checks.buckets import check_arrivals, check_buckets
from tests.chaos.checks.costs import Costs, figures
from tests.chaos.checks.erased import check_erased, note_deletions
from tests.chaos.checks.evidence import Evidence
from tests.chaos.checks.findings import Figure, Findings
from tests.chaos.checks.grants import check_grants
from tests.chaos.checks.logs import check_logs
from tests.chaos.checks.messages import check_messages
from tests.chaos.cloud.chaos_cloud import ChaosCloud
from tests.chaos.cloud.clock import ZONE
from tests.chaos.journal import Journal

LAST = 2
"""The number of the last stage."""


@dataclass
class Verdict:
    """What the checker says at one stage."""

    stage: str
    findings: Findings
    figures: list[Figure]

    @property
    def is_good(self) -> bool:
        """Whether everything agrees, and every figure is within its bound."""
        return not self.findings.count and all(figure.is_good for figure in self.figures)


def check(
    stage: str, evidence: Evidence, journal: Journal, cloud: ChaosCloud, unrest: Sequence[str], *, number: int
) -> Verdict:
    """Check everything. `number` is the stage's, from 0: all uploads are over from the second on, the trash at the last."""
    note_deletions(evidence, journal)
    findings = Findings()
    for problem in unrest:
        findings.problem(problem)
    findings.same("collections that the checker does not know", sorted(evidence.unknown_collections), [])
    reset_tzpath([str(cloud.logs / "zones")])
    costs = Costs(evidence, journal, cloud.settings, ZoneInfo.no_cache(ZONE))  # each run has another midnight
    terms = Terms(
        storage=costs.setting("REELGATE_STORAGE_LIMIT_BYTES"),
        daily=costs.setting("REELGATE_DAILY_LIMIT_BYTES"),
        rejected_uploads=costs.setting("REELGATE_REJECTED_UPLOADS_PER_DAY"),
        zone=costs.zone,
    )
    check_books(evidence, journal, terms, findings)
    check_arrivals(evidence, journal, findings)
    check_buckets(evidence, journal, findings, uploads_are_over=number >= 1)
    check_messages(evidence, journal, findings)
    check_audit(evidence, journal, findings)
    check_grants(evidence, journal, findings)
    check_erased(evidence, journal, findings)
    if number == LAST:
        check_logs(cloud.logs, findings)
        findings.same("videos in the trash", len(evidence.documents["trash"]), 0)
    return Verdict(stage, findings, figures(costs))
