"""Videos of many kinds, packaged by the converter's confined process: each plays as it did, or says why not."""

from __future__ import annotations

import io

import av
import pytest

from reelgate.adapters.pyav.packaging import boxes as mp4
from reelgate.domain.media.packaging import MAX_SYNC_ERROR_SECONDS, CannotPackage
from reelgate.ports.media import Packaged
from tests.fixtures.media.odd_media import make_retimed
from tests.fixtures.media.packaged_media import (
    Recipe,
    facts_of_tracks,
    make,
    package,
    pictures_of,
    quick,
    sound_ahead,
)
from tests.fixtures.media_files import decoded_seconds, make_media

OPEN_GOP = (("preset", "veryfast"), ("x264-params", "open-gop=1:keyint=20:min-keyint=20:bframes=3:scenecut=0"))
FAR_APART = (("preset", "ultrafast"), ("x264-params", "keyint=300:min-keyint=300:scenecut=0"))
HEVC = (("preset", "ultrafast"), ("x265-params", "log-level=none:keyint=20"))
UNEVEN = tuple(sorted({round(second * second / 10, 2) for second in (number / 7 for number in range(70))}))

PLAYS = {
    "index at the end": Recipe(),
    "index in front": Recipe(muxer=(("movflags", "+faststart"),)),
    "QuickTime": Recipe(container="mov"),
    "Matroska": Recipe(container="matroska"),
    "fragmented already": Recipe(muxer=(("movflags", "+frag_keyframe+delay_moov"),)),
    "no sound": Recipe(sound=()),
    "one channel": Recipe(layout="mono"),
    "variable frame rate": Recipe(stamps=UNEVEN),
    "rotated": Recipe(rotation=90),
    "open GOP": Recipe(options=OPEN_GOP),
    "key frames 30 seconds apart": Recipe(seconds=65, options=FAR_APART),
    "all key frames": Recipe(options=(("preset", "ultrafast"), ("g", "1"))),
    "HEVC": Recipe(codec="libx265", options=HEVC),
    "HEVC with 10 bit": Recipe(codec="libx265", options=HEVC, pixels="yuv420p10le"),
    "HEVC in Matroska": Recipe(codec="libx265", options=HEVC, container="matroska"),
    "AC-3": Recipe(sound=("ac3",)),
    "PCM": Recipe(container="mov", sound=("pcm_s16le",)),
    "Opus": Recipe(container="matroska", sound=("libopus",)),
    "MP3": Recipe(container="matroska", sound=("libmp3lame",)),
    "FLAC": Recipe(container="matroska", sound=("flac",)),
    "several sound tracks": Recipe(sound=("aac", "ac3", "aac")),
    "the first of several sound tracks does not fit": Recipe(container="matroska", sound=("libopus", "aac")),
}


@pytest.mark.parametrize("name", PLAYS)
async def test_each_plays_as_it_did(name: str) -> None:
    data = make(PLAYS[name])
    made, out = await package(data)
    assert pictures_of(out) == pictures_of(data)
    of_source, of_output = facts_of_tracks(data), facts_of_tracks(out)
    assert (of_output["size"], of_output["matrix"]) == (of_source["size"], of_source["matrix"])
    assert len(of_output["sound"]) == min(1, len(of_source["sound"]))
    if of_source["sound"]:
        assert abs(sound_ahead(out) - sound_ahead(data)) <= MAX_SYNC_ERROR_SECONDS
        assert decoded_seconds(out) == pytest.approx(decoded_seconds(data), abs=0.1)
        assert of_output["sound"][0][2] == of_source["sound"][0][2]
        assert made.codecs.endswith(",mp4a.40.2")
    if of_source["video"] == "hevc":
        assert of_output["tag"] == "hvc1"
    check_segments(made, out)


def check_segments(made: Packaged, out: bytes) -> None:
    """Segments follow each other, begin with a key frame, and play for as long as they say."""
    assert list(dict(_boxes(out[: made.init_size]))) == ["ftyp", "moov"]
    at = made.init_size
    for segment in made.segments:
        assert {name for name, _ in _boxes(out[at : segment.offset])} <= {"prft"}  # keeps segments apart (ADR 0039)
        at = segment.offset
        piece = out[at : at + segment.size]
        names = [name for name, _ in _boxes(piece)]
        assert {"moof", "mdat"} <= set(names) <= {"moof", "mdat", "prft"}
        assert names[0] == "moof"
        with av.open(io.BytesIO(out[: made.init_size] + piece)) as media:
            [first] = [packet for packet in media.demux(video=0) if packet.pts is not None][:1]
            assert first.is_keyframe
        at += segment.size
    assert at <= len(out) == made.size
    assert [name for name, _ in _boxes(out[at:])] in ([], ["mfra"])
    shown = pictures_of(out)
    seconds = sum(segment.milliseconds for segment in made.segments) / 1000
    assert seconds == pytest.approx(shown[-1][0] / 1000, abs=1)
    assert made.frame_rate == pytest.approx(len(shown) / seconds, abs=0.01)


