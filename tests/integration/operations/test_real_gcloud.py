"""The real gcloud with the command that makes HMAC keys, against a server that answers as Google's REST references say.

It proves what a fake gcloud cannot: how gcloud prints keys, that the secret arrives whole, and that gcloud's own logs, which
keep everything it prints, do not keep it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SECRET = "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ"  # the example of the Cloud Storage docs, "HMAC keys"

pytestmark = pytest.mark.skipif(shutil.which("gcloud") is None, reason="needs gcloud")


class Google(BaseHTTPRequestHandler):
    """projects.hmacKeys of Cloud Storage and projects.secrets.versions of Secret Manager."""

    asked: list[tuple[str, str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append(("POST", self.path, json.loads(body) if body else None))
        if ":addVersion" in self.path:
            name = self.path.split("/v1/")[1].split(":")[0]
            self.answer({"name": f"{name}/versions/7", "state": "ENABLED", "clientSpecifiedPayloadChecksum": True})
        else:
            self.answer({"kind": "storage#hmacKey", "secret": SECRET, "metadata": self.key("ACTIVE")})

    def do_PUT(self) -> None:
        self.asked.append(("PUT", self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.answer(self.key("INACTIVE"))

    def do_DELETE(self) -> None:
        self.asked.append(("DELETE", self.path, None))
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path, None))
        if "/hmacKeys?" in self.path:
            self.answer({"items": [self.key("ACTIVE")]})
        elif "/hmacKeys/" in self.path:
            self.answer(self.key("ACTIVE"))
        elif "/functions" in self.path:
            self.answer({"functions": []})
        else:
            self.answer({"versions": []})

    def key(self, state: str) -> dict[str, str]:
        created = "2026-11-20T10:00:00.000Z"
        return {"kind": "storage#hmacKeyMetadata", "accessId": "GOOG1EREAL", "state": state, "timeCreated": created}

    def answer(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def google() -> Iterator[ThreadingHTTPServer]:
    """The server; its handler's `asked` has the requests."""
    handler = type("Handler", (Google,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(google: ThreadingHTTPServer, folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    at = f"http://127.0.0.1:{google.server_address[1]}"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_CORE_LOG_HTTP": "true",  # as a person who debugs might have set it
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{at}/storage/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER": f"{at}/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS": f"{at}/",
    }
    arguments = [
        sys.executable,
        "-m",
        "ops.sign_faster",
        command,
        "--project=videos-1",
        f"--file={folder / 'keys.json'}",
    ]
    return subprocess.run(arguments, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_the_secret_arrives_whole_and_is_kept_nowhere_else(google: ThreadingHTTPServer, tmp_path: Path) -> None:
    done = run(google, tmp_path, "make")
    assert done.returncode == 0, done.stderr
    asked = google.RequestHandlerClass.asked  # type: ignore[attr-defined]
    stored = {path.split("/secrets/")[1].split(":")[0]: body for verb, path, body in asked if ":addVersion" in path}
    assert stored.keys() == {"reelgate-hmac-upload", "reelgate-hmac-read"}
    for body in stored.values():
        assert base64.b64decode(body["payload"]["data"]).decode() == SECRET
    assert json.loads((tmp_path / "keys.json").read_text())["hmac_access_ids"]["read"] == {
        "access_id": "GOOG1EREAL",
        "version": "7",
    }
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept == []
    assert SECRET not in done.stdout + done.stderr


def test_it_speaks_of_keys_and_functions_as_gcloud_prints_them(google: ThreadingHTTPServer, tmp_path: Path) -> None:
    run(google, tmp_path, "make")
    again, finished = run(google, tmp_path, "make"), run(google, tmp_path, "finish")
    assert "GOOG1EREAL exists already" in again.stdout
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "There are no old keys." in finished.stdout
