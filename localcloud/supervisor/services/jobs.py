"""The product's jobs, created with Google's client.

`python -m localcloud.supervisor.services.jobs --scheduler HOST:PORT --target URL` runs it in a process of its own, because the
client brings gRPC, which does not survive the forks of the supervisor.
"""

import argparse
import json
from dataclasses import dataclass
from datetime import timedelta

from google.api_core.exceptions import Conflict
from google.auth.credentials import AnonymousCredentials
from google.cloud import scheduler_v1
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerRestTransport

from localcloud.supervisor.services.environment import PROJECT

LOCATION = f"projects/{PROJECT}/locations/us-central1"


@dataclass(frozen=True, slots=True)
class DeclaredJob:
    """A job that posts tasks to reset_daily; `schedule` is unix-cron in UTC."""

    name: str
    schedule: str
    tasks: tuple[str, ...]

    def as_job(self, target: str) -> scheduler_v1.Job:
        """Return the job for Cloud Scheduler, posting to `target`."""
        return scheduler_v1.Job(
            name=f"{LOCATION}/jobs/{self.name}",
            schedule=self.schedule,
            time_zone="Etc/UTC",
            # A run that could not finish answers 503; the retry continues with what is left.
            retry_config=scheduler_v1.RetryConfig(retry_count=3),
            attempt_deadline=timedelta(minutes=10),
            http_target=scheduler_v1.HttpTarget(
                uri=target,
                http_method=scheduler_v1.HttpMethod.POST,
                headers={"Content-Type": "application/json"},
                body=json.dumps({"tasks": self.tasks}).encode(),
            ),
        )


JOBS = (
    DeclaredJob("reset-daily", "0 0 * * *", ("close_day", "sweep")),
    DeclaredJob("sweep", "*/10 * * * *", ("sweep",)),
)


def declare(client: scheduler_v1.CloudSchedulerClient, target: str) -> None:
    """Create the declared jobs, or update those of an earlier start."""
    for declared in JOBS:
        job = declared.as_job(target)
        try:
            client.create_job(parent=LOCATION, job=job)
        except Conflict:
            client.update_job(job=job)


def main() -> None:
    """Read the arguments and declare the jobs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scheduler", required=True, help="host:port of the scheduler")
    parser.add_argument("--target", required=True, help="URL of reset_daily")
    arguments = parser.parse_args()
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
    transport = CloudSchedulerRestTransport(host=arguments.scheduler, url_scheme="http", credentials=anonymous)
    declare(scheduler_v1.CloudSchedulerClient(transport=transport), arguments.target)


if __name__ == "__main__":
    main()
