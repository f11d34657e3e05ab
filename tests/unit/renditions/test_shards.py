"""Shards are encoded each alone, and what they are joined to plays as the original does, picture by picture."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import av
import pytest

from reelgate.adapters.pyav.picture.colours import WHITE, pq_nits
from tests.fixtures.media.films import film, longest_gap, packaged, pictures_in, sound_in
from tests.fixtures.media.shards import encoded


def irregular(number: int) -> int:
    """Pictures of a variable rate: one, two or three twelfths of a second apart."""
    return number * 2 + (number % 3 == 1)


FILMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "many B-frames": {"bf": "4", "b-pyramid": "normal"},
    "open groups of pictures": {"bf": "2", "x264-params": "open-gop=1:keyint=12:min-keyint=12:scenecut=0"},
    "no sound": {"sound_from": None},
    "sound begins late": {"sound_from": 1.5},
    "variable rate": {"shown": irregular, "bf": "2"},
    "key frames 5 s apart": {"g": "60"},
    "HEVC, 10 bit": {"codec": "libx265", "pixels": "yuv420p10le", "x265-params": "log-level=none:keyint=12:pools=none"},
}


@pytest.mark.parametrize("kind", FILMS)
def test_the_joined_shards_are_the_film_again(kind: str) -> None:
    data, original = packaged(film(**FILMS[kind]))
    joined, table = encoded(data, original)
    assert len(table.objects) > 1
    rendition, before, after = table.rendition(), pictures_in(data), pictures_in(joined)
    assert [second for second, _ in after] == pytest.approx([second for second, _ in before], abs=0.001)
    assert max(abs(shade - was) for (_, shade), (_, was) in zip(after, before, strict=True)) <= 8
    if FILMS[kind].get("sound_from", 0.0) is not None:
        assert sound_in(joined) == sound_in(data)  # to the sample: so there is no click at a joint
        assert longest_gap(joined) <= max(0.001, longest_gap(data))
    assert rendition.duration_seconds == pytest.approx(original.duration_seconds, abs=0.1)
    assert rendition.codecs.startswith("avc1.4d40")  # main profile
    with av.open(io.BytesIO(joined)) as media:
        [video] = media.streams.video
        assert (video.width, video.height, video.pix_fmt) == (160, 90, "yuv420p")


def test_each_segment_plays_alone_after_the_beginning_and_begins_with_a_key_frame() -> None:
    data, original = packaged(film(bf="2"))
    joined, table = encoded(data, original)
    pictures, rendition = pictures_in(joined), table.rendition()
    ends = [rendition.init_size, *(segment.offset + segment.size for segment in rendition.segments)]
    assert all(segment.offset > end for segment, end in zip(rendition.segments, ends, strict=False))  # none touch
    at, found = 0.0, []
    for segment in rendition.segments:
        part = joined[: rendition.init_size] + joined[segment.offset : segment.offset + segment.size]
        alone = pictures_in(part)
        assert alone[0][0] == pytest.approx(at, abs=0.001)
        found += alone
        at += segment.milliseconds / 1000
    assert found == pictures


def test_key_frames_are_two_seconds_apart() -> None:
    data, original = packaged(film(g="120"))  # of ten seconds
    joined, _ = encoded(data, original, shard_seconds=60)
    with av.open(io.BytesIO(joined)) as media:
        keys = [float(one.pts * one.time_base) for one in media.demux(video=0) if one.pts is not None and one.is_keyframe]
    assert keys == pytest.approx([0, 2, 4, 6, 8], abs=0.001)


def test_a_rotated_film_is_turned_upright() -> None:
    data, original = packaged(film(seconds=4, rotation=90))
    assert (original.width, original.height) == (180, 320)
    joined, _ = encoded(data, original, width=90, height=160)
    with av.open(io.BytesIO(joined)) as media:
        frame = next(media.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (90, 160, 0)
        luma = bytes(frame.planes[0])
    line = luma[80 * frame.planes[0].line_size :][:90]
    smooth = [all(abs(a - b) < 12 for a, b in pairwise(half)) for half in (line[5:40], line[50:85])]
    assert sorted(smooth) == [False, True]  # noise, which was below, is at one side


def test_sound_and_pictures_keep_their_distance() -> None:
    for sound_from in (0.0, 0.7):
        data, original = packaged(film(seconds=6, sound_from=sound_from))
        joined, _ = encoded(data, original)
        distance = [sound_in(one)[0] - pictures_in(one)[0][0] for one in (data, joined)]
        assert distance[1] == pytest.approx(distance[0], abs=0.002)


def test_it_is_the_same_whatever_the_shards_are() -> None:
    data, original = packaged(film())
    whole, _ = encoded(data, original, shard_seconds=60)
    parts, _ = encoded(data, original)
    assert [second for second, _ in pictures_in(whole)] == [second for second, _ in pictures_in(parts)]
    assert sound_in(whole) == sound_in(parts)


def test_hdr_becomes_ordinary() -> None:
    hdr = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited"
    params = f"log-level=none:keyint=12:pools=none:{hdr}"
    data, original = packaged(film(seconds=2, codec="libx265", pixels="yuv420p10le", **{"x265-params": params}))
    joined, _ = encoded(data, original)
    with av.open(io.BytesIO(joined)) as media:
        frame = next(media.decode(video=0))
        assert (int(frame.colorspace), int(frame.color_primaries), int(frame.color_trc), int(frame.color_range)) == (1, 1, 1, 1)
    before, after = pictures_in(data)[20][1], pictures_in(joined)[20][1]
    light = pq_nits((before - 16) / 219) / WHITE
    assert after == pytest.approx(16 + 219 * light ** (1 / 2.4), abs=4)
    assert abs(after - before) > 5
