"""What each thing that a user does is billed for: Firestore, storage and Pub/Sub operations, and calls of functions.

The functions run in this process as they are deployed, against the emulators, with topics and buckets of their own, so that
no other process takes their events; what they publish is pushed to them as by subscriptions. `--prices` adds what it costs. A
last line has the functions' CPU time for a complete upload: this process's, with its threads, while a function is called, on a
deployed function's event loop (uvloop) and with its log lines, which go to `--log FILE`. It lacks the HTTP server: functions
are called directly (`function_cpu` has it), and the check of signatures: tokens of the emulators have none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvloop
from functions_framework.aio import create_asgi_app

from bench.meter import KINDS, Meter
from localcloud.demo.video import make_video
from localcloud.supervisor.services.topics import PUSH_SUBSCRIPTIONS, TOPICS

ROOT = Path(__file__).resolve().parent.parent

# US dollars, list prices of November 2026 as far as they are known; the rest has to be looked up (terraform/README.md).
PRICES = {
    "reads": 0.03 / 100_000,
    "writes": 0.09 / 100_000,
    "deletes": 0.01 / 100_000,
    "class_a": 0.005 / 1000,
    "class_b": 0.0004 / 1000,
}


@dataclass
class Deployment:
    """All functions in this process, one user, and what they cost."""

    web: httpx.AsyncClient
    meter: Meter = field(default_factory=Meter)
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    cpu_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _apps: dict[str, Any] = field(default_factory=dict)
    _seen: int = 0

    async def call(self, function: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a function, and count it."""
        if function not in self._apps:
            self._apps[function] = create_asgi_app(function, str(ROOT / "functions" / function / "main.py"))
        self.meter.counts["invocations"] += 1
        request = httpx.Request(method, f"http://function{path}", **options)
        begun = time.process_time()
        answer = await _answer(self._apps[function], request)
        self.cpu_seconds[function] += time.process_time() - begun
        return answer

    async def api(self, function: str, method: str, path: str, expected: int, **options: Any) -> Any:
        """Ask the API as the user. Returns JSON; of a redirect its target."""
        headers = {"Authorization": f"Bearer {TOKEN}", **options.pop("headers", {})}
        answer = await self.call(function, method, path, headers=headers, **options)
        if answer.status_code != expected:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.headers["location"] if expected == 302 else answer.json()

    async def deliver(self, step: str) -> None:
        """Push what was published to its consumers until nothing new is published; each consumer is a step of its own."""
        while self._seen < len(self.meter.messages):
            topic, message = self.meter.messages[self._seen]
            self._seen += 1
            for push in PUSH_SUBSCRIPTIONS:
                if topic == _topic(push.topic) and _fits(push.filter, message["attributes"]["type"]):
                    with self.step(f"{step}: {push.function}"):
                        await self._push(push.function, message)

    async def _push(self, function: str, message: dict[str, Any]) -> None:
        # Subscriptions with a dead-letter topic count the deliveries of a message; all of this service have one.
        pushed = {**message, "messageId": secrets.token_hex(8)}
        envelope = {"message": pushed, "subscription": "bench", "deliveryAttempt": 1}
        answer = await self.call(function, "POST", "/", json=envelope)
        if answer.status_code != 200:
            raise RuntimeError(f"{function} did not take {message['attributes']}: {answer.status_code} {answer.text[:300]}")

    def step(self, name: str) -> _Step:
        """Count what happens inside under a name."""
        return _Step(self, name)


@dataclass
class _Step:
    deployment: Deployment
    name: str
    _before: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> None:
        self._before = Counter(self.deployment.meter.counts)

    def __exit__(self, *_: object) -> None:
        spent = Counter(self.deployment.meter.counts)
        spent.subtract(self._before)
        self.deployment.steps.setdefault(self.name, Counter()).update(spent)


