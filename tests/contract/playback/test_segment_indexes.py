"""What every reader of segment indexes keeps of its promises, in memory and in the storage emulator."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.playback.bucket_indexes import BucketIndexes
from reelgate.domain.errors import Unavailable
from reelgate.domain.playback.segment_index import Rendition, Segment, SegmentIndex
from reelgate.ports.playback import SegmentIndexes
from tests.doubles.memory_derived import MemoryDerivedObjects
from tests.doubles.memory_indexes import MemoryIndexes
from tests.fixtures.storage_emulator import Emulator, running

NAME = "ada/31df231489c84c47a78c6dc45d8847bf/7/hls/index.json"
INDEX = SegmentIndex(
    renditions=(
        Rendition(
            name="v0",
            codecs="avc1.64001f",
            width=160,
            height=90,
            frame_rate=10.0,
            init_size=1332,
            segments=(Segment(1340, 10, 4000), Segment(1358, 20, 4000)),
        ),
    )
)


@dataclass
class Reader:
    """A reader, and how an object gets into its bucket."""

    indexes: SegmentIndexes
    write: Callable[[str, bytes], None]


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for all tests."""
    yield from running(tmp_path_factory.mktemp("gcs"))


@pytest.fixture(params=["memory", pytest.param("emulator", marks=pytest.mark.emulator)])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    if request.param == "memory":
        objects = MemoryDerivedObjects()
        yield Reader(MemoryIndexes(objects), lambda name, data: objects.objects.update({name: ("application/json", data)}))
        return
    emulator: Emulator = request.getfixturevalue("storage")
    bucket = f"test-{uuid.uuid4().hex[:12]}"
    assert emulator.http.post("/storage/v1/b", json={"name": bucket}).status_code == 200
    rest = GoogleRest(emulator.url)

    def write(name: str, data: bytes) -> None:
        params = {"uploadType": "media", "name": name}
        assert emulator.http.post(f"/upload/storage/v1/b/{bucket}/o", params=params, content=data).status_code == 200

    yield Reader(BucketIndexes(rest, bucket), write)
    rest.close()


async def test_an_index_is_found_by_its_name(reader: Reader) -> None:
    reader.write(NAME, INDEX.to_json())
    video = await reader.indexes.find(NAME)
    assert video is not None
    assert video.index == INDEX


async def test_without_an_object_there_is_none(reader: Reader) -> None:
    assert await reader.indexes.find(NAME) is None
    reader.write(NAME, INDEX.to_json())
    assert await reader.indexes.find(NAME) is not None  # that there was none is not remembered


@pytest.mark.parametrize("data", [b"", b"{}", b'{"v": 2, "renditions": []}'])
async def test_an_index_that_cannot_be_read_is_unavailable(reader: Reader, data: bytes) -> None:
    reader.write(NAME, data)
    with pytest.raises(Unavailable):
        await reader.indexes.find(NAME)
