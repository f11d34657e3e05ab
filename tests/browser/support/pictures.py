"""Sprite sheets: of tiles that can be told apart by their colour, and of a film; and a film's poster."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import cache
from itertools import pairwise

import av
from av.video.frame import PictureType


@cache
def sprite_sheet(tiles: int, size: tuple[int, int], columns: int = 4) -> bytes:
    """Return a JPEG of tiles, each of another shade of grey."""
    width, height = size
    rows = -(-tiles // columns)
    sink = io.BytesIO()
    with av.open(sink, "w", format="image2pipe") as output:
        stream = output.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width * columns, height * rows, "yuvj420p"
        frame = av.VideoFrame(width * columns, height * rows, "yuvj420p")
        for plane, part in zip(frame.planes, (1, 2, 2), strict=True):
            if part == 2:
                plane.update(bytes([128]) * plane.buffer_size)
                continue
            lines = []
            for row in range(height * rows):
                line = b"".join(bytes([30 + 200 * (row // height * columns + at) // tiles]) * width for at in range(columns))
                lines.append(line.ljust(plane.line_size, b"\0"))
            plane.update(b"".join(lines))
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return sink.getvalue()


def pictures_of(film: bytes, filters: str) -> bytes:
    """Return the first picture that FFmpeg's filters make of a film, as a JPEG."""
    sink = io.BytesIO()
    with av.open(io.BytesIO(film)) as source, av.open(sink, "w", format="image2pipe") as output:
        stream = source.streams.video[0]
        graph = av.filter.Graph()
        steps = [graph.add_buffer(template=stream)]
        steps += [graph.add(*one.partition("=")[::2]) for one in [*filters.split(","), "format=yuvj420p"]]
        steps.append(graph.add("buffersink"))
        for step, following in pairwise(steps):
            step.link_to(following)
        graph.configure()
        for frame in source.decode(stream):
            graph.push(frame)
            try:
                made = graph.vpull()
            except av.error.BlockingIOError:
                continue
            picture = output.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = made.width, made.height, "yuvj420p"
            made.pts, made.time_base, made.pict_type = 0, Fraction(1, 1), PictureType.NONE
            output.mux(picture.encode(made))
            output.mux(picture.encode(None))
            return sink.getvalue()
    raise AssertionError("the film is too short")
