"""Scale the pictures of a video down, turned as players show them, with the colours of ordinary screens."""

from __future__ import annotations

import itertools
from fractions import Fraction

from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelgate.adapters.pyav.picture.colours import table_for
from reelgate.adapters.pyav.picture.geometry import geometry_of
from reelgate.adapters.pyav.picture.poster import matrix_of, source_of

BT709 = 1
"""The number of these primaries, this transfer and this matrix (ITU-T H.273), which all renditions have."""
LIMITED = 1
_COLOURS = "out_color_matrix=bt709:out_range=tv"
_TIME_BASE = Fraction(1, 1000)


class Scaler:
    """Scales each picture as it comes. One graph is kept until the size or format of the pictures changes."""

    def __init__(self, video: VideoStream, width: int, height: int) -> None:
        """`width` and `height`: of the result, both even."""
        self._video, self._size = video, f"{width}:{height}"
        self._kind: tuple[object, ...] | None = None
        self._graph = Graph()
        self._into: FilterContext | None = None
        self._count = 0

    def scaled(self, frame: VideoFrame) -> VideoFrame:
        """Return a picture small, as `yuv420p`, with the stamps that it had. Raises av.error.FFmpegError."""
        pts, time_base, duration = frame.pts, frame.time_base, frame.duration
        frame.colorspace = matrix_of(frame)
        kind = (frame.width, frame.height, frame.format.name, int(frame.colorspace), int(frame.color_range))
        if kind != self._kind or self._into is None:
            self._into, self._kind = self._configured(frame), kind
        frame.pts, frame.time_base = self._count, _TIME_BASE
        self._count += 1
        self._into.push(frame)
        small = self._graph.vpull()
        small.pts, small.time_base, small.duration = pts, time_base, duration
        return small

    def _configured(self, frame: VideoFrame) -> FilterContext:
        self._graph = graph = Graph()
        graph.threads = 1
        table = table_for(frame, self._video)
        into = source_of(graph, frame)
        steps = [into, *(graph.add(*step) for step in geometry_of(self._video).steps)]
        table_into = None
        if table is None:
            steps.append(graph.add("scale", f"{self._size}:{_COLOURS}"))
        else:
            steps += [graph.add("scale", self._size), graph.add("format", "rgb48le")]
            mapped = graph.add("haldclut", "interp=tetrahedral")
            table_into = source_of(graph, table)
            table_into.link_to(mapped, 0, 1)
            steps += [mapped, graph.add("scale", _COLOURS)]
        steps += [graph.add("setsar", "1"), graph.add("format", "yuv420p"), graph.add("buffersink")]
        for before, after in itertools.pairwise(steps):
            before.link_to(after)
        graph.configure()
        if table is not None and table_into is not None:
            table.pts, table.time_base = 0, _TIME_BASE
            table_into.push(table)
            table_into.push(None)
        return into
