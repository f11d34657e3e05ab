"""How long does the encoder work on a rendition? Times real time per CPU second, and the memory of its process.

    python -m bench.media.rendition_seconds [--seconds 30]

--seconds is the length of the videos, which are made on the spot and packaged. Decoding, scaling and encoding run in one
thread, so a run of `convert` on one CPU encodes as many seconds of video as these figures times its own seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import resource
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.media.convert_memory import FileSource
from bench.media.convert_seconds import SIZES, make
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.media.containers import HEAD_BYTES, container_of
from reelgate.domain.playback.renditions.kinds import KINDS, RenditionKind, ShardOrder
from reelgate.domain.playback.segment_index import Rendition

MIB = 1024 * 1024


class Kept(io.BytesIO):
    """What was written."""

    async def write(self, data: bytes) -> None:  # type: ignore[override] - as a Sink
        """Append."""
        super().write(data)


class InMemory:
    """Bytes as a source."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self._data)

    async def read(self, start: int, length: int) -> bytes:
        """Return a range."""
        return self._data[start : start + length]


async def measure(path: Path, size: str) -> dict[str, object]:
    """Package a video, and encode each of its renditions as one shard."""
    converter, source, kept = PyavConverter(), FileSource(path), Kept()
    container = container_of(await source.read(0, HEAD_BYTES))
    if container is None:
        raise ValueError(f"{path} is no media file")
    packaged = await converter.package(source, container, kept, max_bytes=1 << 40, seconds=600, tick=_no_tick)
    width, height, _ = SIZES[size]
    original = Rendition(
        name="v0",
        codecs=packaged.codecs,
        width=width,
        height=height,
        frame_rate=packaged.frame_rate,
        init_size=packaged.init_size,
        segments=packaged.segments,
    )
    figures = [await _encode(converter, kept.getvalue(), original, kind) for kind in KINDS]
    return {"source": size, "renditions": figures}


async def _encode(converter: PyavConverter, data: bytes, original: Rendition, kind: RenditionKind) -> dict[str, object]:
    width, height = kind.size_of(original.width, original.height)
    order = ShardOrder(
        encoder="libx264",
        width=width,
        height=height,
        bits_per_second=kind.bits_per_second,
        frame_rate=original.frame_rate,
        lead_bytes=original.init_size,
        number=0,
    )
    begun = os.times()
    made = await converter.encode_shard(InMemory(data), order, Kept(), max_bytes=1 << 40, seconds=3600, tick=_no_tick)
    ended = os.times()
    spent = ended.children_user - begun.children_user + ended.children_system - begun.children_system
    return {
        "rendition": kind.label,
        "cpu_seconds": round(spent, 1),
        "times_real_time": round(original.duration_seconds / spent, 1),
        "kbit_per_second": round(made.size * 8 / original.duration_seconds / 1000),
        "largest_process_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MIB),
    }


async def _no_tick(_: int) -> None:
    await asyncio.sleep(0)


def main() -> None:
    """Print the figures of each size as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.mp4"
            make(path, size, options.seconds)
            print(json.dumps(asyncio.run(measure(path, size))))


if __name__ == "__main__":
    main()
