"""Each function's archive starts and answers in an environment that has its requirements and nothing else, as in the cloud."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fixtures.function_archives import FUNCTIONS, unpack
from tests.fixtures.function_environments import cloud_environment
from tests.fixtures.openapi_document import METHODS, document
from tests.fixtures.reachability import adapters_of

START_SECONDS = 60
FEWER_ADAPTERS = {"settle_egress": 1, "console": 0}
NOBODY = 401


PROBE = """


import asyncio, sys  # noqa: E401


@functions_framework.aio.http
async def probe(_):
    impls = [name for name in sys.modules if name.startswith("uvicorn.protocols.http.") and name.endswith("_impl")]
    return {"loop": type(asyncio.get_running_loop()).__module__, "http": impls}
"""
"""A second function in the same main.py: what serves the first one serves it, too."""


@contextmanager
def served(function: str, python: Path, folder: Path, *, target: str | None = None) -> Iterator[str]:
    """Serve an unpacked archive by the command that Google's builder starts it with, without anything of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = cloud_environment(function) | {
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "FUNCTION_TARGET": target or function,
    }
    log = folder.parent / f"{function}.log"
    with log.open("w") as output:
        process = subprocess.Popen([python.parent / "functions-framework"], cwd=folder, env=env, stdout=output, stderr=output)
    try:
        _wait(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"does not listen: {log.read_text()[-3000:]}")


def requests_of(function: str) -> list[tuple[str, str, int]]:
    """Return method, path and the status for nobody in particular: of a route where people call, else of an event."""
    routes = [
        (method.upper(), path.replace("{", "").replace("}", ""), NOBODY)
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item and item[method]["x-reelgate-function"] == function and item[method].get("security") != []
    ]
    if function == "console":
        return [("GET", "/console/assets/none.js", 404)]
    return routes[:1] or [("GET", "/", 405)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_all_that_its_code_needs_later_can_be_imported(function: str, python_of: Callable[[str], Path], tmp_path: Path) -> None:
    """Adapters are imported on first use: a missing requirement would show with the first request that needs it."""
    unpack(function, tmp_path)
    modules = sorted(adapters_of(function))
    script = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [python_of(function), "-W", "error", "-c", script, *modules]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=120, check=False)
    assert len(modules) >= FEWER_ADAPTERS.get(function, 5)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_archive_starts_and_answers(function: str, python_of: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / function
    unpack(function, folder)
    with served(function, python_of(function), folder) as url, httpx.Client(base_url=url, timeout=30) as client:
        for method, path, status in requests_of(function):
            answer = client.request(method, path, content=b"{}" if method in {"POST", "PATCH"} else None)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"]
    lines = (tmp_path / f"{function}.log").read_text().splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert not [line for line in told if line["severity"] in {"ERROR", "CRITICAL"}]
    assert not [line for line in lines if "Traceback" in line]


@pytest.mark.parametrize("function", ["stream_url", "upload"])
def test_a_function_runs_on_uvloop_and_httptools(function: str, python_of: Callable[[str], Path], tmp_path: Path) -> None:
    """uvicorn, under gunicorn, takes both if they are installed, and asyncio's loop and h11 without a word if they are not."""
    folder = tmp_path / function
    unpack(function, folder)
    main = folder / "main.py"
    main.write_text(main.read_text() + PROBE)
    with served(function, python_of(function), folder, target="probe") as url, httpx.Client(timeout=30) as client:
        assert client.get(url).json() == {"loop": "uvloop", "http": ["uvicorn.protocols.http.httptools_impl"]}
