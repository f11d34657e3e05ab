"""What every bucket keeps of its promises: create-only writes, lists, compositions, removals."""

from __future__ import annotations

import asyncio
import base64
import io
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import google_crc32c
import pytest

from reelgate.domain.books.video import StoredObject
from reelgate.domain.uploads import crc32c
from tests.contract.media.conftest import Bucket


def checksum(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


async def put(bucket: Bucket, name: str, data: bytes) -> StoredObject | None:
    return await bucket.media.put(name, io.BytesIO(data), content_type="video/mp4", size=len(data), upload_id="u1")


async def put_new(bucket: Bucket, name: str, data: bytes) -> StoredObject:
    stored = await put(bucket, name, data)
    assert stored is not None
    return stored


async def compose(bucket: Bucket, name: str, sources: list[StoredObject]) -> StoredObject | None:
    return await bucket.media.compose(name, sources, content_type="audio/mpeg", upload_id="u1")


async def test_what_is_put_is_found(bucket: Bucket) -> None:
    stored = await put_new(bucket, "a/ü ?#.mp4", b"data")
    assert stored == await bucket.media.find("a/ü ?#.mp4")
    assert (stored.name, stored.size, stored.content_type, stored.crc32c) == (
        "a/ü ?#.mp4",
        4,
        "video/mp4",
        checksum(b"data"),
    )
    assert stored.content_encoding is None
    assert stored.written_at is not None
    assert abs(stored.written_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert await bucket.media.find("a/ü ?#.mp") is None


async def test_put_never_replaces(bucket: Bucket) -> None:
    first = await put_new(bucket, "a", b"first")
    assert await put(bucket, "a", b"second") is None
    assert await bucket.media.find("a") == first
    assert bucket.bytes_of("a") == b"first"


SETTINGS = {
    "cacheControl": "public, max-age=31536000",
    "contentDisposition": 'attachment; filename="setup.exe"',
    "contentLanguage": "de",
    "metadata.note": "täg",
    "metadata.upload-id": "another",
}


async def test_settings_that_nobody_granted_are_seen_and_taken_away(bucket: Bucket) -> None:
    bucket.write("u/f1/a.mp4", b"data", "video/mp4", SETTINGS)
    found = await bucket.media.find("u/f1/a.mp4")
    assert found is not None
    assert dict(found.settings) == SETTINGS
    assert await bucket.media.listing("u/") == [found]
    assert set(found.settings_not_granted("f1")) == set(SETTINGS)

    reset = await bucket.media.reset(found, upload_id="f1")
    assert reset == await bucket.media.find("u/f1/a.mp4")
    assert reset == replace(found, settings=(("metadata.upload-id", "f1"),))
    assert reset.settings_not_granted("f1") == ()
    assert bucket.bytes_of("u/f1/a.mp4") == b"data"
    assert await bucket.media.reset(found, upload_id="f1") == reset  # twice is fine, and at once by two as well
    again = await asyncio.gather(*(bucket.media.reset(found, upload_id="f1") for _ in range(4)))
    assert again == [reset] * 4


async def test_what_the_server_writes_has_nothing_that_nobody_granted(bucket: Bucket) -> None:
    part = await put_new(bucket, "p", b"x")
    whole = await compose(bucket, "w", [part])
    assert whole is not None
    for made in (part, whole):
        assert made.settings == (("metadata.upload-id", "u1"),)
        assert made.settings_not_granted("u1") == ()
        assert await bucket.media.reset(made, upload_id="u1") == made


async def test_settings_of_parts_do_not_get_into_the_whole(bucket: Bucket) -> None:
    bucket.write("p", b"x", "application/octet-stream", SETTINGS)
    part = await bucket.media.find("p")
    assert part is not None
    whole = await compose(bucket, "w", [part])
    assert whole is not None
    assert whole.settings == (("metadata.upload-id", "u1"),)


async def test_another_generation_is_left_alone(bucket: Bucket) -> None:
    bucket.write("u/f1/a.mp4", b"data", "video/mp4", SETTINGS)
    found = await bucket.media.find("u/f1/a.mp4")
    assert found is not None
    await bucket.media.remove(found.name, found.generation)
    assert await bucket.media.reset(found, upload_id="f1") is None
    bucket.write("u/f1/a.mp4", b"other", "video/mp4", SETTINGS)
    later = await bucket.media.find("u/f1/a.mp4")
    assert await bucket.media.reset(found, upload_id="f1") is None
    assert await bucket.media.find("u/f1/a.mp4") == later


async def test_a_file_that_was_read_before_is_put_from_its_beginning(bucket: Bucket) -> None:
    file = io.BytesIO(b"data")
    file.read()
    await bucket.media.put("a", file, content_type="video/mp4", size=4, upload_id="u1")
    assert bucket.bytes_of("a") == b"data"


async def test_puts_of_one_name_at_once(bucket: Bucket) -> None:
    results = await asyncio.gather(*(put(bucket, "a", bytes([n]) * 1000) for n in range(8)))
    (winner,) = [result for result in results if result is not None]
    assert await bucket.media.find("a") == winner


async def test_lists_are_ordered_by_name_and_paged(bucket: Bucket) -> None:
    names = ["p/a", "p/a/b", "p/b", "p/\u00fc", "p/\uffff", "p/\U0001f3ac", "q"]  # by UTF-8, which UTF-16 would turn round
    for name in reversed(names):
        await put_new(bucket, name, b"x")
    everything = await bucket.media.listing("p/")
    assert [found.name for found in everything] == names[:-1]
    assert [found.name for found in await bucket.media.listing("p/", limit=2)] == names[:2]
    assert [found.name for found in await bucket.media.listing("p/", after="p/a/b", limit=3)] == names[2:5]
    assert [found.name for found in await bucket.media.listing("p/", after="p/aa")] == names[2:6]
    assert await bucket.media.listing("p/", after=names[5]) == []
    assert await bucket.media.listing("nothing/") == []
    assert everything[0] == await bucket.media.find("p/a")


async def test_a_composition_is_its_sources_in_order(bucket: Bucket) -> None:
    data = [os.urandom(1000 + n) for n in range(32)]
    sources = [await put_new(bucket, f"s/{n}", one) for n, one in enumerate(data)]
    made = await compose(bucket, "whole", sources)
    assert made is not None
    assert made == await bucket.media.find("whole")
    assert bucket.bytes_of("whole") == b"".join(data)
    assert (made.content_type, made.size) == ("audio/mpeg", sum(map(len, data)))
    assert made.crc32c == crc32c.combine((source.crc32c, source.size) for source in sources)
    assert len(await bucket.media.listing("s/")) == 32


async def test_compositions_of_compositions(bucket: Bucket) -> None:
    one, two = await put_new(bucket, "1", b"one"), await put_new(bucket, "2", b"two")
    both = await compose(bucket, "12", [one, two])
    assert both is not None
    assert await compose(bucket, "1212", [both, both]) is not None
    assert bucket.bytes_of("1212") == b"onetwoonetwo"


async def test_a_composition_never_replaces(bucket: Bucket) -> None:
    one, two = await put_new(bucket, "1", b"one"), await put_new(bucket, "2", b"two")
    first = await compose(bucket, "whole", [one])
    assert await compose(bucket, "whole", [two]) == first
    assert bucket.bytes_of("whole") == b"one"


async def test_compositions_of_one_name_at_once_are_one(bucket: Bucket) -> None:
    sources = [await put_new(bucket, str(n), bytes([n]) * 1000) for n in range(5)]
    results = await asyncio.gather(*(compose(bucket, "whole", sources) for _ in range(6)))
    assert len({result.generation for result in results if result is not None}) == 1
    assert None not in results


@pytest.mark.parametrize("gone", ["removed", "replaced"])
async def test_a_source_that_is_gone(bucket: Bucket, gone: str) -> None:
    one, two = await put_new(bucket, "1", b"one"), await put_new(bucket, "2", b"two")
    await bucket.media.remove("2", two.generation)
    if gone == "replaced":
        await put_new(bucket, "2", b"other")
    assert await compose(bucket, "whole", [one, two]) is None
    assert await bucket.media.find("whole") is None


async def test_removing_many(bucket: Bucket) -> None:
    objects = [await put_new(bucket, f"p/{n:03d}", b"x") for n in range(130)]
    kept = await put_new(bucket, "p/kept", b"x")
    await bucket.media.remove_all(objects)
    assert await bucket.media.listing("p/") == [kept]
    await bucket.media.remove_all(objects[:3])
    await bucket.media.remove_all([])


async def test_one_that_is_gone_keeps_none_from_being_removed(bucket: Bucket) -> None:
    objects = [await put_new(bucket, f"p/{n}", b"x") for n in range(3)]
    await bucket.media.remove("p/1", objects[1].generation)
    await bucket.media.remove_all(objects)
    assert await bucket.media.listing("p/") == []


async def test_only_the_generation_that_is_named_is_removed(bucket: Bucket) -> None:
    first = await put_new(bucket, "a", b"x")
    await bucket.media.remove("a", first.generation)
    second = await put_new(bucket, "a", b"y")
    assert second.generation > first.generation
    await bucket.media.remove("a", first.generation)
    await bucket.media.remove_all([first, replace(first, name="b")])
    assert await bucket.media.find("a") == second


async def test_a_placeholder_takes_the_place_of_one_generation(bucket: Bucket) -> None:
    first = await put_new(bucket, "a", b"first")
    assert not await bucket.media.put_placeholder("a", generation=0, upload_id="u1")
    assert not await bucket.media.put_placeholder("a", generation=first.generation + 1, upload_id="u1")
    assert await bucket.media.find("a") == first
    assert await bucket.media.put_placeholder("a", generation=first.generation, upload_id="u1")
    placeholder = await bucket.media.find("a")
    assert placeholder is not None
    assert placeholder.is_placeholder
    assert (placeholder.size, placeholder.settings_not_granted("u1")) == (0, ())
    assert placeholder.generation > first.generation
    assert await bucket.media.listing("a") == [placeholder]
    assert not await bucket.media.put_placeholder("a", generation=first.generation, upload_id="u1")  # it is there already
    assert await put(bucket, "a", b"second") is None
    assert await bucket.media.find("a") == placeholder


async def test_a_placeholder_takes_a_free_name(bucket: Bucket) -> None:
    assert await bucket.media.put_placeholder("a", generation=0, upload_id="u1")
    gone = await put_new(bucket, "b", b"data")
    await bucket.media.remove("b", gone.generation)
    assert await bucket.media.put_placeholder("b", generation=gone.generation, upload_id="u1")
    assert [found.is_placeholder for found in await bucket.media.listing("")] == [True, True]
    empty = await put_new(bucket, "c", b"")
    assert not empty.is_placeholder
