"""The checker compares playback grants with the ledger, and finds each kind of drift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chaos.checks.evidence import Document, Evidence
from tests.chaos.checks.findings import Findings
from tests.chaos.checks.grants import check_grants
from tests.chaos.journal import Journal

NOW = datetime(2026, 1, 2, tzinfo=UTC)
GRANT = {
    **{"uid": "ada", "charged": 300, "plays": 2, "max_plays": 2, "max_bytes": 300},
    **{"expires_at": NOW + timedelta(hours=1), "revoked_at": None},
}
ENTRIES = ("stream:grant:G:view:0", "stream:grant:G:view:1", "stream:grant:G:1767312000")


def findings_of(entries: tuple[str, ...] = ENTRIES, **changed: Any) -> list[str]:
    documents = [
        Document(("users", "ada", "entries", one), {"entry_id": one, "size": 100, "at": NOW + timedelta(minutes=number)})
        for number, one in enumerate(entries)
    ]
    evidence = Evidence(NOW, documents={"entries": documents, "grants": [Document(("grants", "G"), GRANT | changed)]})
    findings = Findings()
    check_grants(evidence, Journal(), findings)
    return findings.problems


def test_what_agrees_is_good() -> None:
    assert findings_of() == []
    assert findings_of((*ENTRIES, "stream:grant:OTHER:view:0", "stream:V:1767312000")) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"charged": 299}, "bytes charged"),
        ({"plays": 3, "max_plays": None}, "plays, by the ledger"),
        ({"max_plays": 1}, "2 plays of 1"),
        ({"max_bytes": 299}, "300 charged of 299"),
        ({"revoked_at": NOW}, "charged after its end"),
        ({"expires_at": NOW + timedelta(seconds=100)}, "charged after its end"),
    ],
)
def test_each_kind_of_drift_is_found(changed: dict[str, Any], found: str) -> None:
    assert any(found in problem for problem in findings_of(**changed))


def test_a_play_that_was_not_counted_is_found() -> None:
    assert any(
        "plays" in problem for problem in findings_of((*ENTRIES, "stream:grant:G:second:0"), charged=400, max_bytes=None)
    )
