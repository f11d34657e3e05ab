"""When a failed attempt is made again, by a job's RetryConfig."""

from datetime import datetime, timedelta

from google.cloud.scheduler_v1.types import RetryConfig


def backoff(retry: int, config: RetryConfig) -> timedelta:
    """Return the wait before the `retry`-th retry (1 or more).

    It starts at min_backoff, doubles max_doublings times, then grows linearly, and stays at max_backoff: with 10 s,
    300 s and 3 doublings 10, 20, 40, 80, 160, 240, 300, 300 (the example in the documentation of `max_doublings`).
    """
    doublings = min(retry - 1, config.max_doublings)
    linear = max(1, retry - config.max_doublings)
    # the exponent is bounded, so that a great max_doublings cannot overflow a timedelta
    longest: timedelta = config.max_backoff_duration
    waited: timedelta = config.min_backoff_duration * 2 ** min(doublings, 20) * linear
    return min(waited, longest)


def next_retry(failed_attempts: int, first_attempt: datetime, now: datetime, config: RetryConfig) -> datetime | None:
    """Return when to try again after `failed_attempts`, None when the retries are used up.

    Both limits must be reached to end the retries; a max_retry_duration of zero does not count as one.
    """
    duration = config.max_retry_duration or timedelta()
    within_count = failed_attempts <= config.retry_count
    within_duration = bool(duration) and now - first_attempt < duration
    if not (within_count or within_duration):
        return None
    return now + backoff(failed_attempts, config)
