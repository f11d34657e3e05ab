"""Runs of a job: when it is due, one HTTP request per attempt, and retries."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from google.cloud.scheduler_v1.types import HttpMethod, HttpTarget, Job
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from localcloud.auth.placeholder_token import unsigned_id_token
from localcloud.scheduler.jobs import next_retry, next_run

# HttpTarget.headers: "ignored or replaced"
_REPLACED = frozenset(("host", "content-length", "user-agent", "authorization"))
_REPLACED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudscheduler")
# google/rpc/code.proto names the HTTP status of each code; this is the reverse.
_CODES = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.NOT_FOUND,
    409: Code.ABORTED,
    429: Code.RESOURCE_EXHAUSTED,
    499: Code.CANCELLED,
    500: Code.INTERNAL,
    501: Code.UNIMPLEMENTED,
    503: Code.UNAVAILABLE,
    504: Code.DEADLINE_EXCEEDED,
}


class Clock:
    """The system time plus an offset that can be advanced; advancing wakes all waits."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._advanced = asyncio.Event()

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward. Returns the new time. Raises ValueError for less than 0 seconds."""
        if not seconds >= 0:
            raise ValueError("the clock only moves forward")
        self._ahead += timedelta(seconds=seconds)
        self._advanced.set()
        self._advanced = asyncio.Event()
        return self.now()

    async def wait_until(self, moment: datetime) -> None:
        """Wait until `moment` on this clock."""
        while (left_seconds := (moment - self.now()).total_seconds()) > 0:
            advanced = self._advanced
            try:
                async with asyncio.timeout(left_seconds):
                    await advanced.wait()
            except TimeoutError:
                continue


def rfc3339(moment: datetime) -> str:
    """Return a UTC time as Google writes it."""
    return moment.isoformat().replace("+00:00", "Z")


@dataclass(slots=True, kw_only=True)
class _Execution:
    """One start of a job with its retries; every attempt sends the same `scheduled_for`."""

    scheduled_for: datetime
    first_attempt: datetime
    failed_attempts: int = 0


class JobRunner:
    """Runs one job in one task, so that two runs of a job cannot overlap.

    If the job comes due during a run, it runs once more as soon as that run ends, however often it came due.

    Args:
        http: must have no time limit of its own: the job's attempt deadline is the limit.
        finished: called after each attempt.
    """

    def __init__(self, job: Job, clock: Clock, http: aiohttp.ClientSession, finished: Callable[[], None]) -> None:
        self.job = job
        self._clock = clock
        self._http = http
        self._finished = finished
        self._retry: _Execution | None = None
        self._requested: datetime | None = None
        self._running = False
        self._changed = asyncio.Event()

    def replace(self, job: Job) -> None:
        """Continue with a changed job; retries of the old one are dropped."""
        self.job = job
        self._retry = None
        self._changed.set()

    def run_now(self) -> None:
        """Run once, paused or not: after the attempt that is in progress, and instead of its retries."""
        self._requested = self._clock.now()
        self._changed.set()

    def is_busy(self) -> bool:
        """Return whether the job runs or is about to."""
        return self._running or self._requested is not None or self._is_due()

    async def run(self) -> None:
        """Run the job whenever it is due, until cancelled."""
        while True:
            execution = await self._next()
            self._running = True
            try:
                await self._attempt(execution)
            finally:
                self._running = False
            self._finished()

    def _is_due(self) -> bool:
        return self.job.state == Job.State.ENABLED and self.job.schedule_time <= self._clock.now()

    async def _next(self) -> _Execution:
        while True:
            self._changed.clear()
            now = self._clock.now()
            if self._requested is not None:
                requested, self._requested, self._retry = self._requested, None, None
                return _Execution(scheduled_for=requested, first_attempt=now)
            if self._is_due():
                retry, self._retry = self._retry, None
                return retry or _Execution(scheduled_for=self.job.schedule_time, first_attempt=now)
            waits: set[asyncio.Task[Any]] = {asyncio.create_task(self._changed.wait())}
            if self.job.state == Job.State.ENABLED:
                waits.add(asyncio.create_task(self._clock.wait_until(self.job.schedule_time)))
            await _first_of(waits)

    async def _attempt(self, execution: _Execution) -> None:
        job, now = self.job, self._clock.now()
        job.last_attempt_time = now
        job.schedule_time = next_run(job, now)
        deadline = asyncio.create_task(self._clock.wait_until(now + job.attempt_deadline))
        request = asyncio.create_task(_send(job, execution.scheduled_for, self._http))
        await _first_of({deadline, request})
        if request.cancelled():
            seconds = job.attempt_deadline.total_seconds()
            self.job.status = Status(code=Code.DEADLINE_EXCEEDED, message=f"no answer within {seconds:g} seconds")
        else:
            self.job.status = request.result()
        if self.job.status.code:
            self._plan_retry(execution)

    def _plan_retry(self, execution: _Execution) -> None:
        """Schedule the next retry, unless there is none or the job's regular time comes first."""
        execution.failed_attempts += 1
        now = self._clock.now()
        retry_at = next_retry(execution.failed_attempts, execution.first_attempt, now, self.job.retry_config)
        if retry_at is not None and retry_at < self.job.schedule_time and self.job.state == Job.State.ENABLED:
            self._retry = execution
            self.job.schedule_time = retry_at


async def _first_of(tasks: set[asyncio.Task[Any]]) -> None:
    """Wait until one of the tasks ends; the others are cancelled and have ended when this returns."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(job: Job, scheduled_for: datetime, http: aiohttp.ClientSession) -> Status:
    """Send the job's request once. Returns OK for a 2xx answer."""
    target, headers = job.http_target, _request_headers(job, scheduled_for)
    method = HttpMethod(target.http_method).name
    try:
        async with http.request(method, target.uri, headers=headers, data=target.body or None) as answer:
            await answer.read()
    except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: an unusable answer, redirect or URL
        return Status(code=Code.UNAVAILABLE, message=type(error).__name__)
    if 200 <= answer.status < 300:
        return Status()
    return Status(code=_CODES.get(answer.status, Code.UNKNOWN), message=f"HTTP {answer.status}")


def _request_headers(job: Job, scheduled_for: datetime) -> dict[str, str]:
    """Return the job's own headers and those that Cloud Scheduler sets."""
    target = job.http_target
    headers = {
        name: value
        for name, value in target.headers.items()
        if name.lower() not in _REPLACED and not name.lower().startswith(_REPLACED_PREFIXES)
    }
    if target.body and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/octet-stream"
    headers["User-Agent"] = "Google-Cloud-Scheduler"
    headers["X-CloudScheduler"] = "true"
    headers["X-CloudScheduler-JobName"] = job.name.rpartition("/")[2]
    headers["X-CloudScheduler-ScheduleTime"] = rfc3339(scheduled_for)
    if "oidc_token" in target:
        headers["Authorization"] = f"Bearer {_token(target)}"
    return headers


def _token(target: HttpTarget) -> str:
    oidc = target.oidc_token
    return unsigned_id_token(audience=oidc.audience or target.uri, email=oidc.service_account_email)