def _boxes(data: bytes) -> list[tuple[str, bytes]]:
    return list(mp4._boxes(data))


async def test_segments_last_four_seconds_or_to_the_next_key_frame() -> None:
    made, _ = await package(make(Recipe(seconds=14)))  # a key frame every other second
    assert [segment.milliseconds for segment in made.segments] == [4000, 4000, 4000, 2000]
    made, _ = await package(make(PLAYS["key frames 30 seconds apart"]))
    assert [segment.milliseconds for segment in made.segments] == [30_000, 30_000, 5000]
    made, _ = await package(make(PLAYS["all key frames"]))
    assert [segment.milliseconds for segment in made.segments] == [4000, 4000, 2000]


@pytest.mark.parametrize("late", ["sound", "pictures", "both"])
@pytest.mark.parametrize("container", ["mp4", "matroska"])
async def test_a_track_that_begins_later_still_does(container: str, late: str) -> None:
    sound, pictures = (0.7 if late in {"sound", "both"} else 0.0), (0.7 if late in {"pictures", "both"} else 0.0)
    data = make_retimed(container, seconds=6, sound=lambda second: second + sound, pictures=lambda second: second + pictures)
    made, out = await package(data)
    assert abs(sound_ahead(out) - sound_ahead(data)) <= 0.005
    assert pictures_of(out) == pictures_of(data)
    check_segments(made, out)


async def test_an_edit_list_that_cuts_the_beginning_off_is_not_undone() -> None:
    """It begins between two key frames: the pictures since the first are decoded, but not shown."""
    with pytest.raises(CannotPackage) as refused:
        await package(make_retimed("mp4", seconds=8, sound=lambda second: second - 1.5, pictures=lambda second: second - 1.5))
    assert refused.value.reason == "edit_list"


async def test_an_edit_list_that_only_moves_the_beginning_is_kept() -> None:
    """As B-frames need it, and cameras that begin with the sound."""
    data = make(Recipe(muxer=(("movflags", "+faststart"), ("use_editlist", "1"))))
    assert data.count(b"elst") == 2
    _, out = await package(data)
    assert abs(sound_ahead(out) - sound_ahead(data)) <= 0.005
    assert pictures_of(out) == pictures_of(data)


@pytest.mark.parametrize("copied", [True, False])
async def test_sound_is_silent_where_it_was_missing(copied: bool) -> None:
    """Two seconds are missing in the middle."""
    codec = "aac" if copied else "libopus"
    data = make(Recipe(container="matroska", sound=(codec,)))
    gap = without_sound(data, 3.0, 5.0)
    _, out = await package(gap)
    assert pictures_of(out) == pictures_of(gap)
    assert abs(sound_ahead(out) - sound_ahead(gap)) <= MAX_SYNC_ERROR_SECONDS
    assert last_sound(out) == pytest.approx(last_sound(gap), abs=0.05)


SAYS_WHY = {
    "no picture": (lambda: make_media("mp4", video=False), "no_picture"),
    "VP8": (lambda: make_media("webm"), "codec"),
    "MPEG-4 part 2 in AVI": (lambda: make_media("avi"), "codec"),
    "MPEG-4 part 2": (lambda: make(Recipe(codec="mpeg4", options=())), "codec"),
    "H.264 with 10 bit": (lambda: make(Recipe(pixels="yuv420p10le")), "codec"),
    "H.264 in 4:4:4": (lambda: make(Recipe(pixels="yuv444p")), "codec"),
    "a transport stream": (lambda: make_media("mpegts"), "codec"),
    "one key frame in 70 seconds": (
        lambda: make(Recipe(seconds=70, options=(("preset", "ultrafast"), ("x264-params", "keyint=infinite:scenecut=0")))),
        "key_frames",
    ),
    "cut off before its index": (lambda: make(Recipe())[:9000], "broken_file"),
    "encrypted": (
        lambda: make(
            Recipe(
                muxer=(
                    ("encryption_scheme", "cenc-aes-ctr"),
                    ("encryption_key", "0123456789abcdef" * 2),
                    ("encryption_kid", "0123456789abcdef" * 2),
                )
            )
        ),
        "encrypted",
    ),
}


