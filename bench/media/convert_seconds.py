"""How long does `convert` work on a video? CPU seconds per MiB and per minute, for H.264 and AAC at usual bit rates.

    python -m bench.media.convert_seconds [--seconds 60]

--seconds is the length of the videos, which are made on the spot. CPU time, because wall time says how busy this
machine is; one core is busy at a time, so on an idle CPU of the same speed it is the time that passes, but for waiting for the
bucket. Facts and poster are one number, the MP3 another, which `rules.audio = "on_request"` spares.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from bench.media.convert_memory import Counter, FileSource
from localcloud.demo.video import make_video
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.media.containers import HEAD_BYTES, container_of

SIZES = {"720p": (1280, 720, 0.012), "1080p": (1920, 1080, 0.0085)}
"""Width, height, and the part of the picture that is noise, which makes 5 and 8 Mbit/s: what cameras and platforms use."""

SAMPLE_RATE = 48_000


def make(path: Path, size: str, seconds: int) -> None:
    """Write an MP4 with H.264 and stereo AAC."""
    width, height, noise = SIZES[size]
    silent = make_video(path.with_suffix(".picture.mp4"), seconds=seconds, width=width, height=height, noise=noise)
    with av.open(str(silent)) as source, av.open(str(path), "w", options={"movflags": "+faststart"}) as target:
        picture = target.add_stream_from_template(source.streams.video[0])
        sound = target.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options={"b": "160k"})
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                target.mux(packet)
        rng = random.Random(1)
        for number in range(seconds * SAMPLE_RATE // 1024):
            target.mux(sound.encode(_sound(number, rng)))
        target.mux(sound.encode(None))
    silent.unlink()


def measure(path: Path) -> dict[str, float]:
    """Convert a file in a fresh process, twice, so that imports do not count. Returns seconds of CPU time."""
    code = (
        "import asyncio, json, sys; from pathlib import Path; from bench.media.convert_seconds import work;"
        "path = Path(sys.argv[1]); asyncio.run(work(path)); print(json.dumps(asyncio.run(work(path))))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    taken: dict[str, float] = json.loads(subprocess.check_output([sys.executable, "-c", code, str(path)], env=env))
    return taken


async def work(path: Path) -> dict[str, float]:
    """Do what `convert` does with a video, and return the CPU seconds of each part, child processes included."""
    source, converter = FileSource(path), PyavConverter()
    container = container_of(await source.read(0, HEAD_BYTES))
    if container is None:
        raise ValueError(f"{path} is no media file")
    begun = _cpu()
    await converter.examine(source, container, poster=True, seconds=600, tick=_no_tick)
    examined = _cpu()
    await converter.extract_audio(
        source, container, Counter(), title="t", max_seconds=86_400, max_bytes=1 << 40, seconds=600, tick=_no_tick
    )
    return {"facts_and_poster": examined - begun, "mp3": _cpu() - examined}


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


async def _no_tick(_: int) -> None:
    await asyncio.sleep(0)


def _sound(number: int, rng: random.Random) -> av.AudioFrame:
    frame = av.AudioFrame("fltp", "stereo", 1024)
    for plane in frame.planes:
        plane.update(struct.pack("<1024f", *(rng.uniform(-0.2, 0.2) for _ in range(1024))))
    frame.sample_rate, frame.pts = SAMPLE_RATE, number * 1024
    return frame


def main() -> None:
    """Print one line per video."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="length of the videos (default: %(default)s)")
    seconds = parser.parse_args().seconds
    for size in SIZES:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "video.mp4"
            make(path, size, seconds)
            mebibytes = path.stat().st_size / 2**20
            taken = measure(path)
        total = sum(taken.values())
        line = {"video": size, "seconds": seconds, "mib": mebibytes, **taken, "per_mib": total / mebibytes}
        print(json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in line.items()}))


if __name__ == "__main__":
    main()
