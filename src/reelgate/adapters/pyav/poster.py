"""One picture of a video as a small JPEG."""

from __future__ import annotations

import itertools
from fractions import Fraction

import av
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelgate.domain.conversion import MAX_POSTER_BYTES, POSTER_WIDTH

PLACE = 0.1
"""Where in the video the picture is taken: beginnings are often black."""
MAX_PACKETS = 600
"""How far is looked for a picture that can be decoded."""
_QUALITIES = (5, 12, 25)  # of MJPEG, best first; noise can be larger than a poster may be


def poster_of(container: InputContainer, video: VideoStream, duration_seconds: float | None) -> bytes | None:
    """Return a JPEG, upright and at most POSTER_WIDTH wide, or None when no picture can be decoded."""
    for second in (duration_seconds or 0) * PLACE, 0.0:
        frame = _frame_at(container, video, second)
        if frame is not None:
            return _jpeg(_small(frame, video))
    return None


def _frame_at(container: InputContainer, video: VideoStream, second: float) -> VideoFrame | None:
    """Return the picture of the last key frame before a second, or the first one after it that can be decoded."""
    try:
        container.seek(int(second * av.time_base))
    except av.error.FFmpegError:
        if second:
            return None
    try:
        for packet in itertools.islice(container.demux(video), MAX_PACKETS):
            try:
                frames = packet.decode()
            except (av.error.InvalidDataError, av.error.UndefinedError):
                continue
            if frames:
                return frames[0]
    except av.error.FFmpegError:
        pass
    return None


def _small(frame: VideoFrame, video: VideoStream) -> VideoFrame:
    """Return the frame as it is seen: pixels made square, turned upright, reduced."""
    aspect = video.sample_aspect_ratio or Fraction(1)
    across = frame.rotation % 180 != 0
    width = max(1, round(frame.width * aspect)) if 0 < aspect < 100 else frame.width
    shown = frame.height if across else width
    ratio = min(1.0, POSTER_WIDTH / shown)
    size = max(2, int(width * ratio)), max(2, int(frame.height * ratio))
    graph = Graph()
    steps = [
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000)),
        graph.add("scale", f"{size[0]}:{size[1]}:out_range=full"),
        graph.add("format", "yuvj420p"),
        *(graph.add("transpose", turn) for turn in _turns(frame.rotation)),
        graph.add("buffersink"),
    ]
    for before, after in itertools.pairwise(steps):
        before.link_to(after)
    graph.configure()
    frame.pts, frame.time_base = 0, Fraction(1, 1000)
    graph.push(frame)
    return graph.vpull()


def _turns(rotation: int) -> list[str]:
    """Return the filter's arguments; a rotation is counted in degrees counterclockwise."""
    return {90: ["cclock"], 180: ["clock", "clock"], 270: ["clock"]}.get(rotation % 360, [])


def _jpeg(frame: VideoFrame) -> bytes | None:
    for quality in _QUALITIES:
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
        encoder.time_base = Fraction(1, 1000)
        encoder.options = {"qmin": str(quality), "qmax": str(quality)}
        data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
        if len(data) <= MAX_POSTER_BYTES:
            return data
    return None
