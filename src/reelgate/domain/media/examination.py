"""What an examination finds out about a file: its facts, and its poster."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from reelgate.domain.value_types import value_type

PosterState = Literal["none", "ready", "failed"]


@value_type
class Facts:
    """What the file declares; None where it declares nothing. Durations are in seconds, sizes in pixels, rates per second.

    Attributes:
        duration_seconds: the decoded duration, once the audio has been decoded.
        width, height: the display size: after rotation, with square pixels.
        rotation: by how many degrees players turn the stored picture clockwise to display it, 0 to 359. None in records of
        older versions: there, width and height are those of the stored picture.
        mirrored: whether players flip it left to right after that.
        truncated: whether the file is shorter than it declares.
    """

    container: str
    duration_seconds: float | None = None
    video_codec: str | None = None
    width: int | None = None
    height: int | None = None
    rotation: int | None = None
    mirrored: bool | None = None
    frame_rate: float | None = None
    audio_codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    truncated: bool = False


@value_type
class Findings:
    """The results of an examination: the facts, and the poster with its size in bytes and the secret of its links.

    `size` is the file's.
    """

    facts: Facts
    size: int
    poster: PosterState = "none"
    poster_secret: str | None = field(default=None, repr=False)
    poster_bytes: int = 0
