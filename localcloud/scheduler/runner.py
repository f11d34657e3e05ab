"""Runs one job: on its schedule, on request and again after failures, never twice at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.scheduler_v1.types import Job
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from localcloud.scheduler.clock import Clock
from localcloud.scheduler.jobs import next_run
from localcloud.scheduler.retries import next_retry

Attempt = Callable[[Job, datetime], Awaitable[Status]]


@dataclass(slots=True, kw_only=True)
class _Execution:
    """One start of a job with its retries; `scheduled_for` is what the target is told, in every attempt."""

    scheduled_for: datetime
    first_attempt: datetime
    failed_attempts: int = 0


class JobRunner:
    """Owns a job while the scheduler runs: one task, so that runs of one job cannot overlap.

    A time that passes during a run is made up for as soon as the run ends, once; further ones are skipped.

    Args:
        attempt: sends the job's request and judges the answer.
        save: called with the job whenever something of it changed.
    """

    def __init__(self, job: Job, clock: Clock, attempt: Attempt, save: Callable[[Job], None]) -> None:
        self.job = job
        self._clock = clock
        self._attempt = attempt
        self._save = save
        self._retry: _Execution | None = None
        self._forced: datetime | None = None
        self._running = False
        self._changed = asyncio.Event()

    def replace(self, job: Job) -> None:
        """Go on with a changed job; retries of the old one are dropped."""
        self.job = job
        self._retry = None
        self._save(job)
        self._changed.set()

    def force(self) -> None:
        """Run now, paused or not; after the attempt that is going on, and in place of its retries."""
        self._forced = self._clock.now()
        self._changed.set()

    def is_busy(self) -> bool:
        """Tell whether the job runs or is about to."""
        return self._running or self._forced is not None or self._is_due()

    async def run(self) -> None:
        """Run the job at its times until cancelled."""
        while True:
            execution = await self._next()
            self._running = True
            try:
                await self._execute(execution)
            finally:
                self._running = False
            self._save(self.job)

    def _is_due(self) -> bool:
        return self.job.state == Job.State.ENABLED and self.job.schedule_time <= self._clock.now()

    async def _next(self) -> _Execution:
        while True:
            self._changed.clear()
            now = self._clock.now()
            if self._forced is not None:
                forced, self._forced, self._retry = self._forced, None, None
                return _Execution(scheduled_for=forced, first_attempt=now)
            if self._is_due():
                retry, self._retry = self._retry, None
                return retry or _Execution(scheduled_for=self.job.schedule_time, first_attempt=now)
            await self._wait()

    async def _wait(self) -> None:
        """Return when the job changed or may be due."""
        waits: set[asyncio.Task[Any]] = {asyncio.create_task(self._changed.wait())}
        if self.job.state == Job.State.ENABLED:
            waits.add(asyncio.create_task(self._clock.wait_until(self.job.schedule_time)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    async def _execute(self, execution: _Execution) -> None:
        now = self._clock.now()
        self.job.last_attempt_time = now
        self.job.schedule_time = next_run(self.job, now)
        self._save(self.job)
        status = await self._attempt(self.job, execution.scheduled_for)
        self.job.status = status
        if status.code:
            self._plan_retry(execution)

    def _plan_retry(self, execution: _Execution) -> None:
        """Set the next retry, if one is left and it comes before the schedule does."""
        execution.failed_attempts += 1
        now = self._clock.now()
        retry_at = next_retry(execution.failed_attempts, execution.first_attempt, now, self.job.retry_config)
        if retry_at is not None and retry_at < self.job.schedule_time and self.job.state == Job.State.ENABLED:
            self._retry = execution
            self.job.schedule_time = retry_at
