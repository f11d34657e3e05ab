"""How the pictures of a video must be rotated and scaled for display."""

from __future__ import annotations

import math
import struct
from fractions import Fraction

from av.video.stream import VideoStream

from reelgate.domain.value_types import value_type

Step = tuple[str, str]
"""An FFmpeg filter and its arguments."""
_MATRIX = struct.Struct("=9i")
_MAX_ASPECT = 100


@value_type
class Geometry:
    """How decoded pictures are displayed.

    Attributes:
        width, height: the display size, with square pixels.
        rotation: by how many degrees they are turned clockwise, 0 to 359.
        mirrored: whether they are flipped left to right after that.
        steps: the same as FFmpeg filters; they do not scale.
    """

    width: int
    height: int
    rotation: int
    mirrored: bool
    steps: tuple[Step, ...]


def geometry_of(video: VideoStream) -> Geometry:
    """Return how to display a track, from its container's display matrix and pixel aspect ratio."""
    rotation, mirrored, steps = orientation(video.codec_context.coded_side_data.get("display_matrix"))
    width, height = round(video.width * _aspect(video)), video.height
    across = any(name == "transpose" for name, _ in steps)
    if across:
        width, height = height, width
    return Geometry(width=max(1, width), height=max(1, height), rotation=rotation, mirrored=mirrored, steps=steps)


def _aspect(video: VideoStream) -> Fraction:
    """The pixel aspect ratio; 1 if it is missing or implausible."""
    said = video.sample_aspect_ratio
    aspect = Fraction(said.numerator, said.denominator) if said is not None and said.denominator else Fraction(1)
    return aspect if Fraction(1, _MAX_ASPECT) < aspect < _MAX_ASPECT else Fraction(1)


def orientation(matrix: bytes | None) -> tuple[int, bool, tuple[Step, ...]]:
    """Return rotation, mirroring, and filters for a display matrix (ISO/IEC 14496-12, 6.2.2; 16.16 numbers, row by row).

    The filters are those that the ffmpeg command inserts (fftools/ffmpeg_filter.c, `autorotate`), so that a poster looks the
    same as elsewhere. Like there, pictures rotated by odd angles keep their size and lose their corners.
    """
    if matrix is None or len(matrix) != _MATRIX.size:
        return 0, False, ()
    a, b, _, c, d, *_ = _MATRIX.unpack(matrix)
    across, down = math.hypot(a, c), math.hypot(b, d)
    if not across or not down:
        return 0, False, ()
    theta = _round_half_away(math.degrees(math.atan2(b / down, a / across))) % 360  # clockwise; a flip counts as a rotation
    mirrored = a * d - b * c < 0
    # A matrix is a rotation followed by a horizontal flip, which negates its first column.
    rotation = _round_half_away(math.degrees(math.atan2(b / down, -a / across))) % 360 if mirrored else theta
    if theta == 90:
        return rotation, mirrored, (("transpose", "cclock_flip" if c > 0 else "clock"),)
    if theta == 270:
        return rotation, mirrored, (("transpose", "clock_flip" if c < 0 else "cclock"),)
    if theta == 180:
        flips = (("hflip", a < 0), ("vflip", d < 0))
        return rotation, mirrored, tuple((name, "") for name, applies in flips if applies)
    if theta > 1:
        return rotation, mirrored, (("rotate", f"{theta}*PI/180"),)
    return rotation, mirrored, (("vflip", ""),) if theta == 0 and d < 0 else ()


def _round_half_away(value: float) -> int:
    """Like C's round(), which FFmpeg uses."""
    return math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1)
