"""What leases cost, how long URLs work, and which requests are repetitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reelgate.domain import errors
from reelgate.domain.books.entries import Delta, Entry, EntryKind
from reelgate.domain.playback import lease_charges
from reelgate.domain.playback.lease_charges import PaidPart, check_repeated, lease_entry, paid_part
from reelgate.domain.playback.segment_index import Rendition, Segment

NOW = datetime(2026, 11, 4, 12, 0, 0, 654_321, tzinfo=UTC)
FILM = Rendition(
    name="v0",
    codecs="avc1.64001f",
    width=160,
    height=90,
    frame_rate=24.0,
    init_size=1332,
    segments=tuple(Segment(1340 + number * 1000, 1 << number, 10_000) for number in range(12)),
)
"""Two minutes, in segments of ten seconds whose sizes are powers of two."""


@pytest.mark.parametrize(
    ("position", "seconds", "first", "last", "until"),
    [
        (0, 5, 0, 3, 35),
        (9.999, 10, 0, 4, 49.999),
        (15, 30, 1, 7, 75),
        (100, 300, 10, 11, 120),
        (120, 5, 11, 11, 120),
        (1e9, 5, 11, 11, 120),
    ],
)
def test_a_lease_pays_for_what_plays_in_its_time_and_half_a_minute_more(
    position: float, seconds: int, first: int, last: int, until: float
) -> None:
    paid = paid_part(FILM, position, seconds=seconds)
    assert paid == PaidPart(sum(1 << number for number in range(first, last + 1)), pytest.approx(until))


@pytest.mark.parametrize(
    ("duration", "seconds"), [(0, 900), (60, 990), (7200, 11_700), (7 * 3600, 38_700), (10 * 3600, 43_200), (None, 43_200)]
)
def test_a_long_url_outlives_its_video_within_twelve_hours(duration: float | None, seconds: int) -> None:
    assert lease_charges.long_seconds(duration) == seconds


@pytest.mark.parametrize(("seconds", "window"), [(900, 900), (11_700, 11_700), (38_700, 4500), (43_200, 900)])
def test_the_last_long_url_of_a_window_ends_about_twelve_hours_after_its_beginning(seconds: int, window: int) -> None:
    assert lease_charges.window_seconds(seconds) == window
    assert window + seconds <= lease_charges.MAX_URL_SECONDS + 900


@pytest.mark.parametrize(("left", "seconds"), [(3600, 300), (300, 300), (120, 120), (0.5, 1), (-5, 1)])
def test_no_url_outlives_its_grant(left: float, seconds: int) -> None:
    assert lease_charges.seconds_until_end(NOW, NOW + timedelta(seconds=left), 300) == seconds


@pytest.mark.parametrize(
    ("text", "is_one"), [("31df231489c84c47", True), ("id-1", True), ("", False), ("a:b", False), ("a" * 65, False)]
)
def test_views_fit_into_the_ids_of_entries(text: str, is_one: bool) -> None:
    assert lease_charges.is_view(text) is is_one


def test_entries_are_named_after_what_they_pay_for() -> None:
    assert lease_entry("G", "V", 3) == "stream:grant:G:V:3"
    assert lease_charges.window_entry("G", datetime(2026, 1, 1, tzinfo=UTC)) == "stream:grant:G:1767225600"


def an_entry(rendition: str = "v0") -> Entry:
    return Entry(
        entry_id=lease_entry("G", "V", 0),
        kind=EntryKind.STREAM,
        sequence=1,
        at=NOW,
        date=NOW.date(),
        delta=Delta(),
        fingerprint=rendition,
    )


def test_a_lease_can_be_had_again_until_its_url_ends() -> None:
    end = lease_charges.signed_at(NOW) + timedelta(seconds=300)
    check_repeated(an_entry(), "v0", end - timedelta(microseconds=1), seconds=300)
    with pytest.raises(errors.LeaseOver):
        check_repeated(an_entry(), "v0", end, seconds=300)


def test_a_lease_of_one_rendition_is_none_of_another() -> None:
    with pytest.raises(errors.LeaseOver):
        check_repeated(an_entry("v1"), "v0", NOW, seconds=300)
