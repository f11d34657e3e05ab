"""The functions in this process, against the emulators, with topics and buckets of their own."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from functions_framework.aio import create_asgi_app

from bench.billed.meter import Meter
from localcloud.supervisor.services.topics import PUSH_SUBSCRIPTIONS, TOPICS

ROOT = Path(__file__).resolve().parents[2]

RUN = secrets.token_hex(4)
BUCKET = f"bench-{RUN}"


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


@dataclass
class Deployment:
    """All functions in this process, one user, and what they cost."""

    web: httpx.AsyncClient
    meter: Meter = field(default_factory=Meter)
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    cpu_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _apps: dict[str, Any] = field(default_factory=dict)
    token: str = ""
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
        """Ask the API as the user. Returns JSON; of a redirect its target, None of an answer without content."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        answer = await self.call(function, method, path, headers=headers, **options)
        if answer.status_code != expected:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        if expected == 204:
            return None
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
