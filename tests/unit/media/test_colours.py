"""HDR and wide gamut on an ordinary screen: the formulas against published values, and posters against the formulas."""

from __future__ import annotations

import colorsys
import io
import math

import pytest

from reelgate.adapters.pyav.file.media_file import moving_pictures, open_media
from reelgate.adapters.pyav.picture.colours import eetf, mapping, pq_nits, pq_signal
from reelgate.adapters.pyav.picture.poster import poster_of
from tests.fixtures.docs.pictures import Pixel, patches, seen

BT709, BT2020_10, PQ, HLG = 1, 14, 16, 18  # transfers of ITU-T H.273
BT2020, P3 = 9, 12  # primaries
COLOURS = {
    "white": (1.0, 1.0, 1.0),
    "grey": (0.2, 0.2, 0.2),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
    "yellow": (1.0, 1.0, 0.0),
    "skin": (0.6, 0.35, 0.25),
    "sky": (0.2, 0.4, 0.8),
}
TO_BT2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))  # ITU-R BT.2087-0, 2.2


def in_bt2020(colour: tuple[float, float, float]) -> list[float]:
    return [sum(weight * part for weight, part in zip(row, colour, strict=True)) for row in TO_BT2020]


def hlg(light: list[float]) -> list[float]:
    """Return the signal for the light of a screen of 1,000 cd/m2: the way back of ITU-R BT.2100-3, table 5."""
    luminance = sum(weight * part for weight, part in zip((0.2627, 0.6780, 0.0593), light, strict=True))
    scene = [part / luminance ** (0.2 / 1.2) if luminance else 0.0 for part in light]
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return [math.sqrt(3 * e) if e <= 1 / 12 else a * math.log(12 * e - b) + c for e in scene]


def coded(signal: list[float]) -> Pixel:
    """Return R'G'B' as ten bits of Y'CbCr (ITU-R BT.2100-3, tables 6 and 9)."""
    red, green, blue = signal
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    parts = 876 * luma + 64, 896 * (blue - luma) / 1.8814 + 512, 896 * (red - luma) / 1.4746 + 512
    y, cb, cr = (min(1023, max(0, round(part))) for part in parts)
    return y, cb, cr


def poster(signals: list[list[float]], transfer: int, x265: str = "") -> list[Pixel]:
    data = patches(
        [[coded(signal) for signal in signals]],
        codec="libx265",
        pix_fmt="yuv420p10le",
        colours=(transfer, BT2020, 9),
        options={"x265-params": f"log-level=none:lossless=1{x265}"},
    )
    with open_media(io.BytesIO(data), "mov") as media:
        pictures = moving_pictures(media)
        assert pictures is not None
        return seen(poster_of(media, pictures, None), len(signals), 1)[0]


def hue(pixel: Pixel | tuple[float, float, float]) -> float:
    return 360 * colorsys.rgb_to_hsv(*(float(part) for part in pixel))[0]


def test_pq_has_the_values_that_are_published() -> None:
    published = {0.0: 0.0, 1.0: 0.1499, 100.0: 0.5081, 203.0: 0.5807, 1000.0: 0.7518, 4000.0: 0.9026, 10_000.0: 1.0}
    for nits, signal in published.items():  # ITU-R BT.2408-7, table 1; BT.2390-11, table 4
        assert pq_signal(nits) == pytest.approx(signal, abs=5e-5)
        assert pq_nits(signal) == pytest.approx(nits, rel=1e-3, abs=1e-3)


def test_hlg_reference_white_is_203_of_1000_candela() -> None:
    assert hlg([0.203] * 3) == pytest.approx([0.75] * 3, abs=0.001)  # ITU-R BT.2408-7, table 1
    white = mapping(HLG, BT2020)((0.75, 0.75, 0.75))
    assert white == pytest.approx([(eetf(203, 1000, 203) / 203) ** (1 / 2.4)] * 3, abs=0.002)
    assert mapping(HLG, BT2020)((1.0, 1.0, 1.0)) == pytest.approx((1, 1, 1), abs=0.001)


def test_the_curve_leaves_the_dark_alone_bends_and_ends_at_the_screen_s_white() -> None:
    # Worked by hand from ITU-R BT.2390-11, 5.4.1, for 1,000 on 203: the knee is at 0.6586 of the peak's signal, 88 cd/m2.
    assert [eetf(nits, 1000, 203) for nits in (0, 1, 50, 85)] == pytest.approx([0, 1, 50, 85], rel=1e-6, abs=1e-6)
    assert pq_signal(eetf(203, 1000, 203)) / pq_signal(1000) == pytest.approx(0.7387, abs=2e-4)
    assert eetf(1000, 1000, 203) == pytest.approx(203)
    assert eetf(5000, 1000, 203) == pytest.approx(203)
    assert eetf(150, 150, 203) == 150
    assert round(255 * (eetf(203, 1000, 203) / 203) ** (1 / 2.4)) == 230  # what the documentation says of a grey that bright
    steps = [eetf(nits, 4000, 203) for nits in range(0, 4001, 50)]
    assert steps == sorted(steps)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_posters_are_neither_pale_nor_of_other_hues(transfer: int) -> None:
    """What is 100 cd/m2 and less at most is shown as it was meant, in an ordinary video's signal."""
    for level in (0.2, 0.4):  # of reference white: below the knee
        light = [[part * level for part in in_bt2020(colour)] for colour in COLOURS.values()]
        signals = [
            [pq_signal(part * 203) for part in parts] if transfer == PQ else hlg([part * 0.203 for part in parts])
            for parts in light
        ]
        for found, (name, colour) in zip(poster(signals, transfer), COLOURS.items(), strict=True):
            wanted = tuple(255 * (part * level) ** (1 / 2.4) for part in colour)
            if max(colour) == min(colour):
                assert found == pytest.approx(wanted, abs=4), name
            else:
                assert abs((hue(found) - hue(wanted) + 180) % 360 - 180) < 8, name
                assert max(found) == pytest.approx(max(wanted), abs=10), name
                assert min(found) == pytest.approx(min(wanted), abs=30), name


