"""A storage emulator of its own for these tests, in a process, on a free port."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.storage_emulator import ACCOUNT, CORS, ORIGIN, ROOT, Emulator, running

__all__ = ["ACCOUNT", "CORS", "ORIGIN", "ROOT", "WEB", "Bucket", "Emulator"]

# One client for requests to whole URLs: making one takes longer than most requests here.
WEB = httpx.Client(timeout=30)


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


@pytest.fixture
def bucket(emulator: Emulator) -> Bucket:
    return Bucket(emulator)


@pytest.fixture
def random_mib() -> bytes:
    return os.urandom(1024 * 1024)
