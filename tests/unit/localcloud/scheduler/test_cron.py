"""unix-cron: fields, days, time zones; the expected times are from crontab(5) and the tz database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from localcloud.scheduler.cron import Schedule

START = "2026-01-15T10:30"  # a Thursday


def times(text: str, count: int = 3, *, after: str = START, zone: str = "UTC") -> list[str]:
    """Return the next times of a schedule, as the wall clock of the zone shows them."""
    tz = ZoneInfo(zone)
    moment = datetime.fromisoformat(after).replace(tzinfo=tz)
    found = []
    for _ in range(count):
        following = Schedule.parse(text).next_after(moment, tz)
        assert following is not None
        moment = following
        found.append(moment.astimezone(tz).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", ["2026-01-15T10:31", "2026-01-15T10:32", "2026-01-15T10:33"]),
        ("30 10 * * *", ["2026-01-16T10:30", "2026-01-17T10:30", "2026-01-18T10:30"]),
        ("*/20 * * * *", ["2026-01-15T10:40", "2026-01-15T11:00", "2026-01-15T11:20"]),
        ("5-20/10 11 * * *", ["2026-01-15T11:05", "2026-01-15T11:15", "2026-01-16T11:05"]),
        ("0 0,12-13,23 * * *", ["2026-01-15T12:00", "2026-01-15T13:00", "2026-01-15T23:00"]),
        ("0 0 1 * *", ["2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"]),
        ("0 0 31 * *", ["2026-01-31T00:00", "2026-03-31T00:00", "2026-05-31T00:00"]),
        ("0 0 * jul-aug MON", ["2026-07-06T00:00", "2026-07-13T00:00", "2026-07-20T00:00"]),
        ("0 9 * * mon-fri", ["2026-01-16T09:00", "2026-01-19T09:00", "2026-01-20T09:00"]),
        ("0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("59 23 31 12 *", ["2026-12-31T23:59", "2027-12-31T23:59", "2028-12-31T23:59"]),
    ],
)
def test_next_times(text: str, expected: list[str]) -> None:
    assert times(text) == expected


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN", "7-7"])
def test_sunday_is_zero_and_seven(sunday: str) -> None:
    assert times(f"0 0 * * {sunday}", 2) == ["2026-01-18T00:00", "2026-01-25T00:00"]


def test_a_range_may_end_on_seven() -> None:
    assert times("0 0 * * 6-7") == ["2026-01-17T00:00", "2026-01-18T00:00", "2026-01-24T00:00"]


def test_two_restricted_day_fields_mean_either() -> None:
    assert times("0 0 20 * fri") == ["2026-01-16T00:00", "2026-01-20T00:00", "2026-01-23T00:00"]


def test_a_day_field_that_starts_with_a_star_must_fit_too() -> None:
    assert times("0 0 */2 * fri") == ["2026-01-23T00:00", "2026-02-13T00:00", "2026-02-27T00:00"]


def test_the_moment_itself_does_not_count_and_seconds_do_not_matter() -> None:
    moment = datetime(2026, 1, 15, 10, 30, 59, 999999, tzinfo=UTC)
    assert Schedule.parse("30 10 * * *").next_after(moment - timedelta(minutes=1), ZoneInfo("UTC")) == datetime(
        2026, 1, 15, 10, 30, tzinfo=UTC
    )
    assert Schedule.parse("31 10 * * *").next_after(moment, ZoneInfo("UTC")) == datetime(2026, 1, 15, 10, 31, tzinfo=UTC)


def test_a_time_that_spring_skips_does_not_come() -> None:
    assert times("30 2 * * *", 2, after="2026-03-28T03:00", zone="Europe/Berlin") == ["2026-03-30T02:30", "2026-03-31T02:30"]


def test_a_time_that_autumn_repeats_comes_twice() -> None:
    zone = ZoneInfo("Europe/Berlin")
    schedule = Schedule.parse("30 2 * * *")
    first = schedule.next_after(datetime(2026, 10, 24, 12, tzinfo=UTC), zone)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = schedule.next_after(first, zone)
    assert second == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert schedule.next_after(second, zone) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_change_of_half_an_hour() -> None:
    assert times("45 1 * * *", 3, after="2026-04-04T12:00", zone="Australia/Lord_Howe") == [
        "2026-04-05T01:45",
        "2026-04-05T01:45",
        "2026-04-06T01:45",
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Tehran"])
@pytest.mark.parametrize("text", ["0 0 * * *", "30 1 * * *", "15,45 */3 1-7 * *", "0 12 29 2 *"])
def test_jumping_finds_what_stepping_by_minutes_finds(zone: str, text: str) -> None:
    """The definition of a schedule is simple to check minute by minute; the search must agree over changes of the clock."""
    tz, schedule = ZoneInfo(zone), Schedule.parse(text)
    fits = (schedule.minutes, schedule.hours, schedule.days, schedule.months)
    # a leap day, and five days around each change of the clock in these zones
    days = ((2024, 2, 28), (2026, 3, 5), (2026, 4, 2), (2026, 4, 22), (2026, 9, 4), (2026, 10, 1), (2026, 10, 28))
    for start in (datetime(*day, tzinfo=UTC) for day in days):
        minutes = (start + timedelta(minutes=count) for count in range(1, 5 * 1440))
        stepped = []
        for minute in minutes:
            local = minute.astimezone(tz)
            if all(value in fit for value, fit in zip((local.minute, local.hour, local.day, local.month), fits, strict=True)):
                stepped.append(minute)
        found, moment = [], start
        while (following := schedule.next_after(moment, tz)) is not None and following < start + timedelta(days=5):
            found.append(following)
            moment = following
        assert found == stepped


def test_what_never_comes_is_none() -> None:
    assert Schedule.parse("0 0 30 2 *").next_after(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("* * * * * *", "five fields"),
        ("every 5 minutes", "five fields"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of month"),
        ("* * 32 * *", "day of month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day of week"),
        ("5-1 * * * *", "minute"),
        ("1-2-3 * * * *", "minute"),
        ("5/10 * * * *", "a step follows"),
        ("*/0 * * * *", "a step is 1"),
        ("*/ * * * *", "not a number"),
        ("1,,2 * * * *", "not a number"),
        ("-1 * * * *", "not a number"),
        ("feb * * * *", "not a number"),
        ("* * * * jan", "not a number"),
        ("² * * * *", "not a number"),
    ],
)
def test_what_is_not_unix_cron_is_refused_with_its_field(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Schedule.parse(text)