@pytest.mark.parametrize("name", SAYS_WHY)
async def test_what_does_not_play_in_pieces_says_why(name: str) -> None:
    made, reason = SAYS_WHY[name]
    with pytest.raises(CannotPackage) as refused:
        await package(made())
    assert refused.value.reason == reason


def without_sound(data: bytes, begin: float, end: float) -> bytes:
    """Return a file without the sound between two seconds."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as media, av.open(out, "w", format="matroska") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in media.streams}
        for packet in media.demux():
            if packet.pts is None:
                continue
            second = float(packet.pts * packet.time_base)
            if packet.stream.type == "audio" and begin <= second < end:
                continue
            packet.stream = streams[packet.stream_index]
            output.mux(packet)
    return out.getvalue()


def last_sound(data: bytes) -> float:
    """Return when the last sound begins, in seconds since the first picture."""
    with av.open(io.BytesIO(data)) as media:
        packets = [packet for packet in media.demux() if packet.pts is not None]
        first = min(float(packet.pts * packet.time_base) for packet in packets if packet.stream.type == "video")
        return max(float(packet.pts * packet.time_base) for packet in packets if packet.stream.type == "audio") - first


async def test_nothing_at_all_is_a_broken_file() -> None:
    with pytest.raises(CannotPackage) as refused:
        await package(without_samples())
    assert refused.value.reason == "broken_file"


def without_samples() -> bytes:
    """A recording that was stopped at once: its tracks have no packets."""
    data = make(Recipe(muxer=(("movflags", "+frag_keyframe+empty_moov"),)))
    return data[: data.index(b"moof") - 4]


async def test_a_single_picture_plays() -> None:
    data = make(Recipe(seconds=1, stamps=(0.0,), sound=()))
    made, out = await package(data)
    assert pictures_of(out) == pictures_of(data)
    assert len(made.segments) == 1


async def test_a_file_that_ends_too_early_plays_as_far_as_it_goes() -> None:
    data = make(PLAYS["index in front"])
    made, out = await package(data[: len(data) * 2 // 3])
    shown = pictures_of(data)
    assert 0 < len(pictures_of(out)) < len(shown)
    assert pictures_of(out)[:40] == shown[:40]
    assert sum(segment.milliseconds for segment in made.segments) < 8000


async def test_ten_hours_that_are_only_declared_play_for_as_long_as_there_are_pictures() -> None:
    data = bytearray(make(Recipe()))
    at = data.index(b"mvhd") + 4
    timescale = int.from_bytes(data[at + 12 : at + 16], "big")
    data[at + 16 : at + 20] = min(36_000 * timescale, 2**32 - 1).to_bytes(4, "big")
    made, out = await package(bytes(data))
    assert pictures_of(out) == pictures_of(make(Recipe()))
    assert sum(segment.milliseconds for segment in made.segments) == 10_000


async def test_a_picture_ten_hours_after_the_others_has_no_segment() -> None:
    with pytest.raises(CannotPackage) as refused:
        await package(make_retimed("mp4", seconds=4, pictures=lambda second: second if second < 3.9 else 36_000.0))
    assert refused.value.reason == "key_frames"


async def test_a_copy_that_becomes_too_large_ends() -> None:
    with pytest.raises(CannotPackage) as refused:
        await package(make(Recipe()), max_bytes=5000)
    assert refused.value.reason == "out_of_proportion"


async def test_small_pictures_for_seeking() -> None:
    made, _ = await package(make(Recipe(seconds=14)))
    assert made.sprites is not None
    assert made.sheet is not None
    assert (made.sprites.width, made.sprites.height, made.sprites.columns) == (160, 90, 7)
    assert made.sprites.starts == (0, 2000, 4000, 6000, 8000, 10_000, 12_000)
    with av.open(io.BytesIO(made.sheet), format="mjpeg") as image:
        [sheet] = list(image.decode(video=0))
    assert (sheet.width, sheet.height) == (7 * 160, 90)


async def test_small_pictures_are_upright() -> None:
    made, _ = await package(make(PLAYS["rotated"]))
    assert made.sprites is not None
    assert (made.sprites.width, made.sprites.height) == (90, 160)


async def test_a_long_video_has_no_more_than_a_hundred() -> None:
    recipe = Recipe(seconds=300, options=(*quick("libx264"), ("g", "10")), size=(32, 18), sound=())
    made, _ = await package(make(recipe))
    assert made.sprites is not None
    assert 50 <= len(made.sprites.starts) <= 100
    gaps = {later - earlier for earlier, later in zip(made.sprites.starts, made.sprites.starts[1:], strict=False)}
    assert max(gaps) <= 2 * min(gaps)
