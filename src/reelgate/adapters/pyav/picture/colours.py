"""Convert HDR and wide-gamut colours to BT.709, for posters on ordinary screens.

The picture's white is HDR reference white (203 cd/m2, ITU-R BT.2408-7, 2.1). The curve of ITU-R BT.2390-11, 5.4 compresses what
is brighter. Hues are kept: colours outside BT.709 are desaturated at the same luminance instead of clipped, and the curve is
applied to the largest of red, green and blue, which the other two follow in proportion.
"""

from __future__ import annotations

import itertools
import math
import struct
from array import array
from collections.abc import Callable, Sequence
from fractions import Fraction

from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.stream import VideoStream

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

WHITE = 203.0
"""The luminance of HDR reference white, cd/m2."""
USUAL_PEAK = 1000.0
"""The peak brightness assumed for a file that declares none, and the nominal peak of HLG, in cd/m2."""
PQ_PEAK = 10_000.0
LEVEL = 6
"""FFmpeg's size parameter of such a table: LEVEL^2 steps for each of red, green and blue, in a square of LEVEL^3 pixels."""
_FULL = 65_535

_PRIMARIES: dict[int, tuple[tuple[float, float], ...]] = {  # x and y of red, green, blue, all with D65 white
    ColorPrimaries.BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    ColorPrimaries.BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    ColorPrimaries.SMPTE431: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # its own white would tint every picture
    ColorPrimaries.SMPTE432: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_D65 = (0.3127, 0.3290)
_HDR = frozenset({int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)})


def table_for(frame: VideoFrame, video: VideoStream) -> VideoFrame | None:
    """Return the table (for FFmpeg's `haldclut`) that converts a frame's R'G'B' to BT.709; None if it is BT.709 already."""
    transfer, primaries = int(frame.color_trc), int(frame.color_primaries)
    if transfer not in _HDR and primaries not in _PRIMARIES.keys() - {int(ColorPrimaries.BT709)}:
        return None
    if primaries not in _PRIMARIES:  # HDR without declared primaries: BT.2100 allows only these
        primaries = ColorPrimaries.BT2020
    peak = USUAL_PEAK if transfer == ColorTrc.ARIB_STD_B67 else _peak(frame, video)
    ordinary = mapping(transfer, primaries, peak)
    steps = [index / (LEVEL * LEVEL - 1) for index in range(LEVEL * LEVEL)]
    table = array("H")
    for blue, green, red in itertools.product(steps, steps, steps):  # red varies fastest
        table.extend(round(value * _FULL) for value in ordinary((red, green, blue)))
    return _square(table, LEVEL**3)


def mapping(transfer: int, primaries: int, peak: float = USUAL_PEAK) -> Callable[[Triple], Triple]:
    """Return the function from coded R'G'B' (0 to 1) to BT.709. `peak` is the maximum brightness of PQ, in cd/m2."""
    light = {int(ColorTrc.SMPTE2084): _pq_light, int(ColorTrc.ARIB_STD_B67): _hlg_light}.get(transfer, _sdr_light)
    to_ordinary = _product(_inverse(_to_xyz(ColorPrimaries.BT709)), _to_xyz(primaries))
    weights = _to_xyz(ColorPrimaries.BT709)[1]
    shown = _compression(peak) if transfer in _HDR else lambda brightest: min(brightest, 1.0)

    def ordinary(signal: Triple) -> Triple:
        colour = _without_negatives(_times(to_ordinary, light(signal)), weights)
        brightest = max(colour)
        factor = shown(brightest) / brightest if brightest > 0 else 0.0
        red, green, blue = (min(1.0, max(0.0, value * factor)) ** (1 / 2.4) for value in colour)  # ITU-R BT.1886
        return red, green, blue

    return ordinary


