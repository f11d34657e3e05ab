"""Jobs through google-cloud-scheduler: created, read, listed, changed, paused, deleted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest, Conflict, MethodNotImplemented, NotFound
from google.cloud.scheduler_v1.types import HttpMethod, Job
from google.protobuf.field_mask_pb2 import FieldMask

from localcloud.supervisor.services.jobs import declare

from .conftest import PARENT, Cloud

NAME = f"{PARENT}/jobs/daily"


async def test_a_new_job_has_the_documented_defaults(cloud: Cloud) -> None:
    before = datetime.now(UTC)
    job = await cloud.create()

    assert job == await cloud.scheduler.get()
    assert (job.name, job.state, job.time_zone) == (NAME, Job.State.ENABLED, "UTC")
    assert job.http_target.http_method == HttpMethod.POST
    assert job.attempt_deadline == timedelta(minutes=3)
    assert job.retry_config.retry_count == 0
    assert job.retry_config.min_backoff_duration == timedelta(seconds=5)
    assert job.retry_config.max_backoff_duration == timedelta(hours=1)
    assert job.retry_config.max_doublings == 5
    assert before - timedelta(seconds=1) < job.user_update_time < datetime.now(UTC)
    assert (job.schedule_time.hour, job.schedule_time.minute) == (3, 0)
    assert timedelta() < job.schedule_time - before <= timedelta(days=1)
    assert "last_attempt_time" not in job


async def test_the_local_clouds_jobs_can_be_declared_at_every_start(cloud: Cloud) -> None:
    await cloud.scheduler.use(lambda client: declare(client, "http://127.0.0.1:1/"))
    await cloud.scheduler.use(lambda client: declare(client, cloud.target.url))

    assert sorted(await cloud.scheduler.names()) == ["reset-daily", "sweep"]
    assert (await cloud.scheduler.get("sweep")).http_target.uri == cloud.target.url


async def test_a_job_without_a_name_gets_one(cloud: Cloud) -> None:
    job = Job(schedule="* * * * *", http_target={"uri": cloud.target.url})
    created = await cloud.scheduler.call("create_job", parent=PARENT, job=job)
    assert created.name.startswith(f"{PARENT}/jobs/")
    assert (await cloud.scheduler.get(created.name.rpartition("/")[2])).schedule == "* * * * *"


async def test_a_name_is_given_once(cloud: Cloud) -> None:
    await cloud.create()
    with pytest.raises(Conflict):
        await cloud.create()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"schedule": "61 * * * *"}, "schedule: '61 * * * *': Bad minute"),
        ({"schedule": "every 5 minutes"}, "schedule: 'every 5 minutes' is not in unix-cron format"),
        ({"schedule": "0 0 30 2 *"}, "Bad day-of-month"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"http_target": {"uri": "ftp://example.com"}}, "http_target.uri"),
        ({"http_target": {"http_method": HttpMethod.GET, "body": b"x"}}, "http_target.body"),
        ({"attempt_deadline": timedelta(seconds=14)}, "attempt_deadline"),
        ({"attempt_deadline": timedelta(minutes=31)}, "attempt_deadline"),
        ({"retry_config": {"retry_count": 6}}, "retry_count"),
        ({"name": "bad name"}, "name"),
    ],
)
async def test_an_impossible_job_is_refused_by_name_of_the_field(cloud: Cloud, fields: dict[str, Any], named: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await cloud.create(**fields)
    assert named in refused.value.message
    assert await cloud.scheduler.names() == []


async def test_targets_that_do_not_run_locally_are_refused(cloud: Cloud) -> None:
    job = Job(schedule="* * * * *", pubsub_target={"topic_name": "projects/p/topics/t", "data": b"x"})
    with pytest.raises(MethodNotImplemented):
        await cloud.scheduler.call("create_job", parent=PARENT, job=job)


async def test_jobs_are_listed_by_name(cloud: Cloud) -> None:
    for name in ("c", "a", "b"):
        await cloud.create(name)

    assert await cloud.scheduler.names() == ["a", "b", "c"]
    assert await cloud.scheduler.names("projects/demo-reelgate/locations/europe-west1") == []


async def test_an_update_without_a_mask_replaces_what_can_be_set(cloud: Cloud) -> None:
    await cloud.create(description="before", time_zone="Europe/Berlin")
    given = Job(name=NAME, schedule="1 * * * *", http_target={"uri": cloud.target.url})
    updated = await cloud.scheduler.call("update_job", job=given)

    assert (updated.schedule, updated.description, updated.time_zone) == ("1 * * * *", "", "UTC")


async def test_an_update_that_makes_no_sense_changes_nothing(cloud: Cloud) -> None:
    before = await cloud.create()
    with pytest.raises(BadRequest):
        await cloud.scheduler.call("update_job", job=Job(name=NAME, schedule="bad", http_target=before.http_target))
    with pytest.raises(MethodNotImplemented, match="leave the mask out"):
        await cloud.scheduler.call("update_job", job=before, update_mask=FieldMask(paths=["schedule"]))
    assert await cloud.scheduler.get() == before


async def test_only_enabled_jobs_pause_and_only_paused_ones_resume(cloud: Cloud) -> None:
    await cloud.create()
    with pytest.raises(BadRequest):
        await cloud.scheduler.call("resume_job", name=NAME)
    assert (await cloud.scheduler.call("pause_job", name=NAME)).state == Job.State.PAUSED
    with pytest.raises(BadRequest):
        await cloud.scheduler.call("pause_job", name=NAME)
    assert (await cloud.scheduler.call("resume_job", name=NAME)).state == Job.State.ENABLED


async def test_what_does_not_exist_is_not_found(cloud: Cloud) -> None:
    for method in ("get_job", "delete_job", "pause_job", "resume_job", "run_job"):
        with pytest.raises(NotFound):
            await cloud.scheduler.call(method, name=NAME)
    with pytest.raises(NotFound):
        await cloud.scheduler.call("update_job", job=Job(name=NAME, schedule="* * * * *"))
    status, answered = await cloud.scheduler.raw("GET", "/v1/nowhere")
    assert (status, answered["error"]["status"]) == (404, "NOT_FOUND")


async def test_a_deleted_job_is_gone_and_its_name_free(cloud: Cloud) -> None:
    await cloud.create()
    await cloud.scheduler.call("delete_job", name=NAME)
    with pytest.raises(NotFound):
        await cloud.scheduler.get()
    await cloud.scheduler.advance(2 * 86400)
    assert cloud.target.received == []
    await cloud.create()


async def test_enums_are_names_unless_numbers_are_asked_for(cloud: Cloud) -> None:
    await cloud.create()
    _, names = await cloud.scheduler.raw("GET", f"/v1/{NAME}")
    _, numbers = await cloud.scheduler.raw("GET", f"/v1/{NAME}?$alt=json;enum-encoding=int")
    assert (names["state"], names["httpTarget"]["httpMethod"]) == ("ENABLED", "POST")
    assert (numbers["state"], numbers["httpTarget"]["httpMethod"]) == (1, 1)


async def test_a_body_that_is_no_job_is_refused(cloud: Cloud) -> None:
    for document in ({"schedul": "* * * * *"}, [1], {"schedule": 5}):
        status, answered = await cloud.scheduler.raw("POST", f"/v1/{PARENT}/jobs", document)
        assert (status, answered["error"]["status"]) == (400, "INVALID_ARGUMENT"), document
