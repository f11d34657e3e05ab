"""When jobs run: unix-cron and time zones. The expected times are from crontab(5), cron(8) and the tz database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from google.cloud.scheduler_v1.types import Job

from localcloud.scheduler.jobs import InvalidJob, next_run

START = "2026-01-15T10:30"  # a Thursday


def times(schedule: str, count: int = 3, *, after: str = START, zone: str = "UTC") -> list[str]:
    """Return the next times of a schedule, as the wall clock of the zone shows them."""
    job = Job(schedule=schedule, time_zone=zone)
    moment = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    found = []
    for _ in range(count):
        moment = next_run(job, moment)
        found.append(moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("* * * * *", ["2026-01-15T10:31", "2026-01-15T10:32", "2026-01-15T10:33"]),
        ("30 10 * * *", ["2026-01-16T10:30", "2026-01-17T10:30", "2026-01-18T10:30"]),
        ("*/20 * * * *", ["2026-01-15T10:40", "2026-01-15T11:00", "2026-01-15T11:20"]),
        ("0 0,12-13,23 * * *", ["2026-01-15T12:00", "2026-01-15T13:00", "2026-01-15T23:00"]),
        ("0  0\t31 * *", ["2026-01-31T00:00", "2026-03-31T00:00", "2026-05-31T00:00"]),
        ("0 0 * jul-aug MON", ["2026-07-06T00:00", "2026-07-13T00:00", "2026-07-20T00:00"]),
        ("0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("0 0 20 * fri", ["2026-01-16T00:00", "2026-01-20T00:00", "2026-01-23T00:00"]),  # either day fits
        ("0 0 */2 * fri", ["2026-01-23T00:00", "2026-02-13T00:00", "2026-02-27T00:00"]),  # both must fit
    ],
)
def test_next_times(schedule: str, expected: list[str]) -> None:
    assert times(schedule) == expected


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN", "7-7"])
def test_sunday_is_zero_and_seven(sunday: str) -> None:
    assert times(f"0 0 * * {sunday}", 2) == ["2026-01-18T00:00", "2026-01-25T00:00"]


def test_the_moment_itself_does_not_count() -> None:
    job = Job(schedule="30 10 * * *", time_zone="Etc/UTC")
    assert next_run(job, datetime(2026, 1, 15, 10, 29, 59, 999999, tzinfo=UTC)).day == 15
    assert next_run(job, datetime(2026, 1, 15, 10, 30, tzinfo=UTC)).day == 16


def test_a_time_that_spring_skips_comes_right_after_the_change() -> None:
    assert times("30 2 * * *", 2, after="2026-03-28T03:00", zone="Europe/Berlin") == ["2026-03-29T03:00", "2026-03-30T02:30"]


def test_a_time_that_autumn_repeats_comes_once() -> None:
    assert times("30 2 * * *", 2, after="2026-10-24T12:00", zone="Europe/Berlin") == ["2026-10-25T02:30", "2026-10-26T02:30"]


def test_during_the_repeated_hour_the_next_time_is_never_over() -> None:
    second_pass = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 in Berlin, for the second time
    job = Job(schedule="30 2 * * *", time_zone="Europe/Berlin")
    assert next_run(job, second_pass) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "schedule",
    [
        *("", "* * * *", "* * * * * *", "every 5 minutes", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *"),
        *("* * * * 8", "5-1 * * * *", "1-2-3 * * * *", "*/0 * * * *", "*/ * * * *", "1,,2 * * * *", "-1 * * * *"),
        *("feb * * * *", "* * * * jan", "² * * * *", "0 0 L * *", "0 0 LW * *", "0 0 * * 5L", "0 0 * * 5#2", "0 0 30 2 *"),
    ],
)
def test_what_is_not_unix_cron_is_refused(schedule: str) -> None:
    with pytest.raises(InvalidJob, match="schedule: "):
        next_run(Job(schedule=schedule, time_zone="UTC"), datetime(2026, 1, 1, tzinfo=UTC))
