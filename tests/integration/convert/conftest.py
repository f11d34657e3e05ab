"""The converter as it is, over the storage emulator; the books and records in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.adapters.storage.gcs_derived import GcsDerivedObjects, GcsMediaRanges
from reelgate.domain.books.account import Limits
from reelgate.domain.books.video import StoredObject, Video
from reelgate.use_cases.objects.finish_upload import finish_upload
from tests.fixtures.memory_services import POLICY as SMALL
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.storage_emulator import Emulator, running


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    yield from running(tmp_path_factory.mktemp("storage"))


LIMITS = Limits(storage_bytes=10**9, daily_bytes=10**9, alert_percents=(80, 100))
LARGE = replace(SMALL, default_limits=LIMITS, max_file_bytes=10**9)


class ConvertingServices(MemoryServices):
    """Everything in memory but the objects."""

    def __init__(self, storage: Emulator, name: str) -> None:
        super().__init__(bucket=f"{name}-media", derived_bucket=f"{name}-derived", policy=LARGE)
        self.http = storage.http
        for bucket in (self.bucket, self.derived_bucket):
            assert self.http.post("/storage/v1/b", json={"name": bucket}).status_code == 200
        options = {"api_endpoint": storage.url}
        self.client = Client(project="demo-reelgate", credentials=AnonymousCredentials(), client_options=options)
        self.derived_objects = GcsDerivedObjects(self.client, self.derived_bucket)  # type: ignore[assignment]
        self.media_ranges = GcsMediaRanges(self.client, self.bucket)  # type: ignore[assignment]
        self.converter = PyavConverter()  # type: ignore[assignment]

    async def store(self, filename: str, data: bytes) -> Video:
        """Upload a video: its bytes into the emulator, the news of it into the books."""
        granted = await self.grant(filename, len(data))
        name = f"ada/{granted.upload.upload_id}/{filename}"
        params = {"uploadType": "media", "name": name}
        sent = self.http.post(
            f"/upload/storage/v1/b/{self.bucket}/o", params=params, content=data, headers={"Content-Type": "video/mp4"}
        )
        written: StoredObject = self.media.write(name, data, "video/mp4")
        generation = int(sent.json()["generation"])
        self.media.objects[name] = StoredObject(
            name=name, generation=generation, size=len(data), content_type="video/mp4", crc32c=written.crc32c
        )
        video = (await finish_upload(self, name)).video
        assert video is not None
        return video

    def derived(self) -> dict[str, httpx.Response]:
        """Return what is in the bucket for what is derived, by the end of the name."""
        items = self.http.get(f"/storage/v1/b/{self.derived_bucket}/o").json().get("items", [])
        path = f"/storage/v1/b/{self.derived_bucket}/o/"
        names = [item["name"] for item in items]
        return {
            name.rpartition("/")[2]: self.http.get(path + name.replace("/", "%2F"), params={"alt": "media"}) for name in names
        }


@pytest.fixture
def services(storage: Emulator, request: pytest.FixtureRequest) -> Iterator[ConvertingServices]:
    made = ConvertingServices(storage, f"test-{abs(hash(request.node.nodeid)) % 10**10}")
    yield made
    made.client.close()
