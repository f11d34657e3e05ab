"""Days and midnights, also where clocks are changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.books.instants import rfc3339
from tests.fixtures.bookkeeping import POLICY

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", date(2026, 11, 3)), ("Asia/Tokyo", date(2026, 11, 4)), ("Pacific/Pago_Pago", date(2026, 11, 3))],
)
def test_the_day_depends_on_the_zone(zone: str, expected: date) -> None:
    assert replace(POLICY, zone=ZoneInfo(zone)).day_of(datetime(2026, 11, 3, 15, 30, tzinfo=UTC)) == expected


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-03-28T23:30:00+00:00", "2026-03-29T22:00:00+00:00"),  # Berlin's day of 23 hours
        ("2026-10-24T22:30:00+00:00", "2026-10-25T23:00:00+00:00"),  # and that of 25
        ("2026-11-03T23:00:00+00:00", "2026-11-04T23:00:00+00:00"),  # midnight itself belongs to the new day
    ],
)
def test_midnight_where_the_clocks_are_changed(now: str, midnight: str) -> None:
    policy = replace(POLICY, zone=ZoneInfo("Europe/Berlin"))
    assert policy.next_day_starts(datetime.fromisoformat(now)).isoformat() == midnight


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.sampled_from(ZONES).map(ZoneInfo))
def test_the_next_day_begins_with_the_next_day(now: datetime, zone: ZoneInfo) -> None:
    policy = replace(POLICY, zone=zone)
    midnight = policy.next_day_starts(now)
    assert midnight > now
    assert midnight.tzinfo is UTC
    assert policy.day_of(midnight) == policy.day_of(now) + timedelta(days=1)
    assert policy.day_of(midnight - timedelta(microseconds=1)) == policy.day_of(now)


def test_instants_are_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=UTC)) == "2026-01-02T03:04:05.678Z"
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Asia/Tokyo"))) == "2026-01-01T18:04:05.000Z"
