"""How large an MP3 becomes: never larger than it may, and as good as it can be within that."""

from __future__ import annotations

import io
import time

import av
import pytest

from reelgate.domain.media.audio_rates import AudioRate, best_rate, usual_rate
from reelgate.domain.media.containers import Container
from reelgate.domain.media.conversion import CannotConvert, ConversionRules
from tests.fixtures.media.converted_media import convert, facts_in, reason_of
from tests.fixtures.media.flac_bomb import flac_bomb
from tests.fixtures.media_files import decoded_seconds, make_media
from tests.unit.media.test_converter_process import Sink, Source, examine, extract

RULES = ConversionRules()
HOUR = 3600
FLAC = Container("flac", "flac")


def rate_of(size: int, seconds: float, layout: str = "mono") -> AudioRate | None:
    return best_rate("mono" if layout == "mono" else "stereo", seconds, RULES.max_audio_bytes(size))


@pytest.mark.parametrize(
    ("kilobits", "seconds", "layout", "expected"),
    [
        (5000, 60, "stereo", 160_000),  # a phone's video
        (900, 4 * HOUR, "stereo", 160_000),  # a film
        (128, HOUR, "stereo", 160_000),  # music
        (48, HOUR, "stereo", 80_000),  # a station that saves bytes
        (64, HOUR, "mono", 96_000),  # a voice memo
        (12.2, 10 * 60, "mono", 96_000),  # AMR of a telephone, as long as a call
        (12.2, HOUR, "mono", 24_000),
        (24, HOUR, "mono", 32_000),  # Opus
        (32, 2 * HOUR, "mono", 48_000),
        (6, HOUR // 2, "mono", 32_000),
    ],
)
def test_what_people_record_gets_a_good_mp3(kilobits: float, seconds: int, layout: str, expected: int) -> None:
    rate = rate_of(int(kilobits * 125 * seconds), seconds, layout)
    assert rate is not None
    assert rate.bits_per_second == expected


def test_hours_of_nothing_get_none() -> None:
    assert rate_of(29_766, 14_390, "stereo") is None
    assert rate_of(29_766, HOUR, "stereo") is not None


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("share", [1.0, 0.7, 0.5, 0.35, 0.25, 0.2, 0.18])
def test_an_mp3_keeps_to_its_bound_at_every_rate(layout: str, share: float) -> None:
    data = make_media("flac", seconds=30, layout=layout, video=False)
    most = int(usual_rate("mono").bytes_for(30) * share)
    made = convert(data, max_bytes=most)
    assert most * 0.6 < len(made.mp3) <= most
    assert decoded_seconds(made.mp3) == pytest.approx(30, abs=0.2)
    assert made.seconds == pytest.approx(30, abs=0.1)
    with av.open(io.BytesIO(made.mp3)) as file:
        assert file.metadata["title"] == "T"


@pytest.mark.parametrize("kind", ["webm", "matroska", "ogg", "mp4", "mp3", "flac"])
def test_a_file_that_does_not_say_how_long_it_is_is_counted(kind: str) -> None:
    data = make_media(kind, seconds=20, video=False)
    if kind in {"webm", "matroska"}:  # as a browser's recorder writes it
        data = data.replace(b"\x44\x89\x88", b"\xec\x80\x86", 1)
        assert facts_in(data).duration_seconds is None
    made = convert(data, max_seconds=4 * HOUR, max_bytes=100_000)
    assert 50_000 < len(made.mp3) <= 100_000
    assert made.seconds == pytest.approx(20, abs=0.3)


def test_the_bomb_is_not_even_decoded() -> None:
    data = flac_bomb(14_390)
    assert len(data) < 32_000
    assert facts_in(data).duration_seconds == pytest.approx(14_390, abs=9)
    began = time.process_time()
    assert reason_of(data, max_seconds=4 * HOUR, max_bytes=RULES.max_audio_bytes(len(data))) == "out_of_proportion"
    assert time.process_time() - began < 5  # encoding it takes minutes


def test_a_file_that_declares_more_than_it_has_gets_its_mp3() -> None:
    data = flac_bomb(30, declared_seconds=14_000)
    made = convert(data, max_seconds=4 * HOUR, max_bytes=RULES.max_audio_bytes(len(data)))
    assert made.seconds == pytest.approx(24.6, abs=0.1)


async def test_a_file_that_declares_too_little_gets_no_more_bytes() -> None:
    """What was written by then is abandoned: nothing of it becomes an object."""
    data, sink = flac_bomb(14_390, declared_seconds=10), Sink()
    assert (await examine(data)).facts.duration_seconds == 10
    with pytest.raises(CannotConvert, match="out_of_proportion"):
        await extract(Source(data), sink, container=FLAC, max_seconds=4 * HOUR, max_bytes=300_000)
    assert len(sink.data) <= 300_000
