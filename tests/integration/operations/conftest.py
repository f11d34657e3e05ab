"""A deployment on Google's emulators and the storage emulator, with empty books and an empty bucket for each test."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reelgate.bootstrap import CloudServices
from reelgate.config import Settings
from reelgate.domain.books.video import Video
from reelgate.domain.files.names import object_name
from reelgate.ports.identity import Caller
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.uploads.start_upload import start_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest
from tests.doubles.memory_events import MemoryEvents
from tests.fixtures.firestore_process import wipe
from tests.integration.gcs.conftest import Emulator

ROOT = Path(__file__).resolve().parents[3]
ADA = Caller(uid="ada", email="ada@example.org", role="user")


@dataclass
class Deployment:
    """Its environment, its services, and the command under test."""

    environment: dict[str, str]
    services: CloudServices
    storage: Emulator

    def operations(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m ops`."""
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    async def grant(self, filename: str, data: bytes) -> str:
        """Grant Ada an upload and write its object, without any event. Returns the object's name."""
        request = UploadRequest(filename=filename, size=len(data), content_type="video/mp4")
        granted = await start_upload(self.services, ADA, request)
        name = object_name("ada", granted.upload.upload_id, filename)
        self.write(name, data)
        return name

    async def add_video(self, filename: str, data: bytes) -> Video:
        """Upload a video for Ada, event included."""
        finished = await finish_upload(self.services, await self.grant(filename, data))
        assert finished.video is not None
        return finished.video

    def write(self, name: str, data: bytes) -> None:
        """Write an object as somebody with rights of their own would."""
        upload = f"/upload/storage/v1/b/{self.services.bucket}/o"
        answer = self.storage.http.post(
            upload, params={"uploadType": "media", "name": name}, content=data, headers={"Content-Type": "video/mp4"}
        )
        assert answer.status_code == 200, answer.text

    async def remove(self, name: str) -> None:
        """Remove an object as somebody with rights of their own would."""
        found = await self.services.media.find(name)
        assert found is not None
        await self.services.media.remove(name, found.generation)


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A storage emulator."""
    running = Emulator(tmp_path_factory.mktemp("storage"))
    running.start()
    yield running
    running.stop()
    running.http.close()


@pytest.fixture
def deployment(
    storage: Emulator, firestore_host: str, pubsub_host: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    """A deployment of its own."""
    unique = uuid.uuid4().hex[:12]
    environment = {
        "GOOGLE_CLOUD_PROJECT": f"demo-{unique}",
        "REELGATE_MEDIA_BUCKET": f"media-{unique}",
        "STORAGE_EMULATOR_HOST": storage.url,
        "FIRESTORE_EMULATOR_HOST": firestore_host,
        "PUBSUB_EMULATOR_HOST": pubsub_host,
        "REELGATE_SIGNER": "hmac",
        "REELGATE_HMAC_ACCESS_ID": "GOOGTESTID",
        "REELGATE_HMAC_SECRET": "test-secret",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = storage.http.post("/storage/v1/b", json={"name": environment["REELGATE_MEDIA_BUCKET"]})
    assert made.status_code == 200
    services = CloudServices(Settings.from_env(environment))
    services.__dict__["events"] = MemoryEvents()
    yield Deployment(environment, services, storage)
    services._firestore.close()
    services._connections.close()
    services.media._bucket.client.close()  # type: ignore[attr-defined]
    wipe(firestore_host, environment["GOOGLE_CLOUD_PROJECT"])
