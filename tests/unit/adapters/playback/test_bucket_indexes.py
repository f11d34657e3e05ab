"""The reader of segment indexes: what it keeps, for how long, and what it does when the bucket does not answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from reelgate.adapters.google.http_connection import Answer
from reelgate.adapters.playback import bucket_indexes
from reelgate.adapters.playback.bucket_indexes import BucketIndexes
from reelgate.domain.errors import Unavailable
from reelgate.domain.playback.segment_index import Rendition, Segment, SegmentIndex


def an_index(segments: int = 1) -> bytes:
    rendition = Rendition(
        name="v0",
        codecs="avc1.64001f",
        width=160,
        height=90,
        frame_rate=10.0,
        init_size=1332,
        segments=tuple(Segment(1340 + number, 1, 4000) for number in range(segments)),
    )
    return SegmentIndex(renditions=(rendition,)).to_json()


@dataclass
class Bucket:
    """Stands for the JSON API: gives the answers in their order, the last one for ever, and notes the paths."""

    answers: list[Answer]
    paths: list[str] = field(default_factory=list)

    async def call(self, method: str, path: str, **_: Any) -> Answer:
        assert method == "GET"
        self.paths.append(path)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def found(data: bytes) -> Answer:
    return Answer(200, {}, data)


def reader(bucket: Bucket, *, clock: list[float] | None = None) -> BucketIndexes:
    now = clock or [0.0]
    return BucketIndexes(bucket, "der ived", clock=lambda: now[0])  # type: ignore[arg-type]


async def test_an_index_is_read_once_a_minute() -> None:
    bucket, clock = Bucket([found(an_index())]), [0.0]
    indexes = reader(bucket, clock=clock)
    first = await indexes.find("ada/f1/7/hls/index.json")
    clock[0] = bucket_indexes.MAX_AGE_SECONDS - 1.0
    assert await indexes.find("ada/f1/7/hls/index.json") is first
    assert bucket.paths == ["/storage/v1/b/der%20ived/o/ada%2Ff1%2F7%2Fhls%2Findex.json?alt=media"]
    clock[0] = float(bucket_indexes.MAX_AGE_SECONDS)
    assert await indexes.find("ada/f1/7/hls/index.json") is not first
    assert len(bucket.paths) == 2


async def test_an_index_that_is_gone_is_forgotten() -> None:
    bucket, clock = Bucket([found(an_index()), Answer(404, {}, b"")]), [0.0]
    indexes = reader(bucket, clock=clock)
    assert await indexes.find("a") is not None
    clock[0] = 1000.0
    assert await indexes.find("a") is None


async def test_what_is_kept_is_bounded_and_the_one_not_seen_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket([found(an_index())])
    monkeypatch.setattr(bucket_indexes, "MAX_KEPT_BYTES", 2 * len(an_index()))
    indexes = reader(bucket)
    for name in ("a", "b", "a", "c", "a", "b"):
        await indexes.find(name)
    assert [path.split("/o/")[1][0] for path in bucket.paths] == ["a", "b", "c", "b"]


async def test_a_bucket_that_fails_once_is_asked_again() -> None:
    bucket = Bucket([Answer(503, {}, b""), found(an_index())])
    assert await reader(bucket).find("a") is not None


@pytest.mark.parametrize("status", [403, 500])
async def test_a_bucket_that_refuses_is_unavailable(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket([Answer(status, {}, b"")])
    monkeypatch.setattr("reelgate.adapters.google.retries.asyncio.sleep", _at_once)
    with pytest.raises(Unavailable):
        await reader(bucket).find("a")
    assert len(bucket.paths) == (1 if status == 403 else 4)


async def _at_once(_: float) -> None:
    """Wait for nothing."""
