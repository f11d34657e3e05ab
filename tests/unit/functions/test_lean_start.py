"""What a function imports before its first answer: no SDK of Google's, and no more of ours than is written here.

Each import makes cold starts longer (docs/adr/0005-cold-starts.md). A larger number is a decision: write it down here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.fixtures.function_archives import FUNCTIONS, ROOT, unpack
from tests.fixtures.function_environments import cloud_environment

NOT_YET = ("google.api_core", "google.auth", "google.cloud", "google.protobuf", "grpc", "firebase_admin", "requests")

MOST_MODULES = {
    "accounts": 202,
    "audit": 153,
    "console": 140,
    "convert": 160,
    "finalize": 144,
    "library": 202,
    "notify": 159,
    "reset_daily": 198,
    "settle_egress": 150,
    "stream_url": 223,
    "upload": 203,
    "usage": 190,
}
"""How many modules of Reelgate a function may import, packages included. Two more than it did when this was written."""

FRAMEWORK = frozenset(
    [
        "anyio",
        "blinker",
        "click",
        "cloudevents",
        "deprecation",
        "flask",
        "functions_framework",
        "google",
        "itsdangerous",
        "jinja2",
        "markupsafe",
        "packaging",
        "python_multipart",
        "starlette",
        "werkzeug",
    ]
)
"""What functions-framework imports for a hello world, too."""

CLIENT = frozenset({"httptools", "msgspec", "typing_extensions"})
TOKENS = frozenset({"cryptography", "jwt"})
OTHERS = dict.fromkeys(FUNCTIONS, CLIENT | TOKENS) | {
    "console": CLIENT,
    "finalize": CLIENT,
    "reset_daily": CLIENT,
    "settle_egress": CLIENT,
    "upload": CLIENT | TOKENS | {"google_crc32c"},
}
"""Other people's packages that a function imports beside the framework's."""

ANSWER = """
import asyncio, json, sys
from functions_framework.aio import create_asgi_app

app = create_asgi_app()
status = []

async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}

async def send(message):
    if message["type"] == "http.response.start":
        status.append(message["status"])

path = sys.argv[1]
scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
         "query_string": b"", "root_path": "", "headers": [(b"host", b"localhost")], "client": ("192.0.2.1", 1),
         "server": ("localhost", 80)}
asyncio.run(app(scope, receive, send))
from reelgate import bootstrap
services = bootstrap.services()
services.books, services.events, services.audit_log
print(json.dumps({"status": status, "modules": sorted(sys.modules)}), file=sys.__stdout__)
"""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_little_is_loaded_before_the_first_answer(function: str, tmp_path: Path) -> None:
    """As deployed: the framework loads `main.py`, answers one request, and has the books and the publisher at hand."""
    main, source = ROOT / "functions" / function, ROOT / "src"
    if function == "console":  # which does not start without what it serves
        unpack(function, tmp_path)
        main = source = tmp_path
    env = {
        **cloud_environment(function),
        "PYTHONPATH": str(source),
        "PATH": os.environ["PATH"],
    }
    run = subprocess.run(
        [sys.executable, "-c", ANSWER, "/no/such/path"],
        cwd=main,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["status"], "it did not answer"
    assert found["status"][0] in {401, 404, 405}
    assert "reelgate.adapters.documents.firestore_store" in found["modules"]
    assert "reelgate.adapters.google.pubsub_events" in found["modules"]
    assert [name for name in found["modules"] if is_sdk(name)] == []
    assert packages_of(found["modules"]) - FRAMEWORK == OTHERS[function]
    assert len([name for name in found["modules"] if name.partition(".")[0] == "reelgate"]) <= MOST_MODULES[function]
    assert ("reelgate.ports.notifications" in found["modules"]) == (function in {"accounts", "notify", "reset_daily"})


def is_sdk(module: str) -> bool:
    """Tell whether a module is one of Google's clients or what they bring. `google.cloud.functions` is the framework's."""
    own = module == "google.cloud" or module.startswith("google.cloud.functions")
    return not own and any(module == sdk or module.startswith(f"{sdk}.") for sdk in NOT_YET)


def packages_of(modules: Iterable[str]) -> set[str]:
    """Return the top-level packages that are neither Python's own nor the product's, but for the parts of compiled ones."""
    known = sys.stdlib_module_names | {"main", "reelgate", "cython_runtime"}
    return {top for name in modules if (top := name.partition(".")[0]) not in known and not top.startswith("_")}
