"""CPU time of a function's own processes per request, with many requests at once, against a hello-world function.

    python -m bench.functions.function_cpu [--users 64] [--files 12] [--at-once 64] [--open 300] [--signers iam,hmac]
        [--json FILE]

Needs the local cloud. Each function is started as a deployment starts it (functions-framework with gunicorn and one uvicorn
worker) and is called directly, without the gateway. CPU time is that of gunicorn and its worker, from /proc, after a warm-up;
this process is the client. Requests are those of version 1, by id. Cases:

- `stream, charged`: signed URLs of videos that were not charged before;
- `stream, again`: the same URLs once more;
- `grant, 0 open`: upload grants for users without open uploads, one after the other, so that each has a few in the end;
- `grant, N open`: the same for users with N open uploads;
- `usage`: `GET /v1/usage`.

Each user has at most one request under way, so that no two requests share a commit. The videos and open uploads are written to
the books directly, by the use cases' own transactions.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.functions.cold_start import HELLO, ROOT, function_environment, start
from bench.people import Person
from bench.processes import tree_seconds
from localcloud.supervisor.services.environment import PROJECT
from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents import firestore_store
from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
from reelgate.domain.books.messages import Message
from tests.fixtures.bookkeeping import POLICY, Bookkeeper, an_upload

BOOKS_POLICY = replace(
    POLICY,
    default_limits=replace(POLICY.default_limits, storage_bytes=2**40, daily_bytes=2**40),
    max_open_uploads=10_000,
    max_rejected_uploads=10_000,
)
HELLO_REQUESTS = 20
"""Per client and burst; there is a burst before each function's cases."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request and the status it must be answered with."""

    method: str
    path: str
    want: int
    headers: Mapping[str, str]
    json: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    """What a burst of requests was answered, how long it took, and what the function used for it."""

    requests: int
    seconds: float
    cpu_seconds: float
    unexpected: Counter[int]

    def __add__(self, other: Burst) -> Burst:
        return Burst(
            self.requests + other.requests,
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            self.unexpected + other.unexpected,
        )

    @property
    def ms(self) -> float:
        """Milliseconds of CPU time per request."""
        return 1000 * self.cpu_seconds / self.requests


NO_BURST = Burst(0, 0.0, 0.0, Counter())


class Published:
    """A message broker that takes everything, so that nothing stays in the outbox and nothing is converted or mailed."""

    async def publish(self, message: Message, *, at: datetime) -> None:
        """Take a message."""


@dataclass(frozen=True, slots=True)
class Function:
    """A running function."""

    pid: int
    url: str

    async def burst(self, shares: Sequence[Sequence[Request]]) -> Burst:
        """Send each share's requests one after the other, all shares at once, each over its own connection."""
        unexpected: Counter[int] = Counter()
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=120)
        async with aiohttp.ClientSession(self.url, connector=connector, timeout=timeout) as client:

            async def send(share: Sequence[Request]) -> None:
                for one in share:
                    async with client.request(
                        one.method, one.path, headers=one.headers, json=one.json, allow_redirects=False
                    ) as answer:
                        await answer.read()
                    if answer.status != one.want:
                        unexpected[answer.status] += 1

            before, began = tree_seconds(self.pid), time.perf_counter()
            await asyncio.gather(*map(send, shares))
            took = time.perf_counter() - began
            after = await self._at_rest()
        return Burst(sum(map(len, shares)), took, after - before, unexpected)

    async def _at_rest(self) -> float:
        """Return its CPU seconds once they rise no more: what it does after an answer belongs to the request."""
        seconds = tree_seconds(self.pid)
        for _ in range(50):
            await asyncio.sleep(0.2)
            earlier, seconds = seconds, tree_seconds(self.pid)
            if seconds == earlier:
                break
        return seconds


