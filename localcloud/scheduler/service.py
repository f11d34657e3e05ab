"""What can be done with jobs: the methods of Cloud Scheduler over running jobs."""

import asyncio
from datetime import datetime

import aiohttp
from google.cloud.scheduler_v1.types import Job
from google.protobuf.field_mask_pb2 import FieldMask  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from localcloud.scheduler.attempt import attempt
from localcloud.scheduler.clock import Clock
from localcloud.scheduler.errors import AlreadyExists, FailedPrecondition, NotFound
from localcloud.scheduler.jobs import new_job, next_run, updated_job
from localcloud.scheduler.runner import JobRunner
from localcloud.scheduler.store import JobStore


class SchedulerService:
    """All jobs of all projects and locations. Use `start` and `stop` around it."""

    def __init__(self, store: JobStore, clock: Clock, http: aiohttp.ClientSession) -> None:
        self._store = store
        self._clock = clock
        self._http = http
        self._runners: dict[str, JobRunner] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._progress = asyncio.Event()

    def start(self) -> None:
        """Run the jobs that an earlier start kept. What they missed meanwhile is skipped."""
        now = self._clock.now()
        for job in self._store.all():
            job.schedule_time = next_run(job, now)
            self._run(job)

    async def stop(self) -> None:
        """End all runs; requests under way are cut off."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    def is_alive(self) -> bool:
        """Tell whether every job's task runs."""
        return not any(task.done() for task in self._tasks.values())

    def create(self, parent: str, given: Job) -> Job:
        """Raises AlreadyExists, InvalidArgument, Unimplemented."""
        job = new_job(parent, given, self._clock.now())
        if job.name in self._runners:
            raise AlreadyExists(f"Job {job.name} exists.")
        self._run(job)
        return job

    def get(self, name: str) -> Job:
        """Raises NotFound."""
        return self._runner(name).job

    def list(self, parent: str) -> list[Job]:
        """Return the jobs of a project and location, by name."""
        return [self._runners[name].job for name in sorted(self._runners) if name.startswith(f"{parent}/jobs/")]

    def update(self, name: str, given: Job, mask: FieldMask | None) -> Job:
        """Raises NotFound, InvalidArgument, Unimplemented."""
        runner = self._runner(name)
        return self._replace(runner, updated_job(runner.job, given, mask, self._clock.now()))

    def pause(self, name: str) -> Job:
        """Raises NotFound; FailedPrecondition unless the job is enabled."""
        return self._change_state(name, Job.State.ENABLED, Job.State.PAUSED)

    def resume(self, name: str) -> Job:
        """Raises NotFound; FailedPrecondition unless the job is paused."""
        return self._change_state(name, Job.State.PAUSED, Job.State.ENABLED)

    def delete(self, name: str) -> None:
        """Forget a job and cut off its run. Raises NotFound."""
        self._runner(name)
        del self._runners[name]
        self._tasks.pop(name).cancel()
        self._store.delete(name)
        self._progress.set()

    def run(self, name: str) -> Job:
        """Start a run now and return at once. Raises NotFound."""
        runner = self._runner(name)
        runner.force()
        return runner.job

    async def quiet(self) -> None:
        """Return when no job runs, is about to, or is due."""
        while any(runner.is_busy() for runner in self._runners.values()):
            self._progress.clear()
            await self._progress.wait()

    def _runner(self, name: str) -> JobRunner:
        try:
            return self._runners[name]
        except KeyError:
            raise NotFound(f"Job {name} not found.") from None

    def _run(self, job: Job) -> None:
        runner = JobRunner(job, self._clock, self._attempt, self._save)
        self._save(job)
        self._runners[job.name] = runner
        self._tasks[job.name] = asyncio.create_task(runner.run())

    def _change_state(self, name: str, needed: int, state: int) -> Job:
        runner = self._runner(name)
        if runner.job.state != needed:
            raise FailedPrecondition(f"Job {name} is not {Job.State(needed).name}.")
        job = Job(runner.job)
        job.state = Job.State(state)
        job.schedule_time = next_run(job, self._clock.now())
        return self._replace(runner, job)

    def _replace(self, runner: JobRunner, job: Job) -> Job:
        runner.replace(job)
        return job

    def _save(self, job: Job) -> None:
        self._store.save(job)
        self._progress.set()

    async def _attempt(self, job: Job, scheduled_for: datetime) -> Status:
        return await attempt(job, scheduled_for, self._clock, self._http)
