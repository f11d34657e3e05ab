"""A real video with picture and sound, generated when needed: colour bars with moving noise, and a tone."""

from __future__ import annotations

import math
import random
import struct
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av

FRAMES_PER_SECOND = 24
SAMPLE_RATE = 44_100


def make_video(path: Path, *, seconds: int, width: int = 640, height: int = 360, noise: float = 0.0, seed: int = 1) -> Path:
    """Write an MP4 (H.264, AAC, index in front so that it streams) and return its path.

    Args:
        noise: the share of the picture, 0 to 1, that is noise. Noise does not compress, so it makes the file large.
    """
    rng = random.Random(seed)  # noqa: S311 - the same video every time
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"preset": "ultrafast", "crf": "18"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number in range(seconds * FRAMES_PER_SECOND):
            container.mux(video.encode(_picture(number, width, height, noise, rng)))
        container.mux(video.encode(None))
        for number in range(seconds * SAMPLE_RATE // 1024):
            container.mux(audio.encode(_tone(number)))
        container.mux(audio.encode(None))
    return path


def count_frames(source: str | BytesIO) -> int:
    """Return how many pictures a player can decode from a file, a URL, or bytes."""
    with av.open(source, "r") as container:
        return sum(1 for _ in container.decode(video=0))


def _picture(number: int, width: int, height: int, noise: float, rng: random.Random) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for index, plane in enumerate(frame.planes):
        rows = int(plane.height * noise)
        shade = 16 + (number * 3 + index * 80) % 200
        plane.update(rng.randbytes(rows * plane.line_size) + bytes([shade]) * (plane.buffer_size - rows * plane.line_size))
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
    return frame


def _tone(number: int) -> av.AudioFrame:
    samples = range(number * 1024, (number + 1) * 1024)
    wave = struct.pack("<1024h", *(int(8000 * math.sin(2 * math.pi * 440 * i / SAMPLE_RATE)) for i in samples))
    frame = av.AudioFrame("s16", "mono", 1024)
    frame.planes[0].update(wave)
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, number * 1024, Fraction(1, SAMPLE_RATE)
    return frame