@contextlib.asynccontextmanager
async def running(source: Path, target: str, env: Mapping[str, str]) -> AsyncIterator[Function]:
    """Run a function while inside, with a home of its own, so that gunicorn's control socket is not that of another one."""
    with tempfile.TemporaryDirectory() as home:
        process, port = start(source, target, {**env, "HOME": home, "XDG_RUNTIME_DIR": home})
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                await asyncio.sleep(0.05)
            else:
                raise SystemExit(f"{target} did not start")
            yield Function(process.pid, f"http://127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def video_id(person: Person, filename: str) -> str:
    """Return the id of a person's video, unlike those of other people's."""
    return f"{filename.removesuffix('.mp4')}{person.uid[:8].lower()}"


def stream(person: Person, filename: str) -> Request:
    """Return a request for the signed URL of a video."""
    return Request("GET", f"/v1/videos/{video_id(person, filename)}/url", 200, person.headers)


def grant(person: Person, filename: str) -> Request:
    """Return a request for an upload grant."""
    body = {"filename": filename, "size": 1000, "content_type": "video/mp4"}
    return Request("POST", "/v1/uploads", 201, person.headers, body)


async def write_books(people: Sequence[Person], *, videos: Sequence[str] = (), open_uploads: int = 0) -> None:
    """Give each person these videos and that many open uploads."""
    client = firestore_store.connect(PROJECT, emulator=os.environ["FIRESTORE_EMULATOR_HOST"])
    books = DocumentBooks(FirestoreDocumentStore(client, timeout_seconds=60))
    gate = asyncio.Semaphore(16)

    async def one(person: Person) -> None:
        async with gate:
            keeper = Bookkeeper(
                books, person.uid, BOOKS_POLICY, clock=lambda: datetime.now(UTC), events=Published(), function="bench"
            )
            now = keeper.now()
            for filename in videos:
                await keeper.add_video(an_upload(video_id(person, filename), filename=filename, size=1, at=now))
            opened = [an_upload(f"open{n}{person.uid[:8].lower()}", size=1, at=now) for n in range(open_uploads)]
            await asyncio.gather(*map(keeper.reserve, opened))

    await asyncio.gather(*map(one, people))
    client.close()


def shares(at_once: int, of_each: Sequence[Sequence[Request]]) -> list[list[Request]]:
    """Deal out the requests of each person to `at_once` clients; those of one person go to one client."""
    return [[one for requests in of_each[number::at_once] for one in requests] for number in range(at_once)]


async def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row per case, hello world first."""
    names = [f"{n}.mp4" for n in range(options.files)]
    rows: list[tuple[str, str, Burst]] = []
    hello = NO_BURST
    crowded = [Person.sign_up() for _ in range(options.users)]
    with tempfile.TemporaryDirectory() as folder:
        hello_source = Path(folder) / "main.py"
        hello_source.write_text(HELLO)

        async def cases(
            target: str, signer: str, warm_up: Sequence[Sequence[Request]], **of_each: Sequence[Sequence[Request]]
        ) -> None:
            nonlocal hello
            async with running(hello_source, "hello", function_environment("usage")) as yardstick:
                greetings = [[Request("GET", "/", 200, {})] * HELLO_REQUESTS] * options.at_once
                await yardstick.burst(greetings)
                hello += await yardstick.burst(greetings)
            source = ROOT / "functions" / target / "main.py"
            env = {**function_environment(target), "REELGATE_SIGNER": signer}
            async with running(source, target, env) as function:
                await function.burst(shares(options.at_once, warm_up))
                for name, requests in of_each.items():
                    rows.append((name, signer, await function.burst(shares(options.at_once, requests))))

        newcomers = [Person.sign_up() for _ in range(options.users)]
        await write_books(newcomers, videos=["warm.mp4"])
        status = [[Request("GET", "/v1/usage", 200, person.headers)] * options.files for person in newcomers]
        await cases("usage", options.signers.split(",")[0], [one[:1] for one in status], usage=status)
        await write_books(crowded, videos=["warm.mp4"], open_uploads=options.open)
        for signer in options.signers.split(","):
            people = [Person.sign_up() for _ in range(options.users)]
            await write_books(people, videos=["warm.mp4", *names])
            urls = [[stream(person, name) for name in names] for person in people]
            warm_urls = [[stream(person, "warm.mp4")] for person in people]
            await cases("stream_url", signer, warm_urls, **{"stream, charged": urls, "stream, again": urls})
            grants, more = (
                [[grant(person, f"{signer}-{name}") for name in names] for person in group] for group in (people, crowded)
            )
            warm_grants = [[grant(person, f"warm-{signer}.mp4")] for person in crowded]
            await cases("upload", signer, warm_grants, **{"grant, 0 open": grants, f"grant, {options.open} open": more})
    return [row("hello world", "", hello, hello), *(row(name, signer, burst, hello) for name, signer, burst in rows)]


def row(name: str, signer: str, burst: Burst, hello: Burst) -> dict[str, Any]:
    """Return a row of the table."""
    return {
        "case": name,
        "signer": signer,
        "requests": burst.requests,
        "cpu_ms": round(burst.ms, 3),
        "times_hello": round(burst.ms / hello.ms, 2) if hello.cpu_seconds else None,
        "per_second": round(burst.requests / burst.seconds, 1),
        "unexpected": dict(burst.unexpected),
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as lines of a Markdown table."""
    names = ("case", "signer", "requests", "cpu_ms", "times_hello", "per_second")
    lines = [names, ("---",) * len(names), *([one[name] for name in names] for one in rows)]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def main() -> int:
    """Print the table, and JSON with --json; return 1 if an answer had an unexpected status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=64, help="how many; each has an account and files")
    parser.add_argument("--files", type=int, default=12, help="per user; as many grants per user")
    parser.add_argument("--at-once", type=int, default=64, help="requests at the same time; no more than users")
    parser.add_argument("--open", type=int, default=300, help="open uploads of the crowded accounts")
    parser.add_argument("--signers", default="iam,hmac", help="one or several, separated by commas")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    options = parser.parse_args()
    if options.at_once > options.users:
        parser.error("--at-once may not exceed --users: a user has one request under way")
    rows = asyncio.run(measure(options))
    print(table(rows))
    bad = [one for one in rows if one["unexpected"]]
    for one in bad:
        print(f"{one['case']} ({one['signer']}): unexpected statuses {one['unexpected']}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
