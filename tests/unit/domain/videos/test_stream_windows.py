"""The windows of streaming URLs: one at each instant, as long as the setting says, shifted by file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.videos.stream_windows import StreamWindow

FILES = st.text(min_size=1, max_size=40)
SECONDS = st.integers(1, 302_400)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(FILES, INSTANTS, SECONDS)
def test_an_instant_lies_in_its_window(file_id: str, now: datetime, seconds: int) -> None:
    window = StreamWindow.of(file_id, now, seconds=seconds)
    assert window.starts_at <= now < window.ends_at
    assert window.ends_at - window.starts_at == timedelta(seconds=seconds)
    assert window.starts_at.microsecond == 0, "a signature's date has whole seconds"


@given(FILES, INSTANTS, SECONDS)
def test_a_url_works_for_at_least_the_setting_and_at_most_twice_as_long(file_id: str, now: datetime, seconds: int) -> None:
    window = StreamWindow.of(file_id, now, seconds=seconds)
    assert timedelta(seconds=seconds) < window.expires_at - now <= timedelta(seconds=2 * seconds)
    assert window.expires_at == window.starts_at + timedelta(seconds=window.url_seconds)


@given(FILES, INSTANTS, SECONDS)
def test_windows_follow_each_other_without_gaps(file_id: str, now: datetime, seconds: int) -> None:
    window = StreamWindow.of(file_id, now, seconds=seconds)
    assert StreamWindow.of(file_id, window.starts_at, seconds=seconds) == window
    assert StreamWindow.of(file_id, window.ends_at - timedelta(microseconds=1), seconds=seconds) == window
    following = StreamWindow.of(file_id, window.ends_at, seconds=seconds)
    assert following.starts_at == window.ends_at
    assert following.entry_id() != window.entry_id()
    assert following.previous == window


@given(FILES, INSTANTS, SECONDS, st.integers(-12, 12))
def test_a_time_zone_changes_nothing(file_id: str, now: datetime, seconds: int, hours: int) -> None:
    elsewhere = now.astimezone(timezone(timedelta(hours=hours)))
    assert StreamWindow.of(file_id, elsewhere, seconds=seconds) == StreamWindow.of(file_id, now, seconds=seconds)


def test_files_change_at_different_seconds() -> None:
    now = datetime(2026, 11, 3, 12, tzinfo=UTC)
    starts = {StreamWindow.of(f"{n:032x}", now, seconds=3600).starts_at for n in range(1000)}
    assert len(starts) > 800
    assert max(starts) - min(starts) > timedelta(minutes=55)


@pytest.mark.parametrize(
    ("seconds", "at", "start"),
    [
        (3600, "12:00:00", "11:47:02"),
        (3600, "12:47:01", "11:47:02"),
        (3600, "12:47:02", "12:47:02"),
        (1, "12:00:00", "12:00:00"),
    ],
)
def test_a_window_is_where_it_was_yesterday(seconds: int, at: str, start: str) -> None:
    """Another checksum would charge all open windows a second time when it is deployed."""
    window = StreamWindow.of("u1", datetime.fromisoformat(f"2026-11-03T{at}Z"), seconds=seconds)
    assert window.starts_at == datetime.fromisoformat(f"2026-11-03T{start}Z")


def test_the_entry_is_named_by_file_kind_and_start() -> None:
    window = StreamWindow.of("u1", datetime(2026, 11, 3, 12, tzinfo=UTC), seconds=1)
    assert window.entry_id() == "stream:u1:1793707200"
    assert window.entry_id("audio") == "stream:audio:u1:1793707200"
