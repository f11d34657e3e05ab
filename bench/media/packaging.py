"""What does packaging a video for players take? CPU time, memory and requests to the buckets, by the size of the video.

    python -m bench.media.packaging [--megabytes 3000] [--size 1080p]

The video is made on the spot: a clip of H.264 and AAC, repeated until it is as large as it should be. CPU time is that of both
processes, the function's and FFmpeg's; memory is the most that each of them ever had. Nothing is sent over a network.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from bench.media.convert_memory import FileSource
from bench.media.convert_seconds import make
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.adapters.storage.gcs_derived import LARGE_CHUNK_BYTES
from reelgate.domain.media.containers import HEAD_BYTES, container_of

CLIP_SECONDS = 20
SMALLER = (100, 10, 1)
"""The other sizes are the largest divided by these."""


class CountedSource(FileSource):
    """Counts how often it is read."""

    reads = 0

    async def read(self, start: int, length: int) -> bytes:
        self.reads += 1
        return await super().read(start, length)


class CountedSink:
    """Takes bytes, counts them and forgets them."""

    written = 0

    async def write(self, data: bytes) -> None:
        self.written += len(data)


def repeated(clip: Path, path: Path, size: int) -> Path:
    """Write a video that repeats a clip until it has so many bytes."""
    with av.open(str(path), "w", format="mp4") as target:
        streams: dict[int, av.stream.Stream] = {}
        written, moved = 0, 0
        while written < size or not written:
            with av.open(str(clip)) as source:
                streams = streams or {one.index: target.add_stream_from_template(one) for one in source.streams}
                for packet in source.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    written += packet.size
                    by = round(moved * CLIP_SECONDS / packet.time_base)
                    packet.dts, packet.pts = packet.dts + by, packet.pts + by
                    packet.stream = streams[packet.stream_index]
                    target.mux(packet)
            moved += 1
    return path


async def work(path: Path) -> dict[str, float]:
    """Package a file, and return what it took."""
    source, sink, converter = CountedSource(path), CountedSink(), PyavConverter()
    container = container_of(await source.read(0, HEAD_BYTES))
    if container is None:
        raise ValueError(f"{path} is no media file")
    before = os.times()
    made = await converter.package(source, container, sink, max_bytes=1 << 40, seconds=3600, tick=_no_tick)
    after = os.times()
    function = after.user + after.system - before.user - before.system
    ffmpeg = after.children_user + after.children_system - before.children_user - before.children_system
    megabytes = source.size / 1e6
    return {
        "megabytes": round(megabytes, 1),
        "segments": len(made.segments),
        "function_cpu": function,
        "ffmpeg_cpu": ffmpeg,
        "megabytes_per_cpu_second": megabytes / max(0.01, function + ffmpeg),
        "reads": source.reads,
        # A session is opened for each of the three objects, and the small ones are sent in one piece.
        "writes": math.ceil(sink.written / LARGE_CHUNK_BYTES) + 2 + 3,
    }


def measure(path: Path) -> dict[str, float]:
    """Package a file in a fresh process."""
    code = (
        "import asyncio, json, resource, sys; from pathlib import Path; from bench.media.packaging import work;"
        "taken = asyncio.run(work(Path(sys.argv[1])));"
        "peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)];"
        "print(json.dumps({**taken, 'function_mib': peaks[0], 'ffmpeg_mib': peaks[1]}))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    taken: dict[str, float] = json.loads(subprocess.check_output([sys.executable, "-c", code, str(path)], env=env))
    return taken


async def _no_tick(_: int) -> None:
    pass


def main() -> None:
    """Print one line per video."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=3000, help="size of the largest video (default: %(default)s)")
    parser.add_argument("--size", choices=("720p", "1080p"), default="1080p", help="of the pictures (default: %(default)s)")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        clip, video = Path(folder) / "clip.mp4", Path(folder) / "video.mp4"
        make(clip, given.size, CLIP_SECONDS)
        for divisor in SMALLER:
            taken = measure(repeated(clip, video, given.megabytes * 1_000_000 // divisor))
            print(json.dumps({name: round(value, 2) for name, value in taken.items()}))


if __name__ == "__main__":
    main()
