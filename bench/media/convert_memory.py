"""Does the converter's memory grow with the video? A real one of 300 MB against one of 30 MB, made on the spot.

`python -m bench.media.convert_memory [--megabytes 300]`
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from localcloud.demo.video import make_video
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.media.containers import HEAD_BYTES, container_of

BYTES_PER_SECOND = 640 * 360 * 1.5 * 24 * 0.3 * 0.78
"""What `make_video` makes of a second with 30 % noise, roughly."""


@dataclass
class FileSource:
    """A file on disk, read in ranges."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    async def read(self, start: int, length: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(length)


class Counter:
    """Takes bytes and forgets them."""

    async def write(self, data: bytes) -> None:
        pass


async def _no_tick(_: int) -> None:
    pass


async def _convert(path: Path) -> None:
    source, converter = FileSource(path), PyavConverter()
    container = container_of(await source.read(0, HEAD_BYTES))
    if container is None:
        raise ValueError(f"{path} is no media file")
    await converter.examine(source, container, poster=True, seconds=600, tick=_no_tick)
    await converter.extract_audio(
        source, container, Counter(), title="t", max_seconds=86_400, max_bytes=1 << 40, seconds=600, tick=_no_tick
    )


def measure(path: Path) -> dict[str, float]:
    """Convert a file in a fresh process; return its size, its converter's peak memory in MiB, and the seconds it took."""
    code = (
        "import asyncio, resource, sys; from pathlib import Path; from bench.media.convert_memory import _convert;"
        "asyncio.run(_convert(Path(sys.argv[1])));"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    begun = time.perf_counter()
    peak = int(subprocess.check_output([sys.executable, "-c", code, str(path)], env=env))
    return {
        "megabytes": round(path.stat().st_size / 1e6),
        "peak_mib": round(peak / 1024, 1),
        "seconds": round(time.perf_counter() - begun, 1),
    }


def main() -> None:
    """Print one line per video."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    largest = parser.parse_args().megabytes
    with TemporaryDirectory() as folder:
        for megabytes in (largest // 10, largest):
            seconds = max(2, round(megabytes * 1e6 / BYTES_PER_SECOND))
            print(json.dumps(measure(make_video(Path(folder) / "video.mp4", seconds=seconds, noise=0.3))))


if __name__ == "__main__":
    main()
