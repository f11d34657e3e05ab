"""Segments found in bytes as they pass: in pieces of any size, and in bytes that are not what they should be."""

from __future__ import annotations

import random
import struct

import pytest

from reelgate.adapters.pyav.packaging.fragments import MAX_INDEX_BYTES, Fragments, FragmentScanner, NoFragments
from reelgate.adapters.pyav.packaging.scanned_sink import ScannedSink, packaged_of
from reelgate.domain.media.packaging import CannotPackage
from tests.fixtures.media.packaged_media import Recipe, Sink, make, package


async def packaged(recipe: Recipe) -> bytes:
    _, out = await package(make(recipe))
    return out


def scan(data: bytes, *, step: int = 1 << 20) -> Fragments:
    scanner = FragmentScanner()
    for at in range(0, len(data), step):
        scanner.take(data[at : at + step])
    return scanner.found()


async def test_pieces_of_any_size_give_the_same() -> None:
    data = await packaged(Recipe(seconds=9))
    whole = scan(data)
    assert len(whole.segments) == 3
    assert whole.codecs.startswith("avc1.64")
    for step in (1, 7, 8, 9, 1000, 65_536):
        assert scan(data, step=step) == whole


async def test_a_file_that_ends_too_early_is_refused() -> None:
    data = await packaged(Recipe(seconds=9))
    found = scan(data)
    for end in (0, 5, 100, found.init_size, found.init_size + 4, found.segments[0].offset + found.segments[0].size - 1):
        with pytest.raises(NoFragments):
            scan(data[:end])


async def test_damaged_bytes_end_in_a_refusal_or_a_result_and_in_nothing_else() -> None:
    data = await packaged(Recipe(seconds=5))
    rng = random.Random(3)
    head = scan(data).init_size + 600
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(head)] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        try:
            found = scan(bytes(damaged))
        except (NoFragments, CannotPackage):
            continue
        assert all(segment.size > 0 and segment.milliseconds > 0 for segment in found.segments)


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I4s", 4, b"ftyp"),
        struct.pack(">I4s", MAX_INDEX_BYTES + 100, b"moov"),
        struct.pack(">I4s", 16, b"mdat") + bytes(8),
        struct.pack(">I4s", 8, b"moov") + struct.pack(">I4s", 8, b"moov"),
        b"#EXTM3U\n#EXT-X-VERSION:7\n" * 100,
        bytes(1000),
    ],
    ids=["shorter than a header", "a huge index", "no beginning", "nothing in it", "a playlist", "zeros"],
)
def test_what_is_no_fragmented_file_is_refused(data: bytes) -> None:
    with pytest.raises(NoFragments):
        scan(data)


async def test_a_process_that_says_that_the_sound_is_elsewhere_gets_no_hls() -> None:
    data = await packaged(Recipe(seconds=5))
    truth = scan(data).sound_ahead
    assert truth is not None
    for said, fits in ((truth, True), (truth + 0.039, True), (truth - 0.041, False), (None, False), (float("nan"), False)):
        sink = ScannedSink(Sink(), 1 << 30)
        await sink.write(data)
        if fits:
            assert packaged_of(sink, {"sound_ahead": said}, None).size == len(data)
            continue
        with pytest.raises(CannotPackage) as refused:
            packaged_of(sink, {"sound_ahead": said}, None)
        assert refused.value.reason == "out_of_sync"


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"width": 160, "height": 90, "columns": 5, "starts": []},
        {"width": 160, "height": 90, "columns": 0, "starts": [0]},
        {"width": 160, "height": 90.5, "columns": 5, "starts": [0]},
        {"width": 160, "height": 90, "columns": 5, "starts": [-1]},
        {"width": 160, "height": 90, "columns": 5, "starts": list(range(101))},
        {"width": True, "height": 90, "columns": 5, "starts": [0]},
    ],
)
async def test_small_pictures_without_a_plausible_place_are_left_out(said: object) -> None:
    sink = ScannedSink(Sink(), 1 << 30)
    data = await packaged(Recipe(seconds=5, sound=()))
    await sink.write(data)
    made = packaged_of(sink, {"sprites": said}, b"jpeg")
    assert (made.sheet, made.sprites) == (None, None)