def test_what_is_brighter_than_white_keeps_its_hue() -> None:
    signals = [[pq_signal(part * 1000) for part in in_bt2020(colour)] for colour in COLOURS.values()]
    for found, (name, colour) in zip(poster(signals, PQ), COLOURS.items(), strict=True):
        if max(colour) != min(colour):
            assert abs((hue(found) - hue(tuple(part ** (1 / 2.4) for part in colour)) + 180) % 360 - 180) < 12, name
        assert max(found) > 100


@pytest.mark.parametrize(
    ("said", "peak"),
    [
        ("", 1000),
        (":max-cll=4000,400", 4000),
        (":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(20000000,50)", 2000),
    ],
)
def test_a_file_says_how_bright_it_becomes(said: str, peak: float) -> None:
    found = poster([[pq_signal(600)] * 3], PQ, said)[0]
    assert found == pytest.approx([255 * (eetf(600, peak, 203) / 203) ** (1 / 2.4)] * 3, abs=3)


@pytest.mark.parametrize("transfer", [BT709, BT2020_10])
def test_wide_gamut_without_hdr_has_its_hues_and_its_brightness(transfer: int) -> None:
    signals = [[part ** (1 / 2.4) for part in in_bt2020(colour)] for colour in COLOURS.values()]
    for found, (name, colour) in zip(poster(signals, transfer), COLOURS.items(), strict=True):
        wanted = tuple(255 * part ** (1 / 2.4) for part in colour)
        assert max(found) == pytest.approx(max(wanted), abs=6), name
        assert min(found) == pytest.approx(min(wanted), abs=55), (
            name
        )  # near black the signal is steep: 55 is 2.5 % of the light
        if max(colour) != min(colour):
            assert abs((hue(found) - hue(wanted) + 180) % 360 - 180) < 12, name


def test_colours_that_an_ordinary_screen_has_not_are_within_its_bounds() -> None:
    for transfer in (BT709, PQ, HLG):
        for primaries in (BT2020, P3):
            ordinary = mapping(transfer, primaries)
            for signal in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1), (0, 0, 0), (0.01, 0.9, 0.2)):
                assert all(0 <= part <= 1 for part in ordinary(signal))
    red, green, blue = mapping(BT709, BT2020)((1, 0, 0))
    assert red == pytest.approx(1)
    assert green < 0.4
    assert blue < 0.4


def test_ordinary_colours_are_left_alone() -> None:
    data = patches([[(81, 90, 240), (145, 54, 34)]], colours=(6, 6, 6))  # red and green of BT.601
    with open_media(io.BytesIO(data), "mov") as media:
        pictures = moving_pictures(media)
        assert pictures is not None
        red, green = seen(poster_of(media, pictures, None), 2, 1)[0]
    assert red == pytest.approx((255, 0, 0), abs=6)
    assert green == pytest.approx((0, 255, 0), abs=6)


@pytest.mark.parametrize("matrix", [3, 8, 10, 14, 17])  # reserved, or what FFmpeg cannot undo
def test_a_matrix_that_nobody_can_undo_does_not_cost_the_poster(matrix: int) -> None:
    data = patches([[(81, 90, 240), (145, 54, 34)]], codec="libx264", colours=(1, 1, matrix), options={"qp": "0"})
    with open_media(io.BytesIO(data), "mov") as media:
        pictures = moving_pictures(media)
        assert pictures is not None
        red, green = seen(poster_of(media, pictures, None), 2, 1)[0]
    assert red == pytest.approx((255, 0, 0), abs=6)  # as if it had not been said, in a picture of this size
    assert green == pytest.approx((0, 255, 0), abs=6)


def test_a_jpeg_s_colours_are_bt601_s_whatever_the_video_s_are() -> None:
    data = patches([[(63, 102, 240), (173, 42, 26)]], codec="libx264", colours=(1, 1, 1), options={"qp": "0"})  # of BT.709
    with open_media(io.BytesIO(data), "mov") as media:
        pictures = moving_pictures(media)
        assert pictures is not None
        red, green = seen(poster_of(media, pictures, None), 2, 1)[0]
    assert red == pytest.approx((255, 0, 0), abs=6)
    assert green == pytest.approx((0, 255, 0), abs=6)
