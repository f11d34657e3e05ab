"""Runs: what the target gets, when, and how failures are tried again. Time passes by moving the scheduler's clock."""

import asyncio
import base64
import json
from datetime import datetime, timedelta

import pytest
from google.cloud.scheduler_v1.types import HttpMethod, Job

from .conftest import PARENT, Cloud, Received

NAME = f"{PARENT}/jobs/daily"
DAY_SECONDS = 86400


async def run(cloud: Cloud) -> None:
    await cloud.scheduler.call("run_job", name=NAME)
    await cloud.scheduler.quiet()


async def test_the_request_is_the_jobs_own_with_the_schedulers_headers(cloud: Cloud) -> None:
    replaced = {"User-Agent": "me", "x-cloudscheduler": "no", "X-AppEngine-Country": "XX", "Host": "else"}
    headers = {"Content-Type": "application/json", "X-Mine": "yes", **replaced}
    await cloud.create(http_target={"uri": f"{cloud.target.url}?a=b%20c", "headers": headers, "body": b'{"tasks": []}'})
    await run(cloud)

    (request,) = cloud.target.received
    assert (request.method, request.target, request.body) == ("POST", "/run?a=b%20c", b'{"tasks": []}')
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-mine"] == "yes"
    assert request.headers["user-agent"] == "Google-Cloud-Scheduler"
    assert request.headers["x-cloudscheduler"] == "true"
    assert request.headers["x-cloudscheduler-jobname"] == "daily"
    assert request.headers["host"] != "else"
    assert "x-appengine-country" not in request.headers
    assert "authorization" not in request.headers
    assert datetime.fromisoformat(request.headers["x-cloudscheduler-scheduletime"]).utcoffset() == timedelta()


async def test_a_body_has_a_default_type_and_other_methods_work(cloud: Cloud) -> None:
    await cloud.create(http_target={"http_method": HttpMethod.PUT, "body": b"\x00\xff"})
    await cloud.create("get", http_target={"http_method": HttpMethod.GET})
    await run(cloud)
    await cloud.scheduler.call("run_job", name=f"{PARENT}/jobs/get")
    await cloud.scheduler.quiet()

    put, get = cloud.target.received
    assert (put.method, put.body, put.headers["content-type"]) == ("PUT", b"\x00\xff", "application/octet-stream")
    assert (get.method, get.body) == ("GET", b"")


@pytest.mark.parametrize("audience", ["", "https://reset-daily.example.com"])
async def test_an_oidc_token_names_audience_and_account(cloud: Cloud, audience: str) -> None:
    token = {"service_account_email": "cron@demo-reelgate.iam.gserviceaccount.com", "audience": audience}
    await cloud.create(http_target={"oidc_token": token})
    await run(cloud)

    scheme, _, sent = cloud.target.received[0].headers["authorization"].partition(" ")
    claims = json.loads(base64.urlsafe_b64decode(sent.split(".")[1] + "=="))
    assert scheme == "Bearer"
    assert claims["aud"] == (audience or cloud.target.url)
    assert (claims["email"], claims["email_verified"]) == (token["service_account_email"], True)
    assert claims["exp"] > claims["iat"]


async def test_the_state_shows_the_last_attempt(cloud: Cloud) -> None:
    await cloud.create()
    planned = (await cloud.scheduler.get()).schedule_time
    await run(cloud)
    job = await cloud.scheduler.get()

    assert "last_attempt_time" in job
    assert ("status" in job, job.status.code) == (True, 0)
    assert job.schedule_time == planned


@pytest.mark.parametrize(
    ("answer", "code"), [(400, 3), (401, 16), (403, 7), (404, 5), (429, 8), (500, 13), (503, 14), (418, 2)]
)
async def test_a_failure_shows_its_code_and_is_not_retried_by_default(cloud: Cloud, answer: int, code: int) -> None:
    async def fail(_: Received) -> int:
        return answer

    cloud.target.answers = fail
    await cloud.create()
    await run(cloud)
    await cloud.scheduler.advance(60)

    assert (await cloud.scheduler.get()).status.code == code
    assert len(cloud.target.received) == 1


async def test_an_unreachable_target_is_unavailable(cloud: Cloud) -> None:
    await cloud.create(http_target={"uri": "http://127.0.0.1:9/"})
    await run(cloud)
    assert (await cloud.scheduler.get()).status.code == 14


async def test_a_job_runs_at_its_time_and_tells_that_time(cloud: Cloud) -> None:
    planned = (await cloud.create()).schedule_time
    await cloud.scheduler.advance(DAY_SECONDS)
    (request,) = cloud.target.received
    assert datetime.fromisoformat(request.headers["x-cloudscheduler-scheduletime"]) == planned
    assert (await cloud.scheduler.get()).schedule_time == planned + timedelta(days=1)

    await cloud.scheduler.advance(DAY_SECONDS)
    assert len(cloud.target.received) == 2


async def test_a_job_follows_its_time_zone(cloud: Cloud) -> None:
    job = await cloud.create(time_zone="Asia/Kathmandu")  # UTC+05:45, no daylight saving
    assert (job.schedule_time.hour, job.schedule_time.minute) == (21, 15)


async def test_times_passed_in_one_step_are_made_up_for_once(cloud: Cloud) -> None:
    await cloud.create(schedule="* * * * *")
    await cloud.scheduler.advance(DAY_SECONDS)
    assert len(cloud.target.received) == 1


