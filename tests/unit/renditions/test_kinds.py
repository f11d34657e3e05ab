"""Which renditions there are, and where a video is divided."""

from __future__ import annotations

import pytest

from reelgate.domain.playback.renditions.kinds import KINDS, ShardRange, kinds_for, shards_of
from reelgate.domain.playback.renditions.shard_table import ShardTable
from reelgate.domain.playback.segment_index import Rendition, Segment

SMALL, MIDDLE = KINDS


def of(*seconds: float) -> Rendition:
    segments = tuple(Segment(100 * number, 100, round(length * 1000)) for number, length in enumerate(seconds))
    return Rendition(name="v0", codecs="avc1", width=1, height=1, frame_rate=1.0, init_size=0, segments=segments)


@pytest.mark.parametrize(
    ("size", "small"),
    [((1920, 1080), (426, 240)), ((1080, 1920), (240, 426)), ((641, 361), (426, 240)), ((4096, 242), (4062, 240))],
)
def test_sizes_are_even_and_in_proportion(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert SMALL.size_of(*size) == small


def test_only_what_is_smaller_and_in_the_settings() -> None:
    assert kinds_for(("480p", "240p"), 1280, 720) == (SMALL, MIDDLE)
    assert kinds_for(("480p",), 1280, 720) == (MIDDLE,)
    assert kinds_for(("240p", "480p"), 480, 640) == (SMALL,)
    assert kinds_for(("240p", "480p"), 1000, 240) == ()
    assert kinds_for((), 1280, 720) == ()


def test_shards_are_whole_segments_with_the_one_before() -> None:
    assert shards_of(of(4, 4, 4, 10, 1), 8) == (
        ShardRange(lead=0, first=0, end=2),
        ShardRange(lead=1, first=2, end=4),
        ShardRange(lead=3, first=4, end=5),
    )
    assert shards_of(of(60), 8) == (ShardRange(lead=0, first=0, end=1),)


def test_a_table_survives_the_bucket_and_nothing_else_is_taken_for_one() -> None:
    table = ShardTable(name="v1", source_bytes=9, width=2, height=2, frame_rate=24.0, init_size=3, starts=(0.0, -0.02))
    table = table.with_shard("a", 10, (Segment(3, 7, 4000),)).with_shard("b", 5, (Segment(0, 5, 2000),))
    assert table.segments == (Segment(3, 7, 4000), Segment(10, 5, 2000))
    assert ShardTable.from_json(table.to_json()) == table
    assert table.rendition().size == 15
    for other in (b"{}", b"no JSON", b'{"name":"v1"}'):
        with pytest.raises(ValueError, match=r".+"):
            ShardTable.from_json(other)