async def _answer(app: Any, request: httpx.Request) -> httpx.Response:
    """Return the answer of a function, called as its server calls it, so that no HTTP client adds to its CPU time."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "root_path": "",
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("function", 80),
    }
    incoming = [{"type": "http.disconnect"}, {"type": "http.request", "body": request.read(), "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop() if len(incoming) > 1 else incoming[0]

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=body, request=request)


def _topic(name: str) -> str:
    return f"{name}-{RUN}"


def _fits(filter_text: str, kind: str) -> bool:
    types = re.findall(r'attributes\.type = "([^"]+)"', filter_text)
    return not types or kind in types


RUN = secrets.token_hex(4)
BUCKET = f"bench-{RUN}"
TOKEN = ""


def prepare() -> None:
    """Point this process at topics and buckets of its own, and make them. Users are only known to the project of the cloud."""
    # Mails are caught by the local cloud, one port below its view of them.
    mail = httpx.URL(os.environ["REELGATE_MAIL_URL"])
    os.environ.update(
        {
            "REELGATE_MEDIA_BUCKET": BUCKET,
            "REELGATE_DERIVED_BUCKET": f"{BUCKET}-derived",
            "REELGATE_SIGNER": "hmac",
            "REELGATE_HMAC_ACCESS_ID": "GOOGBENCH",
            "REELGATE_HMAC_SECRET": "bench",
            "REELGATE_SMTP_HOST": mail.host,
            "REELGATE_SMTP_PORT": str((mail.port or 0) - 1),
            "REELGATE_SMTP_SECURITY": "none",
            "REELGATE_MAIL_FROM": "bench@example.com",
            **{f"REELGATE_TOPIC_{topic.upper()}": _topic(topic) for topic in TOPICS},
        }
    )
    project = os.environ["GOOGLE_CLOUD_PROJECT"]
    pubsub = f"http://{os.environ['PUBSUB_EMULATOR_HOST']}/v1/projects/{project}"
    for topic in TOPICS:
        httpx.put(f"{pubsub}/topics/{_topic(topic)}").raise_for_status()
    storage = os.environ["STORAGE_EMULATOR_HOST"]
    for bucket in (BUCKET, f"{BUCKET}-derived"):
        httpx.post(f"{storage}/storage/v1/b", json={"name": bucket}).raise_for_status()
    key = {"access_id": "GOOGBENCH", "secret": "bench", "service_account": f"bench@{project}.iam.gserviceaccount.com"}
    httpx.put(f"{storage}/_emulator/keys/hmac", json=key).raise_for_status()


async def count(uploads: int) -> tuple[dict[str, dict[str, int]], dict[str, float]]:
    """Return what each step was billed for, with sums per thing that a user does, and the CPU milliseconds of each function for
    a complete upload: the median of `uploads` further ones.
    """
    async with httpx.AsyncClient(timeout=60) as web:
        cloud = Deployment(web)
        with cloud.meter.watching():
            await _use(cloud)
            steps = _sums({name: counts for name, counts in cloud.steps.items() if not name.startswith("warm up")})
            return steps, await _cpu_milliseconds(cloud, uploads)


async def _cpu_milliseconds(cloud: Deployment, uploads: int) -> dict[str, float]:
    await _sign_up(cloud, "b")  # today's limit of the other one is used up
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(uploads):
        cloud.cpu_seconds.clear()
        await _upload(cloud, f"upload-{number}.mp4", "measured", noise=0.01)
        for function, seconds in cloud.cpu_seconds.items():
            taken[function].append(1000 * seconds)
    return {function: statistics.median(milliseconds) for function, milliseconds in taken.items()}


async def _use(cloud: Deployment) -> None:
    """Do everything once, step by step."""
    await _sign_up(cloud, "")
    await _upload(cloud, "warm-up.mp4", "warm up")
    await _upload(cloud, "film.mp4", "upload")
    await _watch(cloud)
    for name, function, path in (
        ("list 2 files", "library", "/files"),
        ("storage status", "usage", "/storage-status"),
        ("daily summary", "usage", "/api/usage/daily-summary"),
    ):
        with cloud.step(name):
            await cloud.api(function, "GET", path, 200)
        await cloud.deliver(name)
    await _delete(cloud)
    with cloud.step("sweep, nothing to do"):
        await cloud.call("reset_daily", "POST", "/", json={"tasks": ["sweep"]})


async def _sign_up(cloud: Deployment, suffix: str) -> None:
    """Register a person, who is the user from then on."""
    global TOKEN  # noqa: PLW0603 - the one user of this run
    name = f"bench{RUN}{suffix}"
    person = {"email": f"{name}@example.com", "username": name, "password": secrets.token_urlsafe(16)}
    with cloud.step("register"):
        await cloud.api("accounts", "POST", "/register", 201, json=person)
    await cloud.deliver("register")
    with cloud.step("log in"):
        TOKEN = (await cloud.api("accounts", "POST", "/login", 200, json=person))["token"]
    await cloud.deliver("log in")


@cache
def _video(noise: float) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return make_video(Path(folder) / "v.mp4", seconds=2, noise=noise).read_bytes()


async def _upload(cloud: Deployment, name: str, step: str, *, noise: float = 0.5) -> None:
    data = _video(noise)
    with cloud.step(step):
        granted = await cloud.api(
            "upload", "POST", "/upload", 201, json={"filename": name, "size": len(data), "content_type": "video/mp4"}
        )
    with cloud.step(f"{step}: the client's bytes"):
        opened = await cloud.web.request(granted["method"], granted["upload_url"], headers=granted["headers"])
        (await cloud.web.put(opened.headers["location"], content=data)).raise_for_status()
        cloud.meter.storage("POST", "/object")  # a resumable upload is one insert, however many chunks it has
    newest = await _newest_object(cloud.web)
    with cloud.step(f"{step}: finalize"):
        await cloud.call("finalize", "POST", "/", json=newest, headers=_event_headers(newest))
    await cloud.deliver(step)


async def _watch(cloud: Deployment) -> None:
    with cloud.step("stream"):
        url = (await cloud.api("stream_url", "GET", "/stream/direct/film.mp4", 200))["url"]
    with cloud.step("stream: the player's request"):
        (await cloud.web.get(url, headers={"Range": "bytes=0-999"})).raise_for_status()
        cloud.meter.storage("GET", "/object")
    await cloud.deliver("stream")
    file_id = (await cloud.api("library", "GET", "/files/film.mp4", 200))["file_id"]
    with cloud.step("download MP3"):
        url = await cloud.api("stream_url", "GET", f"/download?fid={file_id}", 302)
        (await cloud.web.get(url)).raise_for_status()
        cloud.meter.storage("GET", "/object")
    await cloud.deliver("download MP3")


async def _delete(cloud: Deployment) -> None:
    with cloud.step("delete"):
        deleted = await cloud.api("library", "DELETE", "/delete-file", 200, json={"filename": "film.mp4"})
    await cloud.deliver("delete")
    with cloud.step("purge"):
        await cloud.api("library", "DELETE", f"/trash/{deleted['file_id']}", 200)
    await cloud.deliver("purge")
    day = await cloud.api("usage", "GET", "/api/usage/check-usage-alerts", 200)
    size = day["bandwidth_total_limit"] * 80 // 100 - day["total_bandwidth_used"] + 1
    with cloud.step("alert with mail"):
        await cloud.api("usage", "POST", "/api/usage/log-upload", 200, json={"file_name": "a.mp4", "file_size": size})
    await cloud.deliver("alert with mail")


async def _newest_object(web: httpx.AsyncClient) -> dict[str, Any]:
    listed = (await web.get(f"{os.environ['STORAGE_EMULATOR_HOST']}/storage/v1/b/{BUCKET}/o")).json()["items"]
    return max(listed, key=lambda one: int(one["generation"]))


def _event_headers(found: dict[str, Any]) -> dict[str, str]:
    return {
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-id": secrets.token_hex(8),
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{BUCKET}",
        "ce-subject": f"objects/{found['name']}",
        "ce-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _sums(steps: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """Return every step, and before those of several parts their sum."""
    rows: dict[str, dict[str, int]] = {}
    for name in dict.fromkeys(step.partition(": ")[0] for step in steps):
        parts = {step: counts for step, counts in steps.items() if step.partition(": ")[0] == name}
        total = sum(parts.values(), Counter[str]())
        rows[name] = {kind: total[kind] for kind in KINDS}
        if len(parts) > 1:
            own = {f"{name}: itself" if step == name else step: counts for step, counts in parts.items()}
            rows |= {step: {kind: counts[kind] for kind in KINDS} for step, counts in own.items()}
    return rows


def dollars_per_million(row: dict[str, int]) -> float:
    """Return what a million of these cost for the operations whose prices are known."""
    return 1_000_000 * sum(row[kind] * price for kind, price in PRICES.items())


def cpu_line(milliseconds: dict[str, float]) -> str:
    """Return a line about the functions' CPU time. `convert` is on its own: it works as long as the video is."""
    each = ", ".join(f"{function} {spent:.1f}" for function, spent in milliseconds.items())
    others = sum(spent for function, spent in milliseconds.items() if function != "convert")
    return f"CPU of a complete upload, warm, in ms (FFmpeg's processes not counted): {each}; without convert {others:.1f}"


def main() -> None:
    """Print the table; `--json FILE` writes the numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path)
    options.add_argument("--uploads", type=int, default=15, help="how many uploads the CPU time is the median of")
    options.add_argument("--prices", action="store_true", help="dollars per million, for the operations with known prices")
    options.add_argument(
        "--log", type=Path, default=Path(os.devnull), help="where the functions' log lines go; by default, nowhere"
    )
    chosen = options.parse_args()
    prepare()
    # The functions' log handlers take the stream that is stderr when they are loaded.
    with chosen.log.open("w") as log, redirect_stderr(log):
        rows, milliseconds = uvloop.run(count(chosen.uploads))
    columns = [*KINDS, *(["$ per million"] if chosen.prices else [])]
    print("| | " + " | ".join(column.replace("_", " ") for column in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in rows.items():
        cells = [str(row[kind]) for kind in KINDS] + ([f"{dollars_per_million(row):.2f}"] if chosen.prices else [])
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(cpu_line(milliseconds))
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
