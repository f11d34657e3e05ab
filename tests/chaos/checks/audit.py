"""The audit log: what changed the books was recorded in the same commit, so the log has it exactly if the ledger has."""

from __future__ import annotations

from tests.chaos.checks.evidence import Evidence
from tests.chaos.checks.findings import Findings
from tests.chaos.journal import Journal

ACTIONS = {
    "reserve": {"upload.granted"},
    "commit": {"upload.finished"},
    "release": {"upload.cancelled", "upload.expired", "upload.rejected", "upload.deleted"},
    "delete": {"file.deleted", "upload.deleted"},
    "restore": {"file.restored"},
    "purge": {"file.purged"},
    "captions": {"captions.put", "captions.deleted"},
}
"""Which actions may have written an entry of a kind."""


def check_audit(evidence: Evidence, journal: Journal, findings: Findings) -> None:
    """Check that each entry about a file has its action."""
    recorded = set()
    for event in evidence.documents["audit"]:
        details = event.fields["details"]
        recorded.add((event.fields["action_type"], details.get("file_id") or details.get("video_id")))
    for entry in evidence.documents["entries"]:
        kind, file_id = entry.fields["kind"], entry.fields["file_id"]
        if kind in ACTIONS and entry.uid not in journal.deleted:
            findings.count_checked("entries with their action")
            if not any((action, file_id) in recorded for action in ACTIONS[kind]):
                findings.problem(f"{entry.uid}: the audit log has no action for {entry.id}")
