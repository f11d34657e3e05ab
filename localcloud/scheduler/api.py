"""The REST interface: Cloud Scheduler v1 under /v1, and the emulator's own under /_emulator."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from google.cloud.scheduler_v1.types import Job
from google.protobuf.field_mask_pb2 import FieldMask  # type: ignore[import-untyped]
from google.protobuf.json_format import ParseError  # type: ignore[import-untyped]

from localcloud.scheduler.attempt import rfc3339
from localcloud.scheduler.clock import Clock
from localcloud.scheduler.errors import ApiError, InvalidArgument, NotFound
from localcloud.scheduler.service import SchedulerService

_PARENT = "/v1/{parent:projects/[^/]+/locations/[^/]+}/jobs"
_JOB = "/v1/{name:projects/[^/]+/locations/[^/]+/jobs/[^/:]+}"
_MAX_JOB_BYTES = 1024 * 1024
_MAX_PAGE = 500
_DEFAULT_FLUSH_SECONDS = 30.0
_INTEGER_ENUMS = "json;enum-encoding=int"


def scheduler_application(service: SchedulerService, clock: Clock) -> web.Application:
    """Return the application of both interfaces."""
    api, admin = _Api(service), _Admin(service, clock)
    application = web.Application(middlewares=[_answer_errors], client_max_size=2 * _MAX_JOB_BYTES)
    application.add_routes(
        [
            web.post(_PARENT, api.create),
            web.get(_PARENT, api.list),
            web.get(_JOB, api.get),
            web.patch(_JOB, api.update),
            web.delete(_JOB, api.delete),
            web.post(_JOB + ":{verb:pause|resume|run}", api.act),
            web.get("/_emulator/health", admin.health),
            web.get("/_emulator/clock", admin.clock),
            web.post("/_emulator/clock", admin.advance),
            web.post("/_emulator/flush", admin.flush),
        ]
    )
    return application


@web.middleware
async def _answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response(error.to_json(), status=error.http_status)
    except web.HTTPNotFound:
        return web.json_response(NotFound(f"There is no {request.path} here.").to_json(), status=404)


class _Api:
    def __init__(self, service: SchedulerService) -> None:
        self._service = service

    async def create(self, request: web.Request) -> web.Response:
        return _answer(request, self._service.create(request.match_info["parent"], await _job_in(request)))

    async def list(self, request: web.Request) -> web.Response:
        """A page is what comes after the name in the page token."""
        try:
            size = min(int(request.query.get("pageSize", 0)) or _MAX_PAGE, _MAX_PAGE)
        except ValueError:
            raise InvalidArgument("pageSize: a number is expected") from None
        after = request.query.get("pageToken", "")
        jobs = [job for job in self._service.list(request.match_info["parent"]) if job.name > after]
        document: dict[str, Any] = {"jobs": [_as_json(request, job) for job in jobs[:size]]}
        if len(jobs) > size:
            document["nextPageToken"] = jobs[size - 1].name
        return web.json_response(document)

    async def get(self, request: web.Request) -> web.Response:
        return _answer(request, self._service.get(request.match_info["name"]))

    async def update(self, request: web.Request) -> web.Response:
        mask = None
        if request.query.get("updateMask"):
            mask = FieldMask()
            try:
                mask.FromJsonString(request.query["updateMask"])
            except ValueError as error:
                raise InvalidArgument(f"updateMask: {error}") from None
        return _answer(request, self._service.update(request.match_info["name"], await _job_in(request), mask))

    async def delete(self, request: web.Request) -> web.Response:
        self._service.delete(request.match_info["name"])
        return web.json_response({})

    async def act(self, request: web.Request) -> web.Response:
        verbs = {"pause": self._service.pause, "resume": self._service.resume, "run": self._service.run}
        return _answer(request, verbs[request.match_info["verb"]](request.match_info["name"]))


class _Admin:
    def __init__(self, service: SchedulerService, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    async def health(self, _: web.Request) -> web.Response:
        alive = self._service.is_alive()
        return web.json_response({"status": "ok" if alive else "a job's task ended"}, status=200 if alive else 503)

    async def clock(self, _: web.Request) -> web.Response:
        return web.json_response({"now": rfc3339(self._clock.now())})

    async def advance(self, request: web.Request) -> web.Response:
        try:
            now = self._clock.advance(float(json.loads(await request.read())["advance_seconds"]))
        except (ValueError, TypeError, KeyError, OverflowError):
            raise InvalidArgument('{"advance_seconds": N} is expected, N not below 0') from None
        return web.json_response({"now": rfc3339(now)})

    async def flush(self, request: web.Request) -> web.Response:
        """200 when nothing runs or is due; 504 if that takes longer than `wait` seconds."""
        try:
            wait_seconds = float(request.query.get("wait", _DEFAULT_FLUSH_SECONDS))
        except ValueError:
            raise InvalidArgument("wait: a number of seconds is expected") from None
        try:
            async with asyncio.timeout(wait_seconds):
                await self._service.quiet()
        except TimeoutError:
            return web.json_response({"quiet": False}, status=504)
        return web.json_response({"quiet": True})


async def _job_in(request: web.Request) -> Job:
    body = await request.read()
    if len(body) > _MAX_JOB_BYTES:
        raise InvalidArgument("A job has at most 1 MB.")
    try:
        job: Job = Job.from_json(body.decode())
    except (ParseError, UnicodeDecodeError) as error:
        raise InvalidArgument(f"Invalid JSON payload: {error}") from None
    return job


def _answer(request: web.Request, job: Job) -> web.Response:
    return web.json_response(_as_json(request, job))


def _as_json(request: web.Request, job: Job) -> Any:
    integers = request.query.get("$alt") == _INTEGER_ENUMS
    return json.loads(Job.to_json(job, use_integers_for_enums=integers, always_print_fields_with_no_presence=False))