def pq_signal(nits: float) -> float:
    """Return the signal for a luminance, 0 to 10,000 cd/m2 (ITU-R BT.2100-3, table 4)."""
    power = (nits / PQ_PEAK) ** _M1
    return float(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def pq_nits(signal: float) -> float:
    """Return the luminance of a signal, 0 to 1."""
    power = signal ** (1 / _M2)
    return float(PQ_PEAK * (max(power - _C1, 0.0) / (_C2 - _C3 * power)) ** (1 / _M1))


def eetf(nits: float, peak: float, target: float) -> float:
    """Map a luminance of a picture with peak `peak` to a screen with peak `target` (ITU-R BT.2390-11, 5.4.1)."""
    if peak <= target:
        return min(nits, target)
    whole = pq_signal(peak)
    level, most = pq_signal(min(nits, peak)) / whole, pq_signal(target) / whole
    knee = 1.5 * most - 0.5
    if level > knee:
        t = (level - knee) / (1 - knee)
        level = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return pq_nits(level * whole)


_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A = 0.17883277  # of HLG: ITU-R BT.2100-3, table 5
_B = 1 - 4 * _A
_C = 0.5 - _A * math.log(4 * _A)
_BT2020_WEIGHTS = (0.2627, 0.6780, 0.0593)


def _pq_light(signal: Triple) -> Triple:
    red, green, blue = map(_pq_white, signal)
    return red, green, blue


def _hlg_light(signal: Triple) -> Triple:
    """The light of a 1,000 cd/m2 screen, whose system gamma is 1.2, in units of reference white."""
    red, green, blue = map(_hlg_scene, signal)
    luminance = sum(weight * value for weight, value in zip(_BT2020_WEIGHTS, (red, green, blue), strict=True))
    factor = USUAL_PEAK / WHITE * luminance**0.2
    return red * factor, green * factor, blue * factor


def _sdr_light(signal: Triple) -> Triple:
    red, green, blue = signal
    return red**2.4, green**2.4, blue**2.4


def _memo(function: Callable[[float], float]) -> Callable[[float], float]:
    """Cached: the axes of a table have few values, and each occurs a thousand times."""
    known: dict[float, float] = {}

    def remembered(value: float) -> float:
        if value not in known:
            known[value] = function(value)
        return known[value]

    return remembered


_pq_white = _memo(lambda signal: pq_nits(signal) / WHITE)
_hlg_scene = _memo(lambda signal: signal * signal / 3 if signal <= 0.5 else (math.exp((signal - _C) / _A) + _B) / 12)


def _compression(peak: float) -> Callable[[float], float]:
    return lambda value: eetf(value * WHITE, peak, WHITE) / WHITE


def _without_negatives(colour: Triple, weights: Triple) -> Triple:
    """Return the colour, desaturated until no component is negative; its luminance stays the same."""
    least = min(colour)
    if least >= 0:
        return colour
    luminance = max(0.0, sum(weight * value for weight, value in zip(weights, colour, strict=True)))
    share = luminance / (luminance - least)
    red, green, blue = (luminance + share * (value - luminance) for value in colour)
    return red, green, blue


def _peak(frame: VideoFrame, video: VideoStream) -> float:
    """Return the maximum brightness that the file declares: the brightest pixel (CTA-861-H), else the mastering display's."""
    said = [bytes(part) for part in (frame.side_data.get(Type.CONTENT_LIGHT_LEVEL),) if part is not None]
    coded = video.codec_context.coded_side_data
    said += [coded[name] for name in ("content_light_level",) if name in coded]
    peaks = [struct.unpack_from("=I", data)[0] for data in said if len(data) >= 4]
    screens = [bytes(part) for part in (frame.side_data.get(Type.MASTERING_DISPLAY_METADATA),) if part is not None]
    screens += [coded[name] for name in ("mastering_display_metadata",) if name in coded]
    for data in screens:  # libavutil/mastering_display_metadata.h: eight fractions of colours, then least and most luminance
        if len(data) >= 88:
            above, below = struct.unpack_from("=ii", data, 72)
            has_luminance = struct.unpack_from("=i", data, 84)[0]
            peaks.append(above / below if has_luminance and below else 0)
    return float(next((min(peak, PQ_PEAK) for peak in peaks if peak >= WHITE), USUAL_PEAK))


def _square(table: array[int], side: int) -> VideoFrame:
    frame = VideoFrame(side, side, "rgb48le")
    plane, row = frame.planes[0], side * 6
    data = table.tobytes()
    rows = (data[start : start + row].ljust(plane.line_size, b"\0") for start in range(0, len(data), row))
    plane.update(b"".join(rows))
    frame.pts, frame.time_base = 0, Fraction(1, 1000)
    return frame


def _to_xyz(primaries: int) -> Matrix:
    """Return the matrix from linear RGB of some primaries to CIE XYZ (SMPTE RP 177)."""
    points = [(x / y, 1.0, (1 - x - y) / y) for x, y in _PRIMARIES[primaries]]
    columns = _matrix(list(zip(*points, strict=True)))
    x, y = _D65
    amounts = _times(_inverse(columns), (x / y, 1.0, (1 - x - y) / y))
    return _matrix([[value * amount for value, amount in zip(row, amounts, strict=True)] for row in columns])


def _matrix(rows: Sequence[Sequence[float]]) -> Matrix:
    first, second, third = ((row[0], row[1], row[2]) for row in rows)
    return first, second, third


def _times(matrix: Matrix, vector: Triple) -> Triple:
    a, b, c = vector
    first, second, third = (row[0] * a + row[1] * b + row[2] * c for row in matrix)
    return first, second, third


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = [_times(left, (right[0][i], right[1][i], right[2][i])) for i in range(3)]
    return _matrix(list(zip(*columns, strict=True)))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    one, two, three = e * i - f * h, f * g - d * i, d * h - e * g
    whole = a * one + b * two + c * three
    rows = ((one, c * h - b * i, b * f - c * e), (two, a * i - c * g, c * d - a * f), (three, b * g - a * h, a * e - b * d))
    return _matrix([[value / whole for value in row] for row in rows])
