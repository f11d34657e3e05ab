"""Pictures are turned, flipped and stretched as the ffmpeg command does it, and the facts say so."""

from __future__ import annotations

import io
import math
import struct
from fractions import Fraction

import pytest

from reelgate.adapters.pyav.file.facts import facts_of
from reelgate.adapters.pyav.file.media_file import moving_pictures, open_media
from reelgate.adapters.pyav.picture.geometry import orientation
from reelgate.adapters.pyav.picture.poster import poster_of
from reelgate.adapters.records.derived_media import decode, encode
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.examination import Facts
from tests.fixtures.docs.pictures import SIDE, Pixel, Pixels, patches, seen, size_of

A, B, C, D, E, F = ((luma, 128, 128) for luma in (30, 70, 110, 150, 190, 230))
PICTURE: list[list[Pixel]] = [[A, B, C], [D, E, F]]
ONE = 1 << 16
TURNS = {  # clockwise
    0: (ONE, 0, 0, ONE),
    90: (0, ONE, -ONE, 0),
    180: (-ONE, 0, 0, -ONE),
    270: (0, -ONE, ONE, 0),
}


def matrix_of(a: int, b: int, c: int, d: int) -> list[int]:
    return [a, b, 0, c, d, 0, 0, 0, 1 << 30]


def at_angle(degrees: float) -> list[int]:
    radians = math.radians(degrees)
    cosine, sine = round(math.cos(radians) * ONE), round(math.sin(radians) * ONE)
    return matrix_of(cosine, sine, -sine, cosine)


def examined(data: bytes) -> tuple[Facts, bytes | None]:
    with open_media(io.BytesIO(data), "mov") as media:
        pictures = moving_pictures(media)
        assert pictures is not None
        return facts_of(media, "mov"), poster_of(media, pictures, None)


def turned(picture: list[list[Pixel]], quarters: int) -> list[list[Pixel]]:
    for _ in range(quarters):
        picture = [list(row) for row in zip(*picture[::-1], strict=True)]
    return picture


def shades(pixels: Pixels) -> list[list[int]]:
    return [[pixel[1] for pixel in row] for row in pixels]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", TURNS)
def test_all_eight_orientations(rotation: int, mirrored: bool) -> None:
    a, b, c, d = TURNS[rotation]
    matrix = matrix_of(-a, b, -c, d) if mirrored else matrix_of(a, b, c, d)  # new x is negated: left and right change places
    expected = turned(PICTURE, rotation // 90)
    if mirrored:
        expected = [row[::-1] for row in expected]
    facts, jpeg = examined(patches(PICTURE, matrix=matrix))
    columns, rows = len(expected[0]), len(expected)
    assert (facts.rotation, facts.mirrored) == (rotation, mirrored)
    assert (facts.width, facts.height) == size_of(jpeg) == (columns * SIDE, rows * SIDE)
    full_range = [[round((pixel[0] - 16) * 255 / 219) for pixel in row] for row in expected]
    for found, wanted in zip(shades(seen(jpeg, columns, rows)), full_range, strict=True):
        assert found == pytest.approx(wanted, abs=3)


def test_an_odd_angle_keeps_its_size_and_loses_its_corners() -> None:
    facts, jpeg = examined(patches([[F] * 4] * 4, matrix=at_angle(45)))
    assert (facts.width, facts.height, facts.rotation, facts.mirrored) == (128, 128, 45, False)
    (corner, *_), _, _, (*_, middle) = shades(seen(jpeg, 8, 8))[:1] * 3 + [shades(seen(jpeg, 8, 8))[3][:4]]
    assert size_of(jpeg) == (128, 128)
    assert corner < 20
    assert middle > 230


@pytest.mark.parametrize(
    ("matrix", "steps"),
    [
        (None, ()),
        (b"short", ()),
        (struct.pack("=9i", *matrix_of(0, 0, 0, 0)), ()),
        (struct.pack("=9i", *matrix_of(ONE, 0, 0, 0)), ()),
        (struct.pack("=9i", *at_angle(0.4)), ()),
        (struct.pack("=9i", *at_angle(1)), ()),  # ffmpeg leaves a degree alone
        (struct.pack("=9i", *at_angle(2)), (("rotate", "2*PI/180"),)),
        (struct.pack("=9i", *at_angle(-30)), (("rotate", "330*PI/180"),)),
        (struct.pack("=9i", *at_angle(89.7)), (("transpose", "clock"),)),
        (struct.pack("=9i", *matrix_of(2 * ONE, 0, 0, -ONE // 2)), (("vflip", ""),)),
    ],
)
def test_other_matrices(matrix: bytes | None, steps: tuple[tuple[str, str], ...]) -> None:
    assert orientation(matrix)[2] == steps


@pytest.mark.parametrize(
    ("aspect", "rotation", "size"),
    [
        (Fraction(2), 0, (192, 64)),
        (Fraction(1, 2), 0, (48, 64)),
        (Fraction(64, 45), 0, (137, 64)),
        (Fraction(2), 90, (64, 192)),
        (Fraction(1000), 0, (96, 64)),
    ],
)
def test_pixels_that_are_not_square(aspect: Fraction, rotation: int, size: tuple[int, int]) -> None:
    data = patches(PICTURE, codec="libx264", aspect=aspect, matrix=matrix_of(*TURNS[rotation]), options={"preset": "ultrafast"})
    facts, jpeg = examined(data)
    assert (facts.width, facts.height) == size_of(jpeg) == size


def test_a_record_from_before_the_rotation_was_known_still_reads() -> None:
    old = {"container": "mp4", "width": 640, "height": 360, "video_codec": "h264"}
    record = DerivedMedia(uid="ada", file_id="1", filename="a.mp4", generation=1, facts=Facts(**old))  # type: ignore[arg-type]
    fields = encode(record)
    for name in ("rotation", "mirrored"):
        del fields["facts"][name]
    facts = decode(fields).facts
    assert facts is not None
    assert (facts.width, facts.height, facts.rotation, facts.mirrored) == (640, 360, None, None)
