"""One attempt: the HTTP request that Cloud Scheduler sends, and its result as a google.rpc code."""

import asyncio
from datetime import datetime

import aiohttp
from google.cloud.scheduler_v1.types import HttpMethod, HttpTarget, Job
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from localcloud.auth.placeholder_token import unsigned_id_token
from localcloud.scheduler.clock import Clock

# HttpTarget.headers: "ignored or replaced"
_REPLACED = frozenset(("host", "content-length", "user-agent", "authorization"))
_REPLACED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudscheduler")
# google/rpc/code.proto names the HTTP status that each code is mapped to; this is the way back.
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


def rfc3339(moment: datetime) -> str:
    """Return a UTC time as Google writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def request_headers(job: Job, scheduled_for: datetime) -> dict[str, str]:
    """Return the headers of an attempt: the job's own, and those that Cloud Scheduler sets."""
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


async def attempt(job: Job, scheduled_for: datetime, clock: Clock, http: aiohttp.ClientSession) -> Status:
    """Send the request once. Returns OK for a 2xx answer; DEADLINE_EXCEEDED once the attempt deadline passes on `clock`."""
    deadline = asyncio.create_task(clock.wait_until(clock.now() + job.attempt_deadline))
    request = asyncio.create_task(_send(job, request_headers(job, scheduled_for), http))
    try:
        await asyncio.wait({deadline, request}, return_when=asyncio.FIRST_COMPLETED)
        if request.done():
            return request.result()
        seconds = job.attempt_deadline.total_seconds()
        return Status(code=Code.DEADLINE_EXCEEDED, message=f"no answer within {seconds:g} seconds")
    finally:
        for task in (deadline, request):
            task.cancel()
        await asyncio.gather(deadline, request, return_exceptions=True)


async def _send(job: Job, headers: dict[str, str], http: aiohttp.ClientSession) -> Status:
    target = job.http_target
    method = HttpMethod(target.http_method).name
    try:
        async with http.request(method, target.uri, headers=headers, data=target.body or None) as answer:
            await answer.read()
    except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: an answer, redirect or URL beyond use
        return Status(code=Code.UNAVAILABLE, message=type(error).__name__)
    if 200 <= answer.status < 300:
        return Status()
    return Status(code=_CODES.get(answer.status, Code.UNKNOWN), message=f"HTTP {answer.status}")


def _token(target: HttpTarget) -> str:
    oidc = target.oidc_token
    return unsigned_id_token(audience=oidc.audience or target.uri, email=oidc.service_account_email)
