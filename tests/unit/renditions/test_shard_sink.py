"""The function believes nothing that the encoder's process sends: not the bytes, and not what it says of them."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.adapters.pyav.packaging.fragments import NoFragments
from reelgate.adapters.pyav.transcoding.shard_sink import MAX_BEGINNING_BYTES, ShardSink
from reelgate.domain.media.packaging import CannotPackage
from reelgate.domain.playback.renditions.kinds import ShardOrder
from tests.fixtures.media.films import film, packaged

END: dict[str, Any] = {"sound_ahead": 0.021, "starts": [0.0, -0.021]}


class Kept:
    def __init__(self) -> None:
        self.data = b""

    async def write(self, data: bytes) -> None:
        self.data += data


def asked(number: int = 0) -> ShardOrder:
    return ShardOrder(encoder="libx264", width=160, height=90, bits_per_second=1, frame_rate=12.0, lead_bytes=0, number=number)


async def taken(data: bytes, *, number: int = 0, max_bytes: int = 1 << 30, piece: int = 1000) -> tuple[ShardSink, Kept]:
    kept = Kept()
    sink = ShardSink(kept, asked(number), max_bytes)
    for at in range(0, len(data), piece):
        await sink.write(data[at : at + piece])
    return sink, kept


@pytest.mark.parametrize("piece", [100, 1000, 1 << 20])
async def test_only_the_first_shard_keeps_its_beginning(piece: int) -> None:
    data, original = packaged(film(seconds=4))
    for number, left_out in ((0, 0), (1, original.init_size)):
        sink, kept = await taken(data, number=number, piece=piece)
        made = sink.shard(END)
        assert (kept.data, made.size) == (data[left_out:], len(data) - left_out)
        assert made.segments[0].offset == original.segments[0].offset - left_out


async def test_more_bytes_than_it_may_have_are_not_passed_on() -> None:
    data, _ = packaged(film(seconds=4))
    with pytest.raises(CannotPackage, match="out_of_proportion"):
        await taken(data, max_bytes=len(data) - 1)


async def test_a_file_that_never_begins_is_refused() -> None:
    with pytest.raises(NoFragments):
        await taken(b"\0\0\0\x08free" * (MAX_BEGINNING_BYTES // 8 + 1), piece=1 << 20)


@pytest.mark.parametrize(
    "starts", [None, [], [0.0], ["a", 0.0], [float("nan"), 0.0], [0.0, float("inf")], [1e12, 0.0], [[0.0], 0.0]]
)
async def test_starts_that_are_none_are_refused(starts: object) -> None:
    sink, _ = await taken(packaged(film(seconds=4))[0])
    with pytest.raises(NoFragments):
        sink.shard({**END, "starts": starts})


@pytest.mark.parametrize("ahead", [0.1, -0.1, None, "a", float("nan")])
async def test_sound_that_is_moved_is_refused_in_the_first_shard(ahead: object) -> None:
    sink, _ = await taken(packaged(film(seconds=4))[0])
    with pytest.raises(CannotPackage, match="out_of_sync"):
        sink.shard({**END, "sound_ahead": ahead})
