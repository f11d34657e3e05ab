"""Users who were deleted: nothing names them anywhere."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from tests.chaos.checks.evidence import Document, Evidence
from tests.chaos.checks.findings import Findings
from tests.chaos.journal import Journal

CLOCKS_DIFFER = timedelta(seconds=3)


def note_deletions(evidence: Evidence, journal: Journal) -> None:
    """Count users as deleted whose deletion was asked for and has begun, though no client saw an answer."""
    begun = {one.id for one in evidence.documents["erased"]}
    for uid, email in journal.leaving.items():
        if _tombstone(uid) in begun:
            journal.deleted.setdefault(uid, email)


def check_erased(evidence: Evidence, journal: Journal, findings: Findings) -> None:
    """Search everything for the ids and addresses of users whose deletion was acknowledged."""
    for uid in journal.deleted:
        findings.count_checked("deleted users")
        if uid in evidence.directory:
            findings.problem(f"{uid} was deleted, and is in the directory")
    words = {word for pair in journal.deleted.items() for word in pair}
    if not words:
        return
    begun = _begun(evidence, journal)
    for group, documents in evidence.documents.items():
        for one in documents:
            named = [word for word in words if word in "/".join(one.path) or word in repr(one.fields)]
            if named and not _is_somebody_else(one, named, begun):
                findings.problem(f"{group}: {'/'.join(one.path)} names a deleted user: {one.fields.get('action_type', '')}")
    for bucket in (evidence.media, evidence.derived):
        for name, found in bucket.items():
            if not found.is_placeholder and any(word in name.split("/") for word in words):
                findings.problem(f"{name} belongs to a deleted user")


def _begun(evidence: Evidence, journal: Journal) -> dict[str, datetime]:
    """Return when the deletion of each address's user began, as the tombstone says."""
    tombstones = {one.id: one.fields["begun_at"] for one in evidence.documents["erased"]}
    digests = {email: _tombstone(uid) for uid, email in journal.deleted.items()}
    return {email: tombstones[digest] for email, digest in digests.items() if digest in tombstones}


def _tombstone(uid: str) -> str:
    return hashlib.sha256(f"reelgate\0user\0{uid}".encode()).hexdigest()


def _is_somebody_else(event: Document, named: list[str], begun: dict[str, datetime]) -> bool:
    """Return whether it is a failed login, after the deletion, of somebody who typed the address: that may be anybody."""
    if event.fields.get("action_type") != "login" or event.fields.get("user_id"):
        return False
    return all(word in begun and event.fields["created_at"] > begun[word] - CLOCKS_DIFFER for word in named)
