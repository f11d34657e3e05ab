"""The index of segments: what is stored is what is read, and ranges of time are ranges of bytes."""

from __future__ import annotations

import pytest

from reelgate.domain.playback.segment_index import Rendition, Segment, SegmentIndex

RENDITION = Rendition(
    name="v0",
    codecs="avc1.64001f,mp4a.40.2",
    width=1280,
    height=720,
    frame_rate=24.0,
    init_size=1000,
    segments=(Segment(1000, 10, 4000), Segment(1010, 20, 4000), Segment(1030, 40, 2500)),
)


def test_what_is_stored_is_what_is_read() -> None:
    index = SegmentIndex(renditions=(RENDITION,))
    assert SegmentIndex.from_json(index.to_json()) == index


@pytest.mark.parametrize("data", [b"", b"[]", b'{"v": 2, "renditions": []}', b'{"v": 1}', b'{"v": 1, "renditions": [{}]}'])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json.loads has its own words
        SegmentIndex.from_json(data)


def test_a_rendition_knows_its_size_and_duration() -> None:
    assert (RENDITION.size, RENDITION.duration_seconds) == (1070, 10.5)
    assert SegmentIndex(renditions=(RENDITION,)).rendition("v0") is RENDITION
    assert SegmentIndex(renditions=(RENDITION,)).rendition("v1") is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 10.5, 70),
        (0, 100, 70),
        (0, 4, 10),
        (0, 4.001, 30),
        (3.999, 4.001, 30),
        (4, 8, 20),
        (8, 9, 40),
        (10.5, 20, 0),
        (50, 60, 0),
    ],
)
def test_a_range_of_time_has_the_bytes_of_its_segments(first: float, last: float, expected: int) -> None:
    assert RENDITION.bytes_between(first, last) == expected
