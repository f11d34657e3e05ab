"""The bytes that users send: mostly rubbish, some real media, and media that want to become large."""

from __future__ import annotations

import io
import random

import av

RATE = 8000


def some_bytes(chance: random.Random) -> bytes:
    """Return a small file that no converter can read."""
    return chance.randbytes(chance.randint(1, 20_000))


def real_media() -> list[bytes]:
    """Return a second of noise, two minutes of silence, of which nothing is left as FLAC, and a second of noisy pictures."""
    return [_flac(random.Random(7).randbytes(2 * RATE)), _flac(bytes(2 * RATE * 120)), _film()]


def _film() -> bytes:
    """Return pictures that compress badly, as a file."""
    file, chance = io.BytesIO(), random.Random(8)
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=4, options={"preset": "ultrafast", "g": "4"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(4):
            picture = av.VideoFrame(160, 120, "yuv420p")
            for plane in picture.planes:
                plane.update(chance.randbytes(plane.buffer_size))
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return file.getvalue()


def _flac(samples: bytes) -> bytes:
    """Return 16-bit samples of one channel as a file."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        for start in range(0, len(samples), 8192):
            piece = samples[start : start + 8192]
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(piece) // 2)
            frame.planes[0].update(piece.ljust(frame.planes[0].buffer_size, b"\0"))
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
