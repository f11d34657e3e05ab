"""A storage emulator of its own for these tests, in a process, on a free port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.gcs_signed_urls import UrlSigner

ROOT = Path(__file__).parents[3]
ACCOUNT = "signer@demo-reelgate.iam.gserviceaccount.com"
ORIGIN = "https://player.example"
CORS = [
    {
        "origin": [ORIGIN],
        "method": ["GET", "HEAD", "PUT", "POST", "DELETE"],
        "responseHeader": ["Content-Type", "Content-Range", "Range", "Location", "x-goog-resumable", "x-goog-hash"],
        "maxAgeSeconds": 120,
    }
]


# One client for requests to whole URLs: making one takes longer than most requests here.
WEB = httpx.Client(timeout=30)


class Emulator:
    """The process and what tests ask of it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.config = folder / "config.json"
        self.config.write_text(
            json.dumps(
                {
                    "buckets": [{"name": "configured", "cors": CORS}],
                    "hmac_keys": [{"access_id": "GOOGTESTID", "secret": "test-secret", "service_account": ACCOUNT}],
                }
            )
        )
        self.log = folder / "log"
        self.signer = UrlSigner("GOOGTESTID", "test-secret")
        self.http = httpx.Client(base_url=self.url, timeout=30)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def start(self) -> None:
        command = [sys.executable, "-m", "emulator.gcs", "--port", str(self.port)]
        command += ["--data", str(self.folder / "data"), "--config", str(self.config)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                if self.http.get("/_emulator/health").status_code == 200:
                    return
            except httpx.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self.log.read_text()) from None
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is closed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=10)

    def memory_bytes(self) -> int:
        """The highest memory the process ever had."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])

    def signed(self, method: str, path: str, **options: Any) -> str:
        return self.signer.sign(method, self.host, path, **options)

    def events_after(self, event_id: int) -> list[dict[str, Any]]:
        answer = self.http.get("/_emulator/events", params={"after": event_id, "limit": 1000})
        return list(answer.json()["events"])

    def last_event_id(self) -> int:
        return int(self.http.get("/_emulator/health").json()["last_event_id"])


class Bucket:
    """A bucket of one test, and the short ways to fill it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        answer = emulator.http.post("/storage/v1/b", json={"name": self.name, "cors": CORS})
        assert answer.status_code == 200, answer.text

    def upload(self, name: str, data: bytes, **params: Any) -> httpx.Response:
        return self.emulator.http.post(
            f"/upload/storage/v1/b/{self.name}/o",
            params={"uploadType": "media", "name": name, **params},
            content=data,
            headers={"Content-Type": "video/mp4"},
        )

    def resource(self, name: str) -> httpx.Response:
        return self.emulator.http.get(f"/storage/v1/b/{self.name}/o/{name}")

    def bytes_of(self, name: str) -> bytes:
        answer = self.emulator.http.get(f"/storage/v1/b/{self.name}/o/{name}", params={"alt": "media"})
        assert answer.status_code == 200, answer.text
        return answer.content

    def open_session(self, name: str, document: dict[str, Any] | None = None, **options: Any) -> str:
        """Open a JSON session and return its URI; `options` go to httpx."""
        params = {"uploadType": "resumable", "name": name, **options.pop("params", {})}
        answer = self.emulator.http.post(f"/upload/storage/v1/b/{self.name}/o", params=params, json=document or {}, **options)
        assert answer.status_code == 200, answer.text
        return answer.headers["Location"]

    def open_xml_session(self, name: str, headers: dict[str, str] | None = None) -> str:
        """Open an XML session by a signed POST and return its URI."""
        sent = {"x-goog-resumable": "start", **(headers or {})}
        url = self.emulator.signed("POST", f"/{self.name}/{name}", headers=sent)
        answer = self.emulator.http.post(url, headers=sent)
        assert answer.status_code == 201, answer.text
        assert answer.content == b""
        return answer.headers["Location"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session", autouse=True)
def _close_client() -> Iterator[None]:
    yield
    WEB.close()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for all tests that neither kill it nor turn on its faults."""
    yield from running(tmp_path_factory.mktemp("gcs"))


@pytest.fixture
def own_emulator(tmp_path: Path) -> Iterator[Emulator]:
    """One for a test that kills it or turns on its faults."""
    yield from running(tmp_path)


def running(folder: Path) -> Iterator[Emulator]:
    emulator = Emulator(folder)
    emulator.start()
    yield emulator
    emulator.http.close()
    assert emulator.process is not None
    if emulator.process.poll() is None:
        assert emulator.stop() == 0, emulator.log.read_text()
    assert "Traceback" not in emulator.log.read_text()


@pytest.fixture
def bucket(emulator: Emulator) -> Bucket:
    return Bucket(emulator)


@pytest.fixture
def random_mib() -> bytes:
    return os.urandom(1024 * 1024)
