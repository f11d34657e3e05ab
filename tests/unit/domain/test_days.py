"""Days and midnights, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.books.days import day_of, next_day_starts, rfc3339

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", date(2026, 11, 3)), ("Asia/Tokyo", date(2026, 11, 4)), ("Pacific/Pago_Pago", date(2026, 11, 3))],
)
def test_the_day_depends_on_the_zone(zone: str, expected: date) -> None:
    assert day_of(datetime(2026, 11, 3, 15, 30, tzinfo=UTC), ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-03-28T23:30:00+00:00", "2026-03-29T22:00:00+00:00"),  # Berlin's day of 23 hours
        ("2026-10-24T22:30:00+00:00", "2026-10-25T23:00:00+00:00"),  # and that of 25
        ("2026-11-03T23:00:00+00:00", "2026-11-04T23:00:00+00:00"),  # midnight itself belongs to the new day
    ],
)
def test_midnight_where_the_clocks_are_changed(now: str, midnight: str) -> None:
    assert next_day_starts(datetime.fromisoformat(now), ZoneInfo("Europe/Berlin")).isoformat() == midnight


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.sampled_from(ZONES).map(ZoneInfo))
def test_the_next_day_begins_with_the_next_day(now: datetime, zone: ZoneInfo) -> None:
    midnight = next_day_starts(now, zone)
    assert midnight > now
    assert midnight.tzinfo is UTC
    assert day_of(midnight, zone) == day_of(now, zone) + timedelta(days=1)
    assert day_of(midnight - timedelta(microseconds=1), zone) == day_of(now, zone)


def test_instants_are_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=UTC)) == "2026-01-02T03:04:05.678Z"
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Asia/Tokyo"))) == "2026-01-01T18:04:05.000Z"
