"""The facts that an opened media file declares."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from typing import BinaryIO

import av
from av import AudioStream, VideoStream
from av.container import InputContainer
from av.rational import AVRational

from reelgate.adapters.pyav.file.media_file import moving_pictures, open_media, sound_track
from reelgate.adapters.pyav.picture.geometry import geometry_of
from reelgate.domain.media.conversion import Reason
from reelgate.domain.media.examination import Facts

MAX_NUMBER = 2**31 - 1
_COUNT_FROM_NOTHING = frozenset({"asf", "flv", "matroska", "webm"})
"""Containers whose duration is the end of the last packet, even if the first one does not start at 0."""
_MIN_BYTES_PER_SECOND = {"mpegts": 1000, "mpeg": 1000, "ogg": 20}
"""Containers whose duration is the last minus the first time stamp, which is meaningless in joined recordings. A transport
stream has at least ten packets with the time per second (ISO/IEC 13818-1, 2.7.2); an Ogg page has at least 27 bytes."""

BARE_PICTURES = frozenset({"h264", "hevc", "m4v", "mpegvideo"})
"""Video streams without time stamps or a header: FFmpeg's duration is missing, or computed from the maximum bit rate. Their
pictures are counted instead (`counted_seconds`)."""
MAX_COUNTED_BYTES = 512 * 1024 * 1024
"""How much of such a stream can be read within the time for an examination."""
MAX_FRAME_RATE = 1000
"""A higher average rate is not a frame rate but the container's time base, as in DV."""


def facts_of(container: InputContainer, name: str, *, truncated: bool = False) -> Facts:
    """Return the facts of the selected video and audio tracks. `name` is the container's."""
    video, sound = moving_pictures(container), sound_track(container)
    shown = geometry_of(video) if video and video.width and video.height else None
    rate = None if video is None or shown is None else _rate(video)
    return Facts(
        container=name,
        duration_seconds=seconds_of(container, name),
        video_codec=_codec(video) if video else None,
        width=_number(shown.width) if shown else None,
        height=_number(shown.height) if shown else None,
        rotation=shown.rotation if shown else None,
        mirrored=shown.mirrored if shown else None,
        frame_rate=_rounded(rate),
        audio_codec=_codec(sound) if sound else None,
        sample_rate=_number(sound.codec_context.sample_rate) if sound else None,
        channels=_number(sound.codec_context.channels) if sound else None,
        truncated=truncated,
    )


def why_no_sound(container: InputContainer) -> Reason | None:
    """Return why a file's audio cannot be extracted, None if it may be possible."""
    if sound_track(container) is not None:
        return None
    return "unsupported" if container.streams.audio else "no_audio_track"


def _codec(track: VideoStream | AudioStream) -> str:
    """The name of the format as in ffprobe (`mp3`, `av1`), not of the decoder (`mp3float`, `libdav1d`)."""
    return track.codec_context.codec.canonical_name


def seconds_of(container: InputContainer, name: str) -> float | None:
    """Return how long a file plays: its own duration, or its longest track's. None if it declares nothing plausible."""
    if name in BARE_PICTURES:
        return None
    tracks = [s.duration * s.time_base for s in container.streams if s.duration and s.time_base]
    longest = container.duration / av.time_base if container.duration else max(map(float, tracks), default=0.0)
    start = (container.start_time or 0) / av.time_base
    if name in _COUNT_FROM_NOTHING and 0 < start < longest:
        longest -= start
    if longest * _MIN_BYTES_PER_SECOND.get(name, 0) > (container.size or math.inf):
        return None
    return _rounded(longest)


def counted_seconds(file: io.RawIOBase | BinaryIO, name: str) -> float | None:
    """Return the duration of a bare video stream by reading all of it; None for any other file, and for very long ones.

    Raises:
        CannotConvert: as `open_media` does.
    """
    if name not in BARE_PICTURES or file.seek(0, io.SEEK_END) > MAX_COUNTED_BYTES:
        return None
    file.seek(0)
    with open_media(file, name) as container:
        video = moving_pictures(container)
        rate = _rate(video) if video else None
        if video is None or not rate:
            return None
        seconds = Fraction(0)
        try:
            for packet in container.demux(video):
                if packet.size:
                    seconds += packet.duration * packet.time_base if packet.duration else 1 / rate
        except av.error.FFmpegError:
            return None
        return _rounded(seconds)


def _rate(video: VideoStream) -> Fraction | None:
    rate = video.average_rate
    if not rate or rate > MAX_FRAME_RATE:
        rate = video.guessed_rate
    return Fraction(rate.numerator, rate.denominator) if rate else None


def _rounded(value: float | Fraction | AVRational | None) -> float | None:
    number = float(value) if value else 0.0
    return round(number, 3) if math.isfinite(number) and 0 < number <= MAX_NUMBER else None


def _number(value: int | None) -> int | None:
    return value if value and 0 < value <= MAX_NUMBER else None
