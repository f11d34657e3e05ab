"""What an opened media file says of itself."""

from __future__ import annotations

import math
from fractions import Fraction

import av
from av import AudioStream, VideoStream
from av.container import InputContainer
from av.rational import AVRational

from reelgate.adapters.pyav.geometry import geometry_of
from reelgate.adapters.pyav.media_file import moving_pictures
from reelgate.domain.derived_media import Facts

MAX_NUMBER = 2**31 - 1


def facts_of(container: InputContainer, name: str) -> Facts:
    """Return the facts of the first video and sound track. `name` is the container's."""
    video, sound = moving_pictures(container), next(iter(container.streams.audio), None)
    shown = geometry_of(video) if video and video.width and video.height else None
    rate = None if video is None else video.average_rate or video.guessed_rate
    return Facts(
        container=name,
        duration_seconds=_seconds(container),
        video_codec=_codec(video) if video else None,
        width=_number(shown.width) if shown else None,
        height=_number(shown.height) if shown else None,
        rotation=shown.rotation if shown else None,
        mirrored=shown.mirrored if shown else None,
        frame_rate=_rounded(rate),
        audio_codec=_codec(sound) if sound and sound.codec_context else None,
        sample_rate=_number(sound.codec_context.sample_rate) if sound and sound.codec_context else None,
        channels=_number(sound.codec_context.channels) if sound and sound.codec_context else None,
    )


def _codec(track: VideoStream | AudioStream) -> str:
    """The name of the format, as ffprobe tells it (`mp3`, `av1`), not of the decoder that reads it (`mp3float`, `libdav1d`)."""
    return track.codec_context.codec.canonical_name


def _seconds(container: InputContainer) -> float | None:
    """The container's own duration, or its longest track's; some recorders write neither."""
    tracks = [s.duration * s.time_base for s in container.streams if s.duration and s.time_base]
    longest = container.duration / av.time_base if container.duration else max(map(float, tracks), default=0.0)
    return _rounded(longest)


def _rounded(value: float | Fraction | AVRational | None) -> float | None:
    number = float(value) if value else 0.0
    return round(number, 3) if math.isfinite(number) and 0 < number <= MAX_NUMBER else None


def _number(value: int | None) -> int | None:
    return value if value and 0 < value <= MAX_NUMBER else None
