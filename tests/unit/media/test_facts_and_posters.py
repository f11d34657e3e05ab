"""What is told of real files, and the pictures that are taken of them."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pytest

from reelgate.adapters.pyav.file.facts import facts_of
from reelgate.adapters.pyav.file.media_file import moving_pictures, open_media
from reelgate.adapters.pyav.picture.poster import poster_of
from reelgate.domain.media.containers import HEAD_BYTES, container_of
from reelgate.domain.media.conversion import MAX_POSTER_BYTES, CannotConvert
from reelgate.domain.media.examination import Facts
from tests.fixtures.media_files import VIDEO, make_media


def examine(data: bytes) -> tuple[Facts, bytes | None]:
    container = container_of(data[:HEAD_BYTES])
    assert container is not None
    with open_media(io.BytesIO(data), container.demuxer) as media:
        facts = facts_of(media, container.name)
        pictures = moving_pictures(media)
        return facts, poster_of(media, pictures, facts.duration_seconds) if pictures else None


def picture_in(jpeg: bytes | None) -> av.VideoFrame:
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8\xff")
    assert len(jpeg) < MAX_POSTER_BYTES
    with av.open(io.BytesIO(jpeg), format="jpeg_pipe") as image:
        return next(image.decode(video=0))


def test_the_facts_of_an_ordinary_video() -> None:
    facts, _ = examine(make_media("mp4", seconds=3, width=320, height=180, rate=48_000))
    assert facts == Facts(
        container="mp4",
        duration_seconds=pytest.approx(3, abs=0.1),
        video_codec="h264",
        width=320,
        height=180,
        rotation=0,
        mirrored=False,
        frame_rate=10.0,
        audio_codec="aac",
        sample_rate=48_000,
        channels=2,
    )


@pytest.mark.parametrize("kind", VIDEO)
def test_every_kind_of_video_has_facts_and_a_poster(kind: str) -> None:
    facts, jpeg = examine(make_media(kind))
    assert (facts.container, facts.width, facts.height) == (kind, 160, 90)
    assert facts.duration_seconds == pytest.approx(2, abs=0.2)
    frame = picture_in(jpeg)
    assert (frame.width, frame.height) == (160, 90)


def test_what_is_missing_is_said_to_be_missing() -> None:
    silent, _ = examine(make_media("mp4", sound=False))
    assert (silent.video_codec, silent.audio_codec, silent.sample_rate, silent.channels) == ("h264", None, None, None)
    sound, picture = examine(make_media("mp3", video=False))
    assert (sound.audio_codec, sound.video_codec, sound.width, sound.frame_rate) == ("mp3", None, None, None)
    assert picture is None


def test_large_pictures_are_made_small() -> None:
    frame = picture_in(examine(make_media("mp4", seconds=1, width=1280, height=720, sound=False))[1])
    assert (frame.width, frame.height) == (640, 360)


def test_the_picture_is_from_a_tenth_of_the_way_in() -> None:
    """Every frame is a key frame of another shade: the 13th of 130 is wanted, the first is black."""
    data = make_media("avi", seconds=13, sound=False, video_codec="rawvideo")
    frame = picture_in(examine(data)[1])
    shade = bytes(frame.planes[0])[0]
    assert shade == pytest.approx((16 + 13 * 20 % 200 - 16) * 255 / 219, abs=6)  # a JPEG's black is 0, a video's 16


def test_a_file_whose_middle_is_gone_shows_its_beginning() -> None:
    data = make_media("mp4", seconds=4, index_in_front=True)
    start = data.index(b"mdat") + 4000
    facts, jpeg = examine(data[:start] + bytes(len(data) - start))
    assert facts.video_codec == "h264"
    assert jpeg is None or picture_in(jpeg).width == 160


def test_too_many_streams_and_too_many_pixels_are_refused() -> None:
    with pytest.raises(CannotConvert) as many:
        examine(_many_tracks(65))
    assert many.value.reason == "too_large"
    with pytest.raises(CannotConvert) as wide:
        examine(make_media("avi", seconds=0.2, width=8200, height=16, sound=False, video_codec="rawvideo"))
    assert wide.value.reason == "too_large"
    assert examine(_many_tracks(64))[0].audio_codec == "pcm_s16le"


@pytest.mark.parametrize("demuxer", ["hls", "concat", "dash", "sdp"])
def test_even_a_playlist_that_came_this_far_opens_no_other_file(tmp_path: Path, demuxer: str) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(make_media("mpegts"))
    for url in (str(secret), secret.as_uri()):
        playlists = {
            "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{url}\n#EXT-X-ENDLIST\n",
            "concat": f"ffconcat version 1.0\nfile '{url}'\n",
            "dash": f"<?xml version='1.0'?><MPD><Period><AdaptationSet>"
            f"<Representation><BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
            "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        }
        with pytest.raises((CannotConvert, PermissionError)):
            open_media(io.BytesIO(playlists[demuxer].encode()), demuxer)


def _many_tracks(number: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as output:
        streams = [output.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(number)]
        for stream in streams:
            frame = av.AudioFrame("s16", "mono", 800)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate = 8000
            output.mux(stream.encode(frame))
    return file.getvalue()
