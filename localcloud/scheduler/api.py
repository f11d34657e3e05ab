"""The REST interface: Cloud Scheduler v1 under /v1, and the local cloud's own under /_emulator."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from google.cloud.scheduler_v1.types import Job
from google.protobuf.json_format import ParseError  # type: ignore[import-untyped]

from localcloud.scheduler.jobs import InvalidJob, Unsupported, new_job, next_run, replaced_job
from localcloud.scheduler.runs import Clock, JobRunner, rfc3339
from localcloud.serving import listening

_PARENT = "/v1/{parent:projects/[^/]+/locations/[^/]+}/jobs"
_JOB = "/v1/{name:projects/[^/]+/locations/[^/]+/jobs/[^/:]+}"
_DEFAULT_FLUSH_SECONDS = 30.0
_INTEGER_ENUMS = "json;enum-encoding=int"


class _ApiError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@asynccontextmanager
async def running(port: int) -> AsyncIterator[int]:
    """Run the scheduler while the block runs; yields its port (port 0: one that the system chose)."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout, skip_auto_headers=("Content-Type",)) as http:
        scheduler = _Scheduler(http)
        application = web.Application(middlewares=[_answer_errors])
        application.add_routes(scheduler.routes())
        try:
            async with listening(web.AppRunner(application, access_log=None), port) as bound_port:
                yield bound_port
        finally:
            await scheduler.stop()


@web.middleware
async def _answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer errors as Google's APIs do."""
    try:
        return await handler(request)
    except _ApiError as error:
        return _error(error.status, error.code, str(error))
    except InvalidJob as error:
        return _error(400, "INVALID_ARGUMENT", str(error))
    except Unsupported as error:
        return _error(501, "UNIMPLEMENTED", str(error))
    except web.HTTPNotFound:
        return _error(404, "NOT_FOUND", f"{request.path} does not exist.")


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message, "status": code}}, status=status)


class _Scheduler:
    """All jobs, each with the task that runs it, and the handlers of both interfaces."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._clock = Clock()
        self._runners: dict[str, JobRunner] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._progress = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(_PARENT, self.create),
            web.get(_PARENT, self.list),
            web.get(_JOB, self.get),
            web.patch(_JOB, self.update),
            web.delete(_JOB, self.delete),
            web.post(_JOB + ":run", self.run),
            web.post(_JOB + ":pause", self.pause),
            web.post(_JOB + ":resume", self.resume),
            web.get("/_emulator/health", self.health),
            web.get("/_emulator/clock", self.show_clock),
            web.post("/_emulator/clock", self.advance_clock),
            web.post("/_emulator/flush", self.flush),
        ]

    async def stop(self) -> None:
        """End all runs; requests in progress are cut off."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def create(self, request: web.Request) -> web.Response:
        job = new_job(request.match_info["parent"], await _job_in(request), self._clock.now())
        if job.name in self._runners:
            raise _ApiError(409, "ALREADY_EXISTS", f"Job {job.name} already exists.")
        runner = JobRunner(job, self._clock, self._http, self._progress.set)
        self._runners[job.name] = runner
        self._tasks[job.name] = asyncio.create_task(runner.run())
        return _answer(request, job)

    async def list(self, request: web.Request) -> web.Response:
        """Return all jobs of a location on one page, by name."""
        prefix = f"{request.match_info['parent']}/jobs/"
        names = sorted(name for name in self._runners if name.startswith(prefix))
        return web.json_response({"jobs": [_as_json(request, self._runners[name].job) for name in names]})

    async def get(self, request: web.Request) -> web.Response:
        return _answer(request, self._runner_of(request).job)

    async def update(self, request: web.Request) -> web.Response:
        runner = self._runner_of(request)
        if request.query.get("updateMask"):
            raise Unsupported("updateMask: locally, an update replaces the whole job; leave the mask out")
        runner.replace(replaced_job(runner.job, await _job_in(request), self._clock.now()))
        return _answer(request, runner.job)

    async def delete(self, request: web.Request) -> web.Response:
        name = self._runner_of(request).job.name
        del self._runners[name]
        self._tasks.pop(name).cancel()
        self._progress.set()
        return web.json_response({})

    async def run(self, request: web.Request) -> web.Response:
        """Start a run and answer at once."""
        runner = self._runner_of(request)
        runner.run_now()
        return _answer(request, runner.job)

    async def pause(self, request: web.Request) -> web.Response:
        return self._change_state(request, Job.State.ENABLED, Job.State.PAUSED)

    async def resume(self, request: web.Request) -> web.Response:
        return self._change_state(request, Job.State.PAUSED, Job.State.ENABLED)

    async def health(self, _: web.Request) -> web.Response:
        alive = not any(task.done() for task in self._tasks.values())
        return web.json_response({"status": "ok" if alive else "a job's task ended"}, status=200 if alive else 503)

    async def show_clock(self, _: web.Request) -> web.Response:
        return web.json_response({"now": rfc3339(self._clock.now())})

    async def advance_clock(self, request: web.Request) -> web.Response:
        try:
            now = self._clock.advance(float(json.loads(await request.read())["advance_seconds"]))
        except (ValueError, TypeError, KeyError, OverflowError):
            message = '{"advance_seconds": N} is expected, N not below 0'
            raise _ApiError(400, "INVALID_ARGUMENT", message) from None
        return web.json_response({"now": rfc3339(now)})

    async def flush(self, request: web.Request) -> web.Response:
        """Answer 200 when no job runs or is due; 504 if that takes longer than `wait` seconds."""
        try:
            wait_seconds = float(request.query.get("wait", _DEFAULT_FLUSH_SECONDS))
        except ValueError:
            raise _ApiError(400, "INVALID_ARGUMENT", "wait: a number of seconds is expected") from None
        try:
            async with asyncio.timeout(wait_seconds):
                while any(runner.is_busy() for runner in self._runners.values()):
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            return web.json_response({"quiet": False}, status=504)
        return web.json_response({"quiet": True})

    def _runner_of(self, request: web.Request) -> JobRunner:
        name = request.match_info["name"]
        if name not in self._runners:
            raise _ApiError(404, "NOT_FOUND", f"Job {name} not found.")
        return self._runners[name]

    def _change_state(self, request: web.Request, needed: int, state: int) -> web.Response:
        runner = self._runner_of(request)
        if runner.job.state != needed:
            message = f"Job {runner.job.name} is not {Job.State(needed).name}."
            raise _ApiError(400, "FAILED_PRECONDITION", message)
        job = Job(runner.job)
        job.state = Job.State(state)
        job.schedule_time = next_run(job, self._clock.now())
        runner.replace(job)
        self._progress.set()
        return _answer(request, job)


async def _job_in(request: web.Request) -> Job:
    try:
        job: Job = Job.from_json((await request.read()).decode())
    except (ParseError, UnicodeDecodeError) as error:
        raise InvalidJob(f"Invalid JSON payload: {error}") from None
    return job


def _answer(request: web.Request, job: Job) -> web.Response:
    return web.json_response(_as_json(request, job))


def _as_json(request: web.Request, job: Job) -> Any:
    integers = request.query.get("$alt") == _INTEGER_ENUMS
    return json.loads(Job.to_json(job, use_integers_for_enums=integers, always_print_fields_with_no_presence=False))
