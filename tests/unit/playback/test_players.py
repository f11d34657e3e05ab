"""PyAV and ffmpeg read a film through its playlists, picture by picture."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator

import av
import pytest

from reelgate.domain.playback.playlists import PlayableVideo, Subtitles, subtitles_playlist
from tests.fixtures.handmade_hls import packaged, shades
from tests.fixtures.range_server import RangeServer, range_server

QUERY = "?X-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Signature=" + "ab" * 32
SYNC_SECONDS = 0.040


@pytest.fixture
def server() -> Iterator[RangeServer]:
    """A server that has the film's file, both playlists, and captions."""
    film = packaged()
    video = PlayableVideo(film.index)
    with range_server() as server:
        captions = Subtitles(language="de", label="Deutsch", url=f"{server.url}/de.m3u8", default=True)
        server.files = {
            "/v0.mp4": film.data,
            "/v0.m3u8": video.media(film.rendition, f"{server.url}/v0.mp4{QUERY}").encode(),
            "/master.m3u8": video.master(lambda one: f"{server.url}/{one.name}.m3u8").encode(),
            "/captioned.m3u8": video.master(lambda one: f"{server.url}/{one.name}.m3u8", [captions]).encode(),
            "/de.m3u8": subtitles_playlist(f"{server.url}/de.vtt", video.duration_seconds).encode(),
            "/de.vtt": b"WEBVTT\n\n00:01.000 --> 00:03.000\nGuten Tag\n",
        }
        yield server


@pytest.mark.parametrize("playlist", ["v0", "master", "captioned"])
def test_pyav_reads_the_film_picture_by_picture(server: RangeServer, playlist: str) -> None:
    assert tuple(shades(f"{server.url}/{playlist}.m3u8")) == packaged().pictures
    assert None not in [one for one in server.ranges if one and one[0] == "/v0.mp4"]


def test_only_the_segments_of_the_index_are_read(server: RangeServer) -> None:
    rendition = packaged().rendition
    list(shades(f"{server.url}/v0.m3u8"))
    read = {one[1] for one in server.ranges if one is not None and one[0] == "/v0.mp4"}
    assert read == {0, *(segment.offset for segment in rendition.segments)}


def test_pictures_and_sound_begin_together(server: RangeServer) -> None:
    with av.open(f"{server.url}/master.m3u8") as container:
        starts = {}
        for packet in container.demux():
            if packet.pts is not None:
                starts.setdefault(packet.stream.type, float(packet.pts * packet.time_base))
            if len(starts) == 2:
                break
    assert abs(starts["video"] - starts["audio"]) <= SYNC_SECONDS


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("playlist", ["v0", "master"])
def test_ffmpeg_reads_as_many_pictures_as_the_film_has(server: RangeServer, playlist: str) -> None:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", f"{server.url}/{playlist}.m3u8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    [video] = [one for one in json.loads(done.stdout)["streams"] if one["codec_type"] == "video"]
    assert (int(video["nb_read_frames"]), video["width"], video["height"]) == (len(packaged().pictures), 160, 90)
    assert done.stderr == ""


def test_pyav_seeks_without_reading_what_is_before(server: RangeServer) -> None:
    rendition = packaged().rendition
    with av.open(f"{server.url}/v0.m3u8") as container:
        container.seek(9_000_000)  # in the fifth segment, of 8 to 10 s
        frame = next(container.decode(video=0))
    assert frame.time == pytest.approx(8, abs=0.001)
    assert bytes(frame.planes[0])[0] == packaged().pictures[80]
    read = [one[1] for one in server.ranges if one is not None and one[0] == "/v0.mp4"]
    assert rendition.segments[4].offset in read
    assert rendition.segments[3].offset not in read
