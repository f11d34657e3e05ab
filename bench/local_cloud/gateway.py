"""How much the local gateway costs: requests per second straight to a function's place and through the gateway.

    python -m bench.local_cloud.gateway [--seconds 4] [--connections 32]

Starts a backend that does nothing, the gateway before it, and a plain HTTP/1.1 load generator, each in its own process. All
share the machine's cores, so only the ratio means much.
"""

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import uvloop
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = "openapi: 3.0.3\npaths:\n  /v1/videos/{video_id}/url:\n    get: {x-reelgate-function: stream_url}\n"
TARGET = "/v1/videos/31df231489c84c47a78c6dc45d8847bf/url"
ANSWER = b'{"url":"' + b"u" * 700 + b'"}'
AUTHORIZATION = "Bearer " + "t" * 900  # about the size of an identity token


def serve_backend(port: int) -> None:
    """Answer every request with the same small JSON document."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(body=ANSWER, content_type="application/json")

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    uvloop.run(serve())


class Client(asyncio.Protocol):
    """One connection that sends the next request as soon as the last one is answered."""

    def __init__(self, request: bytes, ends_at: float, seconds_taken: list[float]) -> None:
        self._request = request
        self._ends_at = ends_at
        self._seconds_taken = seconds_taken
        self._received = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(ANSWER):
            return
        if not self._received.startswith(b"HTTP/1.1 200 "):
            self.done.set_exception(ConnectionError(f"not the expected answer: {self._received[:200]!r}"))
            return
        now = time.perf_counter()
        self._seconds_taken.append(now - self._sent_at)
        if now < self._ends_at:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc) if exc else self.done.set_result(None)

    def _send(self) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self._transport.write(self._request)


async def load(port: int, connections: int, seconds: float) -> list[float]:
    """Return the seconds that each request took."""
    request = f"GET {TARGET} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {AUTHORIZATION}\r\n\r\n".encode()
    seconds_taken: list[float] = []
    ends_at = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Client(request, ends_at, seconds_taken), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.done for _, client in opened))
    return seconds_taken


def report(name: str, seconds_taken: list[float], seconds: float) -> float:
    """Print one line; returns requests per second."""
    ordered = sorted(seconds_taken)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.50, 0.99))
    rate = len(ordered) / seconds
    print(f"{name:16} {rate:8.0f} requests/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms", flush=True)
    return rate


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server while the block runs; it is ready when its port accepts."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"did not start: {command}") from None
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Measure alternately, three rounds, and print the ratio of the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--backend-port", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.backend_port:
        serve_backend(arguments.backend_port)
        return
    backend, gateway = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        openapi, backends = Path(folder, "openapi.yaml"), Path(folder, "backends.json")
        openapi.write_text(OPENAPI)
        backends.write_text(json.dumps({"stream_url": f"http://127.0.0.1:{backend}"}))
        python = sys.executable
        serve_gateway = [python, "-m", "localcloud.gateway", "--port", str(gateway), "--openapi", str(openapi)]
        with (
            running([python, __file__, "--backend-port", str(backend)], backend),
            running([*serve_gateway, "--backends", str(backends)], gateway),
        ):
            compare(backend, gateway, arguments.connections, arguments.seconds)


def compare(backend: int, gateway: int, connections: int, seconds: float) -> None:
    """Load both alternately, so that a busy moment of the machine hits both."""
    rounds = 3
    direct: list[float] = []
    through: list[float] = []
    for _ in range(rounds):
        direct += uvloop.run(load(backend, connections, seconds / rounds))
        through += uvloop.run(load(gateway, connections, seconds / rounds))
    ratio = report("through gateway", through, seconds) / report("direct", direct, seconds)
    print(f"ratio {ratio:.2f} with {connections} connections")


if __name__ == "__main__":
    main()
