"""A film of H.264 and AAC in one fragmented MP4, with what the playlist must know of it."""

from __future__ import annotations

import io
import math
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

import av
from av.video.frame import PictureType

FRAMES_PER_SECOND = 12
SEGMENT_SECONDS = 2
SAMPLE_RATE = 44_100
SAMPLES = 1024


@dataclass(frozen=True, kw_only=True)
class Film:
    """The file, the size of its beginning, and offset and size of each segment. All segments are equally long."""

    data: bytes
    init: int
    segments: tuple[tuple[int, int], ...]
    seconds: int

    def bytes_from(self, position: float) -> int:
        """Return where the segment begins that plays at a position."""
        return self.segments[int(position // SEGMENT_SECONDS)][0]


def film_of(*, seconds: int, pictures: str = "testsrc2", size: tuple[int, int] = (640, 360)) -> Film:
    """Return a packaged film: moving pictures of one of FFmpeg's sources (`testsrc2`, `gradients=speed=0.02`), and a tone."""
    sink = _AppendOnly()
    _write(sink, pictures, size, seconds, movflags="+frag_keyframe+delay_moov+default_base_moof")
    return _indexed(sink.getvalue(), seconds)


@cache
def video_of(*, seconds: int, pictures: str = "testsrc2", size: tuple[int, int] = (640, 360)) -> bytes:
    """Return the same as a file that somebody uploads."""
    sink = io.BytesIO()
    _write(sink, pictures, size, seconds)
    return sink.getvalue()


def _write(sink: io.BytesIO, source: str, size: tuple[int, int], seconds: int, **options: str) -> None:
    with av.open(sink, "w", format="mp4", options=options) as output:
        gop = FRAMES_PER_SECOND * SEGMENT_SECONDS
        x264 = {"preset": "ultrafast", "crf": "26", "g": str(gop), "keyint_min": str(gop), "sc_threshold": "0"}
        pictures = output.add_stream("libx264", rate=FRAMES_PER_SECOND, options=x264)
        (pictures.width, pictures.height), pictures.pix_fmt = size, "yuv420p"
        sound = output.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        written = 0
        for number, picture in enumerate(_pictures(source, size, seconds)):
            output.mux(pictures.encode(picture))
            while written * SAMPLES < (number + 1) / FRAMES_PER_SECOND * SAMPLE_RATE:
                output.mux(sound.encode(_tone(written)))
                written += 1
        output.mux(pictures.encode(None))
        output.mux(sound.encode(None))


def _pictures(source: str, size: tuple[int, int], seconds: int) -> Iterator[av.VideoFrame]:
    name, _, more = source.partition("=")
    graph = av.filter.Graph()
    wanted = f"size={size[0]}x{size[1]}:rate={FRAMES_PER_SECOND}:duration={seconds}"
    steps = [graph.add(name, f"{wanted}:{more}" if more else wanted), graph.add("format", "yuv420p"), graph.add("buffersink")]
    for step, following in pairwise(steps):
        step.link_to(following)
    graph.configure()
    for _ in range(seconds * FRAMES_PER_SECOND):
        picture = graph.vpull()
        picture.pict_type = PictureType.NONE  # the filter says that each could be a key frame
        yield picture


class _AppendOnly(io.BytesIO):
    """A file that is only written to, as an upload is."""

    def seekable(self) -> bool:
        return False


def _indexed(data: bytes, seconds: int) -> Film:
    boxes = list(_boxes(data))
    [init] = [offset + size for kind, offset, size in boxes if kind == b"moov"]
    following = dict(pairwise(boxes))
    segments = tuple((box[1], box[2] + following[box][2]) for box in boxes if box[0] == b"moof")
    assert len(segments) == seconds // SEGMENT_SECONDS
    return Film(data=data, init=init, segments=segments, seconds=seconds)


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at, size
        at += size


def _tone(number: int) -> av.AudioFrame:
    wave = array(
        "h",
        (
            int(6000 * math.sin(2 * math.pi * 330 * one / SAMPLE_RATE))
            for one in range(number * SAMPLES, (number + 1) * SAMPLES)
        ),
    )
    frame = av.AudioFrame("s16", "mono", SAMPLES)
    frame.planes[0].update(wave.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, number * SAMPLES, Fraction(1, SAMPLE_RATE)
    return frame
