"""Alerts on Pub/Sub and the scheduler's run, with Google's own clients."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.auth.credentials import AnonymousCredentials
from google.cloud import pubsub_v1, scheduler_v1
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerRestTransport

from tests.e2e.people import MIB, Person


class Topic:
    """Everything that is published to a topic from now on."""

    def __init__(self, cloud: Mapping[str, str], topic: str) -> None:
        project = cloud["GOOGLE_CLOUD_PROJECT"]
        self._client = pubsub_v1.SubscriberClient()
        self._path = self._client.subscription_path(project, f"test-{secrets.token_hex(6)}")
        self._client.create_subscription(name=self._path, topic=f"projects/{project}/topics/{topic}")

    def about(self, uid: str, count: int, seconds: float = 20, *, kind: str = "") -> list[dict[str, Any]]:
        """Return `count` messages about a user whose type begins with `kind`, or as many as come in time."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + seconds
        while len(found) < count and time.monotonic() < until:
            try:
                pulled = self._client.pull(subscription=self._path, max_messages=10, timeout=2)
            except DeadlineExceeded:
                continue
            for message in pulled.received_messages:
                self._client.acknowledge(subscription=self._path, ack_ids=[message.ack_id])
                if message.message.attributes["uid"] == uid and message.message.attributes["type"].startswith(kind):
                    found.append(json.loads(message.message.data))
        return found

    def close(self) -> None:
        """Remove the subscription."""
        self._client.delete_subscription(subscription=self._path)
        self._client.close()


@pytest.fixture
def alerts(cloud: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Topic]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", cloud["PUBSUB_EMULATOR_HOST"])
    topic = Topic(cloud, "alerts")
    yield topic
    topic.close()


@pytest.fixture
def videos(cloud: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Topic]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", cloud["PUBSUB_EMULATOR_HOST"])
    topic = Topic(cloud, "videos")
    yield topic
    topic.close()


def run_job(cloud: Mapping[str, str], name: str) -> None:
    """Run a job of the scheduler now and wait for its attempt."""
    host = cloud["REELGATE_SCHEDULER_URL"].removeprefix("http://")
    transport = CloudSchedulerRestTransport(host=host, url_scheme="http", credentials=AnonymousCredentials())
    with scheduler_v1.CloudSchedulerClient(transport=transport) as client:
        path = client.job_path(cloud["GOOGLE_CLOUD_PROJECT"], "us-central1", name)
        began = client.get_job(name=path).last_attempt_time
        client.run_job(name=path)
        until = time.monotonic() + 20
        while True:
            job = client.get_job(name=path)
            if job.last_attempt_time and job.last_attempt_time != began:
                assert job.status.code == 0, job.status
                return
            assert time.monotonic() < until, "the job did not run"
            time.sleep(0.1)


def test_alerts_at_80_and_100_percent_come_once(person: Person, alerts: Topic) -> None:
    person.upload("a.mp4", bytes(41 * MIB))
    [first] = alerts.about(person.uid, 1)
    assert (first["type"], first["threshold_percent"], first["percentage_used"]) == ("storage.alert", 80, 82.0)
    assert (first["used"], first["limit"], first["email"]) == (41 * MIB, 50 * MIB, person.email)
    person.upload("b.mp4", bytes(9 * MIB))
    [second] = alerts.about(person.uid, 1)
    assert (second["type"], second["threshold_percent"]) == ("storage.alert", 100)
    person.api.get("/stream/direct/a.mp4")
    [third] = alerts.about(person.uid, 1)
    assert (third["type"], third["threshold_percent"]) == ("bandwidth.alert", 80)
    person.api.get("/stream/direct/b.mp4")
    [fourth] = alerts.about(person.uid, 1)
    assert (fourth["type"], fourth["threshold_percent"], fourth["percentage_used"]) == ("bandwidth.alert", 100, 100.0)
    assert alerts.about(person.uid, 1, seconds=2) == []
    assert person.api.get("/api/usage/check-usage-alerts").json()["bandwidth_checks"]["bandwidth_limit_exceeded"] is True


def test_a_video_s_life_is_told_on_its_topic(person: Person, videos: Topic) -> None:
    upload = person.upload("told.mp4", b"video")
    person.api.request("DELETE", "/delete-file", json={"filename": "told.mp4"})
    person.api.post(f"/trash/{upload['upload_id']}/restore")
    told = videos.about(person.uid, 3, kind="video.")  # what becomes of its MP3 is told in between
    assert {message["type"] for message in told} == {"video.ready", "video.deleted", "video.restored"}
    assert {message["file_id"] for message in told} == {upload["upload_id"]}
    assert len({message["event_id"] for message in told}) == 3


def test_the_scheduler_s_jobs_run_and_harm_nothing_when_run_again(cloud: Mapping[str, str], person: Person) -> None:
    person.upload("a.mp4", bytes(1000))
    person.ask("open.mp4", 500)
    before = person.storage_status()
    for name in ("reset-daily", "reset-daily", "sweep"):
        run_job(cloud, name)
    assert person.storage_status() == before
    assert person.api.get("/api/usage/daily-summary").json()["uploaded"] == 1000
    person.assert_books_right()


def test_the_daily_function_answers_for_itself(cloud: Mapping[str, str]) -> None:
    url = cloud["REELGATE_RESET_DAILY_URL"]
    done = httpx.post(url, json={"tasks": ["sweep"]}, timeout=60)
    tasks = {
        "erase_users",
        "sweep_uploads",
        "sweep_parts",
        "purge_trash",
        "empty_outbox",
        "take_up_deliveries",
        "write_exports",
        "settle_charges",
    }
    assert (done.status_code, set(done.json())) == (200, tasks)
    assert httpx.post(url, json={"tasks": ["everything"]}, timeout=60).status_code == 400
    assert httpx.get(url, timeout=60).status_code == 405
