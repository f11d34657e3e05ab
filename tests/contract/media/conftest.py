"""The same bucket twice: in memory, and in the storage emulator through Google's client. Every test here runs on both."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from google.auth.credentials import AnonymousCredentials

from reelgate.adapters.storage.gcs_media import GcsMedia, connect
from tests.doubles.memory_media import MemoryMedia
from tests.fixtures.storage_emulator import Emulator, running


@dataclass
class Bucket:
    """A bucket of one test, and a look at the bytes in it."""

    media: MemoryMedia | GcsMedia
    name: str
    emulator: Emulator | None = None

    def write(self, object_name: str, data: bytes, content_type: str, settings: Mapping[str, str]) -> None:
        """Write an object with settings, as somebody does who has the right to write."""
        if isinstance(self.media, MemoryMedia):
            self.media.write(object_name, data, content_type, **settings)
            return
        blob = self.media._bucket.blob(object_name)
        blob.cache_control, blob.content_disposition = settings["cacheControl"], settings["contentDisposition"]
        blob.content_language = settings["contentLanguage"]
        keys = [name for name in settings if name.startswith("metadata.")]
        blob.metadata = {name.removeprefix("metadata."): settings[name] for name in keys}
        blob.upload_from_string(data, content_type=content_type)

    def bytes_of(self, object_name: str) -> bytes:
        """Return an object's bytes, which no use case ever asks for."""
        if isinstance(self.media, MemoryMedia):
            return self.media.data[object_name]
        return bytes(self.media._bucket.blob(object_name).download_as_bytes())


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for all tests."""
    yield from running(tmp_path_factory.mktemp("gcs"))


@pytest.fixture(params=["memory", pytest.param("emulator", marks=pytest.mark.emulator)])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket."""
    if request.param == "memory":
        yield Bucket(MemoryMedia(), "media")
        return
    emulator: Emulator = request.getfixturevalue("storage")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.url)
    name = f"test-{uuid.uuid4().hex[:12]}"
    assert emulator.http.post("/storage/v1/b", json={"name": name}).status_code == 200
    media = connect("demo", name, storage_url=emulator.url, credentials=AnonymousCredentials())
    yield Bucket(media, name, emulator)
    media._bucket.client.close()
    media._connections.close()
