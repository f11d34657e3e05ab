"""What one user does, run by Locust, which has an environment of its own (`requirements.txt`).

A user logs in, and then, as many times as LOAD_JOURNEYS says: asks for an upload grant, sends the bytes to the bucket, asks
until the upload is ready, and gets a stream URL, the usage and the list of videos. 429 is an answer by policy: it is
counted, and the request is repeated after Retry-After. Any other unexpected answer is an error; it ends the journey, or is
followed by another try to log in. The figures go to LOAD_RESULT as JSON.
"""

import itertools
import json
import os
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import gevent
import gevent.event
from locust import FastHttpUser, events, task

USERS = json.loads(Path(os.environ["LOAD_USERS"]).read_text())
JOURNEYS = int(os.environ["LOAD_JOURNEYS"])
CONTENT = b"\0" * int(os.environ["LOAD_BYTES"])
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_LOGINS = 5.0
MAX_LOGINS = 5
_END = gevent.event.Event()

_numbers = itertools.count()
_refused_by_policy: Counter[str] = Counter()
_statuses: dict[str, Counter[str]] = {}
_finished: list[int] = []


class JourneyEnded(Exception):
    """An answer was not the expected one."""


class Viewer(FastHttpUser):
    """A user with an account and an address of their own."""

    host = os.environ["REELGATE_URL"]
    network_timeout = connection_timeout = 120.0

    def on_start(self) -> None:
        """Become the next of the registered users."""
        self.number = next(_numbers)
        self.person = USERS[self.number % len(USERS)]

    @task
    def visit(self) -> None:
        """Log in, do all journeys, and wait for the others; the last user ends the run."""
        for _ in range(MAX_LOGINS):
            with suppress(JourneyEnded):
                mine = self.log_in()
                break
            gevent.sleep(SECONDS_BETWEEN_LOGINS)
        else:
            mine = None
        for turn in range(JOURNEYS if mine else 0):
            with suppress(JourneyEnded):
                self.journey(f"{turn}-{self.number}.mp4", mine)
        _finished.append(self.number)
        if len(_finished) == int(os.environ["LOAD_AT_ONCE"]):
            gevent.spawn(self.environment.runner.quit)
        _END.wait()  # Locust would replace a user that stops by a new one

    def log_in(self) -> dict[str, str]:
        """Return the headers of the logged-in user."""
        credentials = {"email": self.person["email"], "password": self.person["password"]}
        address = {"X-Forwarded-For": self.person["address"]}
        tokens = self.call("log in", "POST", "/v1/auth/login", 200, json=credentials, headers=address).json()
        return {"Authorization": f"Bearer {tokens['token']}"}

    def journey(self, filename: str, mine: dict[str, str]) -> None:
        """Upload, and look at what is there."""
        wanted = {"filename": filename, "size": len(CONTENT), "content_type": "video/mp4"}
        grant = self.call("grant", "POST", "/v1/uploads", 201, json=wanted, headers=mine).json()
        request = grant["request"]
        opened = self.call("open session", request["method"], request["url"], 201, data=b"", headers=request["headers"])
        self.call("send bytes", "PUT", opened.headers["Location"], 200, data=CONTENT)
        began = time.perf_counter()
        while (
            self.call("upload state", "GET", f"/v1/uploads/{grant['upload_id']}", 200, headers=mine).json()["state"] != "ready"
        ):
            gevent.sleep(SECONDS_BETWEEN_LOOKS)
        self.environment.events.request.fire(
            request_type="", name="(bytes sent until ready)", response_time=1000 * (time.perf_counter() - began),
            response_length=0, exception=None, context={},
        )  # fmt: skip
        self.call("stream URL", "GET", f"/v1/videos/{grant['upload_id']}/url", 200, headers=mine)
        self.call("usage", "GET", "/v1/usage", 200, headers=mine)
        self.call("list", "GET", "/v1/videos", 200, headers=mine)

    def call(self, name, method, target, want, **request):
        """Return the expected answer. Raises JourneyEnded for any other but 429, after which the call is repeated."""
        while True:
            with self.client.request(method, target, name=name, catch_response=True, **request) as answer:
                _statuses.setdefault(name, Counter())[str(answer.status_code)] += 1
                if answer.status_code == want:
                    answer.success()
                    return answer
                if answer.status_code != 429:
                    answer.failure(f"{answer.status_code}: {(answer.text or '')[:200]}")
                    raise JourneyEnded
                answer.success()
            _refused_by_policy[name] += 1
            gevent.sleep(float(answer.headers.get("Retry-After", 1)))


@events.quitting.add_listener
def write_result(environment, **_) -> None:
    """Write the figures of each kind of request."""
    entries = environment.stats.entries.values()
    rows = [
        {
            "name": entry.name,
            "requests": entry.num_requests,
            "errors": entry.num_failures,
            "refused_by_policy": _refused_by_policy[entry.name],
            "per_second": entry.total_rps,
            **{f"p{share}_ms": entry.get_response_time_percentile(share / 100) for share in (50, 95, 99)},
            "slowest_ms": entry.max_response_time,
            "statuses": dict(_statuses.get(entry.name, {})),
        }
        for entry in entries
    ]
    errors = [
        {"name": error.name, "error": str(error.error), "times": error.occurrences}
        for error in environment.stats.errors.values()
    ]
    result = {"rows": rows, "errors": errors, "users_finished": len(_finished)}
    Path(os.environ["LOAD_RESULT"]).write_text(json.dumps(result))
