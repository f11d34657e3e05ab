"""When Cloud Scheduler tries again: the numbers are those of the documentation of RetryConfig."""

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.scheduler_v1.types import RetryConfig

from localcloud.scheduler.jobs import backoff, next_retry

START = datetime(2026, 1, 1, tzinfo=UTC)


def config(**fields: int | timedelta) -> RetryConfig:
    """Return the example of the documentation, with changes."""
    example = {
        "min_backoff_duration": timedelta(seconds=10),
        "max_backoff_duration": timedelta(seconds=300),
        "max_doublings": 3,
    }
    return RetryConfig({"retry_count": 2, **example, **fields})


def test_the_documented_example() -> None:
    assert [backoff(retry, config()).total_seconds() for retry in range(1, 9)] == [10, 20, 40, 80, 160, 240, 300, 300]


def test_many_doublings_stop_at_the_maximum() -> None:
    assert backoff(1000, config(max_doublings=10_000)) == timedelta(seconds=300)


@pytest.mark.parametrize(("failed", "tried_again"), [(1, True), (2, True), (3, False)])
def test_the_count_ends_retries(failed: int, tried_again: bool) -> None:
    assert (next_retry(failed, START, START, config()) is not None) is tried_again


def test_without_a_count_there_is_none() -> None:
    assert next_retry(1, START, START, config(retry_count=0)) is None


def test_both_limits_must_be_reached() -> None:
    limited = config(max_retry_duration=timedelta(minutes=5))
    assert next_retry(3, START, START + timedelta(minutes=4), limited) == START + timedelta(minutes=4, seconds=40)
    assert next_retry(3, START, START + timedelta(minutes=5), limited) is None
    assert next_retry(2, START, START + timedelta(minutes=6), limited) is not None
