"""Jobs as Cloud Scheduler has them: checked, with defaults, and when they run (scheduler.v1 `Job`, `RetryConfig`)."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from google.cloud.scheduler_v1.types import HttpMethod, Job, RetryConfig

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
# cronsim also knows seconds and the days L, LW and 5#2; Cloud Scheduler's unix-cron format has none of them.
_UNIX_CRON = re.compile(r"\S+ \S+ [0-9*,/-]+ \S+ ([0-9*,/-]|sun|mon|tue|wed|thu|fri|sat)+", re.IGNORECASE)
_MIN_DEADLINE, _DEFAULT_DEADLINE, _MAX_DEADLINE = timedelta(seconds=15), timedelta(minutes=3), timedelta(minutes=30)
_MIN_BACKOFF, _MAX_BACKOFF, _MAX_DOUBLINGS = timedelta(seconds=5), timedelta(hours=1), 5
_MAX_RETRIES = 5
# What a caller may set. The other fields are output only: the API ignores them in a request.
_SETTABLE = ("description", "http_target", "schedule", "time_zone", "retry_config", "attempt_deadline")


class InvalidJob(Exception):
    """The job cannot be accepted; the text names the field."""


class Unsupported(Exception):
    """Cloud Scheduler offers this; the local one does not."""


def new_job(parent: str, given: Job, now: datetime) -> Job:
    """Return the job that a CreateJob request creates. Raises InvalidJob, Unsupported."""
    name = given.name or f"{parent}/jobs/{secrets.randbelow(10**19):019}"
    if not name.startswith(f"{parent}/jobs/") or not _JOB_ID.fullmatch(name.removeprefix(f"{parent}/jobs/")):
        raise InvalidJob(f"name: {parent}/jobs/ID is expected, ID of letters, digits, - and _; found {name!r}")
    job = Job(name=name)
    job.state = Job.State(Job.State.ENABLED)
    return replaced_job(job, given, now)


def replaced_job(current: Job, given: Job, now: datetime) -> Job:
    """Return `current` with all settable fields replaced by those of `given`. Raises InvalidJob, Unsupported."""
    job = Job(name=current.name, state=current.state)
    for source, fields in ((current, ("status", "last_attempt_time")), (given, _SETTABLE)):
        for field in fields:
            if field in source:
                setattr(job, field, getattr(source, field))
    for other in ("pubsub_target", "app_engine_http_target"):
        if other in given:
            raise Unsupported(f"{other}: only HTTP targets run locally")
    if "oauth_token" in job.http_target:
        raise Unsupported("http_target.oauth_token: only OIDC tokens exist locally")
    job.time_zone = job.time_zone or "UTC"
    job.attempt_deadline = job.attempt_deadline or _DEFAULT_DEADLINE
    job.http_target.http_method = HttpMethod(job.http_target.http_method or HttpMethod.POST)
    retry = job.retry_config
    retry.min_backoff_duration = retry.min_backoff_duration or _MIN_BACKOFF
    retry.max_backoff_duration = retry.max_backoff_duration or _MAX_BACKOFF
    retry.max_doublings = retry.max_doublings or _MAX_DOUBLINGS
    job.retry_config = retry
    if problems := list(_problems(job)):
        raise InvalidJob("; ".join(problems))
    job.schedule_time = next_run(job, now)
    job.user_update_time = now
    return job


def next_run(job: Job, after: datetime) -> datetime:
    """Return the first time after `after` that matches the job's schedule, in UTC.

    Changes of the clock are handled as Debian's cron does: a time that is skipped in spring comes right after the change, and
    one that comes twice in autumn runs once.

    Raises:
        InvalidJob: the schedule or the time zone is invalid, or no month has the day.
    """
    schedule = " ".join(job.schedule.split())
    if not _UNIX_CRON.fullmatch(schedule):
        raise InvalidJob(f"schedule: {job.schedule!r} is not in unix-cron format (minute hour day month weekday)")
    try:
        times = CronSim(schedule, after.astimezone(_zone(job.time_zone)))
    except CronSimError as error:
        raise InvalidJob(f"schedule: {job.schedule!r}: {error}") from error
    # In the repeated hour in autumn, cronsim starts with the times of the first pass, which are over.
    return next(time for local in times if (time := local.astimezone(UTC)) > after)


def backoff(retry: int, config: RetryConfig) -> timedelta:
    """Return the wait before the `retry`-th retry (1 or more).

    It starts at min_backoff, doubles max_doublings times, then grows linearly, and stays at max_backoff: with 10 s,
    300 s and 3 doublings 10, 20, 40, 80, 160, 240, 300, 300 (the example in the documentation of `max_doublings`).
    """
    doublings = min(retry - 1, config.max_doublings)
    linear = max(1, retry - config.max_doublings)
    # The exponent is bounded, so that a large max_doublings cannot overflow a timedelta.
    wait: timedelta = config.min_backoff_duration * 2 ** min(doublings, 20) * linear
    longest: timedelta = config.max_backoff_duration
    return min(wait, longest)


def next_retry(failed_attempts: int, first_attempt: datetime, now: datetime, config: RetryConfig) -> datetime | None:
    """Return when to try again after `failed_attempts`, None if there is no further retry.

    Retries end when both limits are reached; a max_retry_duration of zero is no limit.
    """
    duration = config.max_retry_duration or timedelta()
    within_count = failed_attempts <= config.retry_count
    within_duration = bool(duration) and now - first_attempt < duration
    if not (within_count or within_duration):
        return None
    return now + backoff(failed_attempts, config)


def _problems(job: Job) -> Iterator[str]:
    target = job.http_target
    if not target.uri.startswith(("http://", "https://")):
        yield f"http_target.uri: an http or https URL is expected, found {target.uri[:100]!r}"
    if target.body and target.http_method not in {HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH}:
        yield "http_target.body: only with POST, PUT or PATCH"
    if "oidc_token" in target and not target.oidc_token.service_account_email:
        yield "http_target.oidc_token.service_account_email: is required"
    if not 0 <= job.retry_config.retry_count <= _MAX_RETRIES:
        yield f"retry_config.retry_count: from 0 to {_MAX_RETRIES}"
    if not _MIN_DEADLINE <= job.attempt_deadline <= _MAX_DEADLINE:
        yield "attempt_deadline: from 15 seconds to 30 minutes"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path outside the database, or one of its folders
        raise InvalidJob(f"time_zone: {name!r} is not in the tz database") from None
