"""The fold of a ledger."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.books.entries import Delta, Entry, Totals
from tests.fixtures.bookkeeping import NOON

TODAY = NOON.date()


def entry(sequence: int, *, days: int = 0, **delta: int) -> Entry:
    date = TODAY + timedelta(days=days)
    return Entry(entry_id=f"e{sequence}", kind="k", sequence=sequence, at=NOON, date=date, delta=Delta(**delta))


def test_an_empty_ledger_folds_to_nothing() -> None:
    assert Totals.of([]) == Totals(Delta(), {}, (), 0)


def test_the_fold_sums_over_all_time_and_per_day_in_any_order() -> None:
    entries = [
        entry(3, days=1, stored=-5, deleted_bytes=5, deletion_count=1),
        entry(1, reserved=5),
        entry(2, stored=5, reserved=-5, uploaded=5, upload_count=1),
    ]
    fold = Totals.of(entries)
    assert fold == Totals.of(reversed(entries))
    assert fold.total == Delta(uploaded=5, upload_count=1, deleted_bytes=5, deletion_count=1)
    assert fold.days == {
        TODAY: Delta(stored=5, uploaded=5, upload_count=1),
        TODAY + timedelta(days=1): Delta(stored=-5, deleted_bytes=5, deletion_count=1),
    }
    assert (fold.gaps, fold.count) == ((), 3)


def test_missing_and_doubled_numbers_are_told() -> None:
    assert Totals.of([entry(2), entry(4), entry(4), entry(5)]).gaps == (1, 3, 4)


AMOUNTS = st.builds(Delta, **{field.name: st.integers(-(2**40), 2**40) for field in fields(Delta)})


@given(AMOUNTS, AMOUNTS)
def test_movements_add_field_by_field(one: Delta, other: Delta) -> None:
    assert astuple(one + other) == tuple(a + b for a, b in zip(astuple(one), astuple(other), strict=True))
    assert one + Delta() == one