async def test_a_paused_job_runs_only_on_request(cloud: Cloud) -> None:
    await cloud.create()
    await cloud.scheduler.call("pause_job", name=NAME)
    await cloud.scheduler.advance(2 * DAY_SECONDS)
    assert cloud.target.received == []
    await run(cloud)
    assert len(cloud.target.received) == 1

    await cloud.scheduler.call("resume_job", name=NAME)
    await cloud.scheduler.quiet()
    assert len(cloud.target.received) == 1  # what was missed is not made up for
    await cloud.scheduler.advance(DAY_SECONDS)
    assert len(cloud.target.received) == 2


async def test_retries_back_off_and_end_with_success(cloud: Cloud) -> None:
    async def fail_twice(_: Received) -> int:
        return 503 if len(cloud.target.received) < 3 else 200

    cloud.target.answers = fail_twice
    await cloud.create(retry_config={"retry_count": 5, "min_backoff_duration": timedelta(seconds=10)})
    regular = (await cloud.scheduler.get()).schedule_time
    await run(cloud)
    first = await cloud.scheduler.get()
    waited = first.schedule_time - first.last_attempt_time
    assert timedelta(seconds=10) <= waited < timedelta(seconds=15)
    await cloud.scheduler.advance(10)
    second = await cloud.scheduler.get()
    assert timedelta(seconds=20) <= second.schedule_time - second.last_attempt_time < timedelta(seconds=25)
    await cloud.scheduler.advance(20)

    done = await cloud.scheduler.get()
    assert (len(cloud.target.received), done.status.code, done.schedule_time) == (3, 0, regular)
    assert len({request.headers["x-cloudscheduler-scheduletime"] for request in cloud.target.received}) == 1


async def test_retries_end_after_their_count(cloud: Cloud) -> None:
    async def fail(_: Received) -> int:
        return 500

    cloud.target.answers = fail
    await cloud.create(retry_config={"retry_count": 2, "max_backoff_duration": timedelta(seconds=20)})
    await run(cloud)
    for _ in range(4):
        await cloud.scheduler.advance(30)

    assert len(cloud.target.received) == 3


async def test_retries_give_way_to_the_next_scheduled_run(cloud: Cloud) -> None:
    async def fail(_: Received) -> int:
        return 500

    cloud.target.answers = fail
    retry = {"retry_count": 5, "min_backoff_duration": timedelta(minutes=30)}
    await cloud.create(schedule="* * * * *", retry_config=retry)
    await cloud.scheduler.advance(60)
    job = await cloud.scheduler.get()
    assert job.schedule_time - job.last_attempt_time <= timedelta(minutes=1)


async def test_a_run_past_the_attempt_deadline_is_cut_off(cloud: Cloud) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hang(_: Received) -> int:
        arrived.set()
        await never.wait()
        return 200

    cloud.target.answers = hang
    await cloud.create(attempt_deadline=timedelta(seconds=15))
    await cloud.scheduler.call("run_job", name=NAME)
    await arrived.wait()
    await cloud.scheduler.advance(15)
    never.set()

    assert (await cloud.scheduler.get()).status.code == 4


async def test_one_job_never_runs_twice_at_once(cloud: Cloud) -> None:
    running, most = 0, 0
    arrived, release = asyncio.Event(), asyncio.Event()

    async def slow(_: Received) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        arrived.set()
        await release.wait()
        running -= 1
        return 200

    cloud.target.answers = slow
    await cloud.create(schedule="* * * * *", attempt_deadline=timedelta(minutes=30))
    await cloud.scheduler.call("run_job", name=NAME)
    await arrived.wait()
    await cloud.scheduler.raw("POST", "/_emulator/clock", {"advance_seconds": 300})  # five more starts are due
    await cloud.scheduler.call("run_job", name=NAME)
    status, _ = await cloud.scheduler.raw("POST", "/_emulator/flush?wait=0.1")
    assert (status, len(cloud.target.received)) == (504, 1)
    release.set()
    await cloud.scheduler.quiet()

    assert (most, len(cloud.target.received)) == (1, 2)


async def test_jobs_do_not_wait_for_each_other(cloud: Cloud) -> None:
    both = asyncio.Barrier(2)

    async def meet(_: Received) -> int:
        async with asyncio.timeout(5):
            await both.wait()
        return 200

    cloud.target.answers = meet
    for name in ("one", "two"):
        await cloud.create(name)
        await cloud.scheduler.call("run_job", name=f"{PARENT}/jobs/{name}")
    await cloud.scheduler.quiet()

    assert [(await cloud.scheduler.get(name)).status.code for name in ("one", "two")] == [0, 0]


async def test_a_changed_job_runs_as_changed(cloud: Cloud) -> None:
    await cloud.create()
    given = Job(name=NAME, schedule="0 4 * * *", http_target={"uri": f"{cloud.target.url}/changed"})
    await cloud.scheduler.call("update_job", job=given)
    await cloud.scheduler.advance(DAY_SECONDS)
    assert [request.target for request in cloud.target.received] == ["/run/changed"]


async def test_the_clock_only_moves_forward(cloud: Cloud) -> None:
    _, before = await cloud.scheduler.raw("GET", "/_emulator/clock")
    for document in ({"advance_seconds": -1}, {"advance_seconds": "soon"}, {}, [], {"advance_seconds": float("nan")}):
        status, answered = await cloud.scheduler.raw("POST", "/_emulator/clock", document)
        assert (status, answered["error"]["status"]) == (400, "INVALID_ARGUMENT"), document
    _, after = await cloud.scheduler.raw("GET", "/_emulator/clock")
    assert datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"]) < timedelta(seconds=60)
