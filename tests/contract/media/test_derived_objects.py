"""The bucket of derived media, in memory and in the storage emulator: what is written is read whole, in parts, and joined."""

from __future__ import annotations

import os

import pytest
from google.auth.credentials import AnonymousCredentials

from reelgate.adapters.storage.gcs_derived import connect
from reelgate.domain.errors import Unavailable
from reelgate.ports.media import DerivedObjects
from tests.contract.media.conftest import Bucket
from tests.doubles.memory_derived import MemoryDerivedObjects
from tests.doubles.memory_media import MemoryMedia
from tests.fixtures.media.films import film, packaged, pictures_in, sound_in


@pytest.fixture
def derived(bucket: Bucket) -> DerivedObjects:
    if isinstance(bucket.media, MemoryMedia):
        return MemoryDerivedObjects()
    return connect("demo", bucket.name, credentials=AnonymousCredentials())


async def put(derived: DerivedObjects, name: str, data: bytes) -> None:
    writer = derived.create(name, content_type="video/mp4")
    await writer.write(data)
    await writer.finish()


async def test_an_object_is_read_whole_and_in_parts(derived: DerivedObjects) -> None:
    data = os.urandom(3000)
    await put(derived, "u/f/1/hls/v0.mp4", data)
    assert await derived.read("u/f/1/hls/v0.mp4") == data
    assert await derived.read("u/f/1/hls/v0.mp4", 0, 100) == data[:100]
    assert await derived.read("u/f/1/hls/v0.mp4", 1000, 500) == data[1000:1500]
    assert await derived.read("u/f/1/hls/v0.mp4", 2900) == data[2900:]


async def test_what_is_not_there_cannot_be_read_now(derived: DerivedObjects) -> None:
    with pytest.raises(Unavailable):
        await derived.read("u/f/1/hls/v0.mp4")
    await put(derived, "a", b"x")
    with pytest.raises(Unavailable):
        await derived.compose("whole", ["a", "b"], content_type="video/mp4")


async def test_shards_are_joined_also_from_joined_ones_and_again(derived: DerivedObjects) -> None:
    pieces = [os.urandom(50 + number) for number in range(40)]
    for number, piece in enumerate(pieces):
        await put(derived, f"v1/{number}", piece)
    for _ in range(2):
        await derived.compose("v1/joined-0", [f"v1/{number}" for number in range(32)], content_type="video/mp4")
        await derived.compose("v1/joined-1", [f"v1/{number}" for number in range(32, 40)], content_type="video/mp4")
        await derived.compose("v1.mp4", ["v1/joined-0", "v1/joined-1"], content_type="video/mp4")
    await derived.compose("one.mp4", ["v1/0"], content_type="video/mp4")
    await derived.remove_all("v1/")
    assert await derived.read("v1.mp4") == b"".join(pieces)
    assert await derived.read("one.mp4") == pieces[0]
    with pytest.raises(Unavailable):
        await derived.read("v1/0")


async def test_a_fragmented_file_in_pieces_is_the_file(derived: DerivedObjects) -> None:
    data, rendition = packaged(film(seconds=9))
    cuts = [0, *(segment.offset for segment in rendition.segments[1:]), len(data)]
    names = [f"v1/{number}" for number in range(len(cuts) - 1)]
    for name, first, end in zip(names, cuts, cuts[1:], strict=False):
        await put(derived, name, data[first:end])
    await derived.compose("v1.mp4", names, content_type="video/mp4")
    joined = await derived.read("v1.mp4")
    assert (pictures_in(joined), sound_in(joined)) == (pictures_in(data), sound_in(data))
