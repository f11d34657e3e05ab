"""From process start to the first useful answer, for `stream_url` and `upload`, against a hello-world function.

Two columns: the seconds that a client waits, and the CPU seconds of the started processes, which other work changes less.

Needs the local cloud (`./emulator.sh up --detach`, `eval "$(./emulator.sh env)"`): a useful answer is one with a signed URL.
Each round starts a fresh process of each kind, one after the other, so that all see the same machine. The project's modules are
compiled first, as they are in a deployment (terraform/modules/function/main.tf).
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.people import Person
from bench.processes import tree_seconds
from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.state.folder import StateFolder

ROOT = Path(__file__).resolve().parents[2]
HELLO = """import functions_framework.aio


@functions_framework.aio.http
async def hello(request):
    return {"message": "hello"}
"""


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What the first useful answer took: seconds of the clock, and of the CPU for all processes that were started."""

    seconds: float
    cpu_seconds: float


def start(source: Path, target: str, env: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start a function's process as the runtime does. Returns it and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--target", target, "--source", str(source), "--asgi"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    return subprocess.Popen(command, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), port


def first_answer(source: Path, target: str, env: Mapping[str, str], request: Mapping[str, object], want: int) -> FirstAnswer:
    """Start a process and return what it took until it had answered the request with the expected status."""
    began = time.perf_counter()
    process, port = start(source, target, env)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            while True:
                try:
                    answer = client.request(**request)  # type: ignore[arg-type]
                    break
                except httpx.ConnectError:
                    time.sleep(0.003)
        took = FirstAnswer(time.perf_counter() - began, tree_seconds(process.pid))
        if answer.status_code != want:
            raise SystemExit(f"{target} answered {answer.status_code}: {answer.text[:300]}")
        return took
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def import_seconds(statement: str, top: int) -> list[tuple[float, str]]:
    """Return the slowest packages of an import, with all that they import, in milliseconds."""
    run = subprocess.run([sys.executable, "-X", "importtime", "-c", statement], capture_output=True, text=True, check=True)
    rows = []
    for line in run.stderr.splitlines():
        cells = line.removeprefix("import time:").split("|")
        if len(cells) == 3 and cells[1].strip().isdigit():
            rows.append((int(cells[1]) / 1000, cells[2].strip()))
    return sorted(rows, reverse=True)[:top]


def main() -> None:
    """Print the table, and JSON with --json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    for folder in ("src", "functions"):  # also with PYTHONDONTWRITEBYTECODE, with which the first imports would compile in vain
        compileall.compile_dir(ROOT / folder, quiet=1)
    person = Person.sign_up()
    video_id = person.store_tiny_video()
    env = function_environment("upload")
    answers: dict[str, list[FirstAnswer]] = {"hello": [], "stream_url": [], "upload": []}
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "main.py"
        hello.write_text(HELLO)
        for _ in range(chosen.rounds):
            answers["hello"].append(first_answer(hello, "hello", env, {"method": "GET", "url": "/"}, 200))
            stream = {"method": "GET", "url": f"/v1/videos/{video_id}/url", "headers": person.headers}
            answers["stream_url"].append(first_answer(ROOT / "functions/stream_url/main.py", "stream_url", env, stream, 200))
            body = {"filename": f"{secrets.token_hex(6)}.mp4", "size": 1000, "content_type": "video/mp4"}
            upload = {"method": "POST", "url": "/v1/uploads", "headers": person.headers, "json": body}
            answers["upload"].append(first_answer(ROOT / "functions/upload/main.py", "upload", env, upload, 201))
    hello_median = medians(answers["hello"])
    result = {}
    print(f"{'':12}{'seconds':>9}{'x hello':>9}{'CPU':>9}{'x hello':>9}")
    for name, values in answers.items():
        median = medians(values)
        ratio, cpu_ratio = median.seconds / hello_median.seconds, median.cpu_seconds / hello_median.cpu_seconds
        result[name] = {"median_seconds": median.seconds, "ratio": ratio,
                        "median_cpu_seconds": median.cpu_seconds, "cpu_ratio": cpu_ratio}  # fmt: skip
        print(f"{name:12}{median.seconds:9.3f}{ratio:9.2f}{median.cpu_seconds:9.3f}{cpu_ratio:9.2f}")
    print("\nWhere the imports of stream_url go (milliseconds, with what they import):")
    function = "functions_framework.aio, reelgate.web.http.function, reelgate.web.v1.videos.url_routes, reelgate.bootstrap"
    names = (
        "books.document_books",
        "documents.firestore_store",
        "google.pubsub_events",
        "tokens.jwt_identity",
        "signing.iam_signer",
    )
    adapters = "import " + ", ".join(f"reelgate.adapters.{name}" for name in names)
    for milliseconds, name in import_seconds(f"import {function}; {adapters}", 14):
        print(f"{milliseconds:8.1f}  {name}")
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2))


def medians(values: Sequence[FirstAnswer]) -> FirstAnswer:
    """Return the median of each column."""
    return FirstAnswer(
        statistics.median(value.seconds for value in values), statistics.median(value.cpu_seconds for value in values)
    )


def function_environment(name: str) -> dict[str, str]:
    """Return the environment that the running local cloud gives a function, with the signer that deployments have by default.

    The local cloud's own functions sign by HMAC. Its signBlob takes no credentials, so no access token is fetched.
    """
    folder = os.environ.get("REELGATE_STATE")
    state = StateFolder(int(os.environ["REELGATE_PORT"]), Path(folder) if folder else None)
    [service] = ServiceFactory(state, os.environ).make((name,))
    return {**service.env, "REELGATE_SIGNER": "iam", "REELGATE_IAM_ENDPOINT": service.env["STORAGE_EMULATOR_HOST"]}


if __name__ == "__main__":
    main()
