"""Jobs as Cloud Scheduler keeps them: checked, with defaults filled in (scheduler.v1 `Job`, `HttpTarget`, `RetryConfig`)."""

import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from google.cloud.scheduler_v1.types import HttpMethod, HttpTarget, Job, RetryConfig
from google.protobuf.field_mask_pb2 import FieldMask  # type: ignore[import-untyped]

from localcloud.scheduler.cron import Schedule
from localcloud.scheduler.errors import InvalidArgument, Unimplemented

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
_BODY_METHODS = (HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH)
_ATTEMPT_DEADLINE = timedelta(minutes=3)
_MIN_BACKOFF, _MAX_BACKOFF, _MAX_DOUBLINGS = timedelta(seconds=5), timedelta(hours=1), 5
# What a caller may set. The rest is output only: ignored when given, as the API does.
_SETTABLE = ("description", "http_target", "schedule", "time_zone", "retry_config", "attempt_deadline")


def new_job(parent: str, given: Job, now: datetime) -> Job:
    """Return the job to keep for a CreateJob request. Raises InvalidArgument or Unimplemented."""
    job = _settable_part(given)
    job.name = given.name or f"{parent}/jobs/{secrets.randbelow(10**19):019}"
    if not job.name.startswith(f"{parent}/jobs/") or not _JOB_ID.fullmatch(job.name.removeprefix(f"{parent}/jobs/")):
        raise InvalidArgument(f"name: {parent}/jobs/ID is expected, ID of letters, digits, - and _; found {job.name!r}")
    job.state = Job.State(Job.State.ENABLED)
    return _finished(job, given, now)


def updated_job(kept: Job, given: Job, mask: FieldMask | None, now: datetime) -> Job:
    """Return the job after an UpdateJob request: the fields of `mask`, or without one all that can be set.

    Raises:
        InvalidArgument, Unimplemented: nothing is changed then.
    """
    job = Job(kept)
    if mask is None:
        job = _settable_part(given)
        job.name, job.state = kept.name, kept.state
        for field in ("status", "last_attempt_time"):
            if field in kept:
                setattr(job, field, getattr(kept, field))
    else:
        unknown = [path for path in mask.paths if path.partition(".")[0] not in _SETTABLE]
        if unknown or not mask.IsValidForDescriptor(Job.pb(job).DESCRIPTOR):
            raise InvalidArgument(f"updateMask: cannot be updated: {', '.join(unknown or mask.paths)}")
        mask.MergeMessage(Job.pb(given), Job.pb(job), True, True)
    return _finished(job, given, now)


def next_run(job: Job, after: datetime) -> datetime:
    """Return when the job's schedule comes next, in UTC. Raises InvalidArgument if never, or for a bad schedule."""
    try:
        moment = Schedule.parse(job.schedule).next_after(after, _zone(job.time_zone))
    except ValueError as error:
        raise InvalidArgument(f"schedule: {error}") from None
    if moment is None:
        raise InvalidArgument(f"schedule: {job.schedule!r} never comes")
    return moment


def _settable_part(given: Job) -> Job:
    job = Job()
    for field in _SETTABLE:
        if field in given:
            setattr(job, field, getattr(given, field))
    return job


def _finished(job: Job, given: Job, now: datetime) -> Job:
    """Fill in defaults, check everything, and set the times of a job just made or changed."""
    for other in ("pubsub_target", "app_engine_http_target"):
        if other in given:
            raise Unimplemented(f"{other}: only HTTP targets run locally")
    job.time_zone = "UTC" if job.time_zone.lower() in {"", "utc"} else job.time_zone
    job.attempt_deadline = job.attempt_deadline or _ATTEMPT_DEADLINE
    job.http_target.http_method = HttpMethod(job.http_target.http_method or HttpMethod.POST)
    retry = job.retry_config
    retry.min_backoff_duration = retry.min_backoff_duration or _MIN_BACKOFF
    retry.max_backoff_duration = retry.max_backoff_duration or _MAX_BACKOFF
    retry.max_doublings = retry.max_doublings or _MAX_DOUBLINGS
    job.retry_config = retry
    problems = [*_target_problems(job.http_target), *_retry_problems(retry), *_other_problems(job)]
    if problems:
        raise InvalidArgument("; ".join(problems))
    job.schedule_time = next_run(job, now)
    job.user_update_time = now
    return job


def _target_problems(target: HttpTarget) -> Iterator[str]:
    if not target.uri.startswith(("http://", "https://")) or len(target.uri) > 2083:
        yield f"http_target.uri: an http or https URL of at most 2083 characters is expected, found {target.uri[:100]!r}"
    if target.body and target.http_method not in _BODY_METHODS:
        yield "http_target.body: only with POST, PUT or PATCH"
    if "oauth_token" in target:
        raise Unimplemented("http_target.oauth_token: only OIDC tokens exist locally")
    if "oidc_token" in target and not target.oidc_token.service_account_email:
        yield "http_target.oidc_token.service_account_email: is needed"


def _retry_problems(retry: RetryConfig) -> Iterator[str]:
    if not 0 <= retry.retry_count <= 5:
        yield "retry_config.retry_count: from 0 to 5"
    if retry.max_doublings < 0:
        yield "retry_config.max_doublings: not below 0"
    if not timedelta() < retry.min_backoff_duration <= retry.max_backoff_duration:
        yield "retry_config: min_backoff_duration is above 0 and not above max_backoff_duration"


def _other_problems(job: Job) -> Iterator[str]:
    if not timedelta(seconds=15) <= job.attempt_deadline <= timedelta(minutes=30):
        yield "attempt_deadline: from 15 seconds to 30 minutes"
    if len(job.description) > 500:
        yield "description: at most 500 characters"
    try:
        _zone(job.time_zone)
    except ValueError as error:
        yield str(error)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path outside of the database, a folder of it
        raise ValueError(f"time_zone: {name!r} is not in the tz database") from None
