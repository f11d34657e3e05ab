"""The tags of signed URLs, by which the bucket's usage logs are settled with the books."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reelgate.domain.books.entries import EntryId
from reelgate.domain.usage.egress_tags import MAX_LENGTH, PARAMETER, EgressTag, Leases

START = 1_800_000_000


@pytest.mark.parametrize(
    "entry_id",
    [
        EntryId.stream_once("0f" * 16, START),
        EntryId.stream_once("0f" * 16, START, "audio"),
        EntryId.stream(f"grant:9a:{START}"),
    ],
)
def test_a_charged_tag_leads_to_the_entry_that_paid(entry_id: EntryId) -> None:
    tag = EgressTag.charged_by(entry_id)
    assert tag.parameter == {PARAMETER: entry_id.key}
    assert EgressTag.parse(str(tag)) == tag
    assert (tag.charge, tag.is_free, tag.leases) == (entry_id, False, None)
    assert tag.starts_at == datetime.fromtimestamp(START, UTC)


def test_leases_of_a_grant_and_a_day_are_settled_together() -> None:
    tag = EgressTag.leased("9a", date(2026, 11, 29))
    assert (str(tag), tag.is_free, tag.starts_at) == ("grant:9a:2026-11-29", False, None)
    assert tag.leases == Leases("9a", date(2026, 11, 29))
    assert tag.leases.has(EntryId.stream("grant:9a:view1:3"))
    assert not tag.leases.has(EntryId.stream(f"grant:9a:{START}")), "one long URL, which is settled by itself"
    assert not tag.leases.has(EntryId.stream("grant:9ab:view1:3"))
    assert not tag.leases.has(EntryId.settle("grant:9a:view1:3"))


def test_what_is_free_has_neither_charge_nor_window() -> None:
    tag = EgressTag.free("poster")
    assert (str(tag), tag.is_free, tag.starts_at, tag.leases) == ("free:poster", True, None, None)


@pytest.mark.parametrize("text", ["", "a b", "a/b", "a,b", "ä", "a\n", "x" * (MAX_LENGTH + 1), '"'])
def test_a_text_that_no_url_of_ours_has_is_no_tag(text: str) -> None:
    assert EgressTag.parse(text) is None


@pytest.mark.parametrize("text", ["grant:9a:2026-13-01", "grant:9a", "x", "f1:", "f1:999999999999", "grant:2026-11-29"])
def test_a_tag_that_leads_nowhere_is_harmless(text: str) -> None:
    tag = EgressTag.parse(text)
    assert tag is not None
    assert (tag.starts_at, tag.leases) == (None, None)
