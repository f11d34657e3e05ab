"""From an upload to renditions that players can choose, with the real encoder in its confined process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import RunFailed
from reelgate.domain.playback.playlists import PlayableVideo
from reelgate.domain.playback.renditions.kinds import ShardOrder
from reelgate.domain.playback.segment_index import SegmentIndex
from reelgate.use_cases.media.renditions.make_renditions import carry_out
from tests.fixtures.conversions import a_video, order, record_of
from tests.fixtures.media.films import film, packaged, pictures_in, sound_in
from tests.fixtures.memory_services import CONVERSION, MemoryServices


class Source:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    async def read(self, start: int, length: int) -> bytes:
        return self._data[start : start + length]


class Sink:
    def __init__(self) -> None:
        self.data = b""

    async def write(self, data: bytes) -> None:
        self.data += data


async def no_tick(_: int) -> None: ...


async def test_a_film_gets_a_small_rendition_that_plays_like_it() -> None:
    services = MemoryServices(converter=PyavConverter())  # type: ignore[arg-type] - where tests have a scripted one
    services.conversion = replace(CONVERSION, automatic=False, hls="automatic", renditions=("240p",), shard_seconds=4)
    limits = replace(services.policy.default_limits, storage_bytes=1 << 30, daily_bytes=1 << 30)
    services.policy = replace(services.policy, default_limits=limits, max_file_bytes=1 << 30)
    video = await a_video(services, "film.mp4", film(seconds=9, width=640, height=360, bf="2"))
    await carry_out(services, order(video))
    record = await record_of(services, video)
    assert (record.transcoding.state, record.transcoding.reason) == ("ready", None)
    folder = f"ada/{video.file_id}/{video.generation}/hls/"
    objects = {name: data for name, (_, data) in services.derived_objects.objects.items()}
    assert sorted(name.removeprefix(folder) for name in objects if folder in name) == [
        *("index.json", "thumbs.jpg", "v0.mp4", "v1.mp4")
    ]
    index = SegmentIndex.from_json(objects[f"{folder}index.json"])
    original, small = index.renditions
    joined, whole = objects[f"{folder}v1.mp4"], objects[f"{folder}v0.mp4"]
    assert (small.width, small.height) == (426, 240)
    assert small.segments[-1].offset + small.segments[-1].size == len(joined)
    assert [at for at, _ in pictures_in(joined)] == pytest.approx([at for at, _ in pictures_in(whole)], abs=0.001)
    assert sound_in(joined) == sound_in(whole)
    assert small.size < original.size
    master = PlayableVideo(index).master(lambda one: f"{one.name}.m3u8")
    assert 'RESOLUTION=426x240,FRAME-RATE=12.000,CODECS="avc1.4d40' in master


async def test_a_shard_that_takes_too_long_is_ended() -> None:
    data, original = packaged(film())
    with pytest.raises(RunFailed, match="too_slow"):
        await encode(data, original.init_size, seconds=0.2)


async def test_a_bucket_that_takes_no_more_ends_the_process() -> None:
    data, original = packaged(film())
    sink = Sink()

    async def away(_: bytes) -> None:
        raise Unavailable("The bucket is away.")

    sink.write = away  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await encode(data, original.init_size, sink=sink)


async def encode(data: bytes, init_size: int, *, seconds: float = 60, sink: Sink | None = None) -> None:
    asked = ShardOrder(
        encoder="libx264",
        width=160,
        height=90,
        bits_per_second=400_000,
        frame_rate=12.0,
        lead_bytes=init_size,
        number=0,
    )
    await PyavConverter().encode_shard(Source(data), asked, sink or Sink(), max_bytes=1 << 30, seconds=seconds, tick=no_tick)
