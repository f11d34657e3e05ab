"""What is declared for Pub/Sub and Cloud Scheduler, against a server that keeps what it is asked for."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from google.api_core.exceptions import AlreadyExists

from localcloud.supervisor.services.jobs import declare
from localcloud.supervisor.services.topics import PubSubSetupError, PushSubscription, create_all, topic_names


class PubSub:
    """Takes each name once, as Pub/Sub does, and refuses names with 'bad' in them."""

    def __init__(self) -> None:
        self.made: dict[str, dict] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = self.path.removeprefix("/v1/projects/demo-reelgate/")
                self.send_response(400 if "bad" in name else 409 if name in outer.made else 200)
                self.end_headers()
                outer.made.setdefault(name, body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def pubsub() -> Iterator[PubSub]:
    fake = PubSub()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    fake.server.shutdown()
    thread.join()
    fake.server.server_close()


def test_every_topic_has_dead_letters_that_are_kept(pubsub: PubSub) -> None:
    port = pubsub.server.server_address[1]
    for _ in range(2):  # repeating it changes nothing
        create_all(port, topic_names({"REELGATE_TOPIC_AUDIT": "trail"}), (), {})
    topics = {"videos", "alerts", "accounts", "trail"}
    assert {name for name in pubsub.made if name.startswith("topics/")} == {
        f"topics/{topic}{suffix}" for topic in topics for suffix in ("", "-dead-letter")
    }
    for topic in topics:
        dead_letters = pubsub.made[f"subscriptions/{topic}-dead-letter"]
        assert dead_letters["topic"] == f"projects/demo-reelgate/topics/{topic}-dead-letter"


def test_a_push_subscription_reaches_its_function_and_ends_in_the_dead_letters(pubsub: PubSub) -> None:
    push = PushSubscription(name="notify-alerts", topic="alerts", function="notify", path="/events")
    create_all(pubsub.server.server_address[1], {"alerts": "alarms"}, (push,), {"notify": "http://127.0.0.1:9"})
    made = pubsub.made["subscriptions/notify-alerts"]
    assert made["pushConfig"] == {"pushEndpoint": "http://127.0.0.1:9/events"}
    assert made["deadLetterPolicy"]["deadLetterTopic"] == "projects/demo-reelgate/topics/alarms-dead-letter"
    assert made["topic"] == "projects/demo-reelgate/topics/alarms"
    assert made["retryPolicy"] == {"minimumBackoff": "1s", "maximumBackoff": "60s"}


def test_a_refusal_is_an_error(pubsub: PubSub) -> None:
    with pytest.raises(PubSubSetupError, match="topics/bad: 400"):
        create_all(pubsub.server.server_address[1], {"videos": "bad"}, (), {})


class Scheduler:
    """Keeps jobs as Cloud Scheduler does."""

    def __init__(self) -> None:
        self.jobs: dict[str, object] = {}

    def create_job(self, *, parent: str, job) -> None:
        assert job.name.startswith(f"{parent}/jobs/")
        if job.name in self.jobs:
            raise AlreadyExists("there is one")
        self.jobs[job.name] = job

    def update_job(self, *, job) -> None:
        assert job.name in self.jobs
        self.jobs[job.name] = job


def test_declared_jobs_post_their_tasks_and_follow_a_moved_target() -> None:
    scheduler = Scheduler()
    declare(scheduler, "http://127.0.0.1:1/")
    declare(scheduler, "http://127.0.0.1:2/")
    jobs = {name.rpartition("/")[2]: job for name, job in scheduler.jobs.items()}
    assert {name: job.schedule for name, job in jobs.items()} == {"reset-daily": "0 0 * * *", "sweep": "*/10 * * * *"}
    assert {job.http_target.uri for job in jobs.values()} == {"http://127.0.0.1:2/"}
    assert json.loads(jobs["reset-daily"].http_target.body) == {"tasks": ["close_day", "sweep"]}
    assert json.loads(jobs["sweep"].http_target.body) == {"tasks": ["sweep"]}
    assert jobs["sweep"].http_target.headers["Content-Type"] == "application/json"
