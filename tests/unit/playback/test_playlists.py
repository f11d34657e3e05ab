"""Playlists: which tags they have, in which order, and that players read the film that they list."""

from __future__ import annotations

import re

import pytest

from reelgate.domain.playback.playlists import PlayableVideo, Subtitles, subtitles_playlist
from reelgate.domain.playback.segment_index import Rendition, Segment, SegmentIndex

URL = "https://storage.example/derived/ada/f1/7/hls/v0.mp4?X-Goog-Signature=abc"


def a_rendition(*segments: tuple[int, int], name: str = "v0", frame_rate: float = 24.0) -> Rendition:
    """Return a rendition of segments, each of bytes and milliseconds."""
    offset, placed = 1332, []
    for size, milliseconds in segments:
        placed.append(Segment(offset, size, milliseconds))
        offset += size
    return Rendition(
        name=name,
        codecs="avc1.64001f,mp4a.40.2",
        width=1280,
        height=720,
        frame_rate=frame_rate,
        init_size=1332,
        segments=tuple(placed),
    )


def playable(*renditions: Rendition) -> PlayableVideo:
    return PlayableVideo(SegmentIndex(renditions=renditions))


def test_a_media_playlist_has_its_tags_in_the_order_that_all_players_take() -> None:
    rendition = a_rendition((9_779_418, 5208), (7_000_000, 3400))
    assert playable(rendition).media(rendition, URL) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-TARGETDURATION:5\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        f'#EXT-X-MAP:URI="{URL}",BYTERANGE="1332@0"\n'
        "#EXTINF:5.208,\n"
        "#EXT-X-BYTERANGE:9779418@1332\n"
        f"{URL}\n"
        "#EXTINF:3.400,\n"
        "#EXT-X-BYTERANGE:7000000@9780750\n"
        f"{URL}\n"
        "#EXT-X-ENDLIST\n"
    )


def test_a_second_playlist_of_the_same_video_has_its_own_url() -> None:
    rendition = a_rendition((10, 4000))
    video = playable(rendition)
    assert video.media(rendition, "https://a.example/1").replace("a.example/1", "b.example/2") == video.media(
        rendition, "https://b.example/2"
    )


@pytest.mark.parametrize(("milliseconds", "target"), [(4499, 4), (4500, 5), (5500, 6), (13_999, 14), (120, 1)])
def test_the_target_duration_is_the_longest_one_rounded_half_up(milliseconds: int, target: int) -> None:
    rendition = a_rendition((10, 100), (10, milliseconds))
    assert f"#EXT-X-TARGETDURATION:{target}\n" in playable(rendition).media(rendition, URL)


def test_a_master_playlist_names_each_rendition() -> None:
    renditions = (a_rendition((5_000_000, 4000)), a_rendition((500_000, 4000), name="v1", frame_rate=0.0))
    master = playable(*renditions).master(lambda one: f"https://api.example/{one.name}.m3u8")
    assert master.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-STREAM-INF:BANDWIDTH=10000000,AVERAGE-BANDWIDTH=10000000,RESOLUTION=1280x720,FRAME-RATE=24.000,"
        'CODECS="avc1.64001f,mp4a.40.2"',
        "https://api.example/v0.m3u8",
        '#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=1000000,RESOLUTION=1280x720,CODECS="avc1.64001f,mp4a.40.2"',
        "https://api.example/v1.m3u8",
    ]


def test_captions_come_before_the_streams_that_use_them() -> None:
    captions = [
        Subtitles(language="de", label="Deutsch", url="https://api.example/captions/de.m3u8", default=True),
        Subtitles(language="en", label='a "quoted"\nname', url="https://api.example/captions/en.m3u8"),
    ]
    lines = playable(a_rendition((10, 4000))).master(lambda one: "u", captions).splitlines()
    assert lines[3:5] == [
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,'
        'URI="https://api.example/captions/de.m3u8"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="a  quoted  name",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,'
        'FORCED=NO,URI="https://api.example/captions/en.m3u8"',
    ]
    assert lines[5].endswith(',SUBTITLES="captions"')


def test_the_peak_is_that_of_segments_about_as_long_as_the_target() -> None:
    # 5 s in all segments but the last, which is short: a burst of 0.1 s is no peak, together with its neighbour it counts.
    rendition = a_rendition((1_000_000, 5000), (2_500_000, 5000), (100_000, 100))
    [stream] = [line for line in playable(rendition).master(lambda one: "u").splitlines() if "STREAM-INF" in line]
    peak = re.search(r"BANDWIDTH=(\d+)", stream)
    assert peak is not None
    assert int(peak[1]) == -(-2_600_000 * 8000 // 5100)
    assert f"AVERAGE-BANDWIDTH={-(-3_600_000 * 8000 // 10_100)}" in stream


def test_a_film_that_is_shorter_than_half_a_second_has_its_average_as_its_peak() -> None:
    master = playable(a_rendition((1000, 100))).master(lambda one: "u")
    assert "BANDWIDTH=80000,AVERAGE-BANDWIDTH=80000" in master


def test_a_video_is_as_large_and_as_long_as_its_largest_rendition() -> None:
    video = playable(a_rendition((5000, 4000)), a_rendition((500, 4100), name="v1"))
    assert (video.size, video.duration_seconds) == (6332, 4.1)


def test_captions_are_one_segment_of_the_whole_length() -> None:
    assert subtitles_playlist("https://api.example/captions/de.vtt", 30.5).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:31",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXTINF:30.500,",
        "https://api.example/captions/de.vtt",
        "#EXT-X-ENDLIST",
    ]
