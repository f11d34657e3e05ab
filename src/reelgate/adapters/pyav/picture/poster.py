"""Take one picture of a video as a small JPEG."""

from __future__ import annotations

import itertools
from fractions import Fraction

import av
from av.container import InputContainer
from av.filter import Graph
from av.filter.context import FilterContext
from av.format import Flags
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.stream import VideoStream

from reelgate.adapters.pyav.picture.colours import table_for
from reelgate.adapters.pyav.picture.geometry import Geometry, geometry_of
from reelgate.domain.media.conversion import MAX_POSTER_BYTES, POSTER_WIDTH

PLACE = 0.1
"""The position of the picture in the video: the first frames are often black."""
MAX_PACKETS = 600
"""How far to search for a picture that can be decoded."""
_QUALITIES = (5, 12, 25)  # of MJPEG, best first; a noisy picture can exceed the maximum size
_TIME_BASE = Fraction(1, 1000)
_RGB, _BT709, _BT601, _BT2020 = 0, 1, 6, 9
_MATRICES = frozenset({_BT709, 4, 5, _BT601, 7, _BT2020})
_JPEG = "out_color_matrix=bt601:out_range=full"
"""The colours of every JPEG, for any colours of the video (ITU-T T.871, 7): readers ignore tags."""


def poster_of(
    container: InputContainer, video: VideoStream, duration_seconds: float | None, *, max_bytes: int = MAX_POSTER_BYTES
) -> bytes | None:
    """Return a JPEG as ffmpeg would display the picture, at most POSTER_WIDTH wide.

    None if no picture can be decoded, or if it has more than `max_bytes` even at the lowest quality.
    """
    places = (None,) if _cannot_seek(container) else ((duration_seconds or 0) * PLACE, 0.0)
    for second in places:
        frame = _frame_at(container, video, second)
        if frame is not None:
            return jpeg_of(shown(frame, video), max_bytes)
    return None


def _cannot_seek(container: InputContainer) -> bool:
    """Return whether a file is a bare stream without time stamps. It cannot be seeked and is read from its current position."""
    return Flags.no_timestamps in Flags(container.format.flags)


def _frame_at(container: InputContainer, video: VideoStream, second: float | None) -> VideoFrame | None:
    """Return the picture of the last key frame before a second (None: from here on), or the first one after it that can be
    decoded.
    """
    try:
        if second is not None:
            container.seek(int(second * av.time_base))
    except av.error.FFmpegError:
        if second:
            return None
    packets = itertools.islice(container.demux(video), MAX_PACKETS)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            return None
        if packet is None:
            return None
        if packet.has_sidedata("encryption_info"):  # decoding it would give noise
            continue
        try:
            frames = packet.decode()
        except av.error.FFmpegError:  # of any kind: an implausible size asks for too much memory
            continue
        if frames:
            return frames[0]


def shown(frame: VideoFrame, video: VideoStream, *, max_width: int = POSTER_WIDTH, max_height: int | None = None) -> VideoFrame:
    """Return the frame as displayed: rotated, with square pixels, scaled down, in the colours of a JPEG."""
    geometry, table = geometry_of(video), table_for(frame, video)
    width, height = _size(frame, video, geometry)
    ratio = min(1.0, max_width / width, max_height / height if max_height else 1.0)
    size = f"{max(2, round(width * ratio))}:{max(2, round(height * ratio))}"
    frame.colorspace = matrix_of(frame)
    graph = Graph()
    graph.threads = 1  # it would start as many as there are processors, and they end late
    steps = [source_of(graph, frame), *(graph.add(*step) for step in geometry.steps)]
    if table is None:
        steps.append(graph.add("scale", f"{size}:{_JPEG}"))
    else:
        steps += [graph.add("scale", size), graph.add("format", "rgb48le")]
        mapped = graph.add("haldclut", "interp=tetrahedral")
        source_of(graph, table).link_to(mapped, 0, 1)
        steps += [mapped, graph.add("scale", _JPEG)]
    steps += [graph.add("format", "yuvj420p"), graph.add("buffersink")]
    for before, after in itertools.pairwise(steps):
        before.link_to(after)
    graph.configure()
    for index, input_frame in enumerate(part for part in (frame, table) if part is not None):
        input_frame.pts, input_frame.time_base = 0, _TIME_BASE
        graph.push(input_frame, index)
    if table is not None:
        graph.push(None)
    return graph.vpull()


def _size(frame: VideoFrame, video: VideoStream, geometry: Geometry) -> tuple[int, int]:
    """Return the display size. If a frame's size differs from its track's, the frame's is used."""
    width, height = geometry.width, geometry.height
    if (frame.width, frame.height) != (video.width, video.height):
        across = any(name == "transpose" for name, _ in geometry.steps)
        width, height = (frame.height, frame.width) if across else (frame.width, frame.height)
    return width, height


def source_of(graph: Graph, frame: VideoFrame) -> FilterContext:
    """Return the beginning of a graph for frames like this one."""
    return graph.add(
        "buffer",
        video_size=f"{frame.width}x{frame.height}",
        pix_fmt=frame.format.name,
        time_base=str(_TIME_BASE),
        pixel_aspect="1/1",
        colorspace=str(int(frame.colorspace)),
        range=str(int(frame.color_range)),
    )


def matrix_of(frame: VideoFrame) -> int:
    """Return the colour matrix of a frame, by its number in ITU-T H.273, among those that FFmpeg can convert.

    If the frame declares none or a wrong one, its pixel format and size decide, as in players.
    """
    said = int(frame.colorspace)
    if frame.format.is_rgb:
        return _RGB
    if said in _MATRICES:
        return said
    if int(frame.color_primaries) == ColorPrimaries.BT2020 or int(frame.color_trc) in {
        ColorTrc.SMPTE2084,
        ColorTrc.ARIB_STD_B67,
    }:
        return _BT2020
    return _BT709 if frame.width >= 1280 or frame.height > 576 else _BT601


def jpeg_of(frame: VideoFrame, max_bytes: int) -> bytes | None:
    """Return a frame as a JPEG, None if it has more than `max_bytes` even at the lowest quality."""
    for quality in _QUALITIES:
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
        encoder.time_base = _TIME_BASE
        encoder.options = {"qmin": str(quality), "qmax": str(quality)}
        data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
        if len(data) <= max_bytes:
            return data
    return None
