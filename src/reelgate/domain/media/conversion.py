"""What `convert` derives from a video, and the rules for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from reelgate.domain.value_types import value_type

Reason = Literal[
    "no_audio_track",
    "broken_file",
    "encrypted",
    "unsupported",
    "wrong_type",
    "too_long",
    "too_large",
    "out_of_proportion",
    "no_room",
    "day_used_up",
    "too_slow",
    "attempts_exhausted",
    "gone",
]
"""Why a file has no MP3. docs/media.md explains each, `reasons` has a sentence for each."""

HlsMode = Literal["automatic", "on_request", "off"]

LEASE = timedelta(seconds=120)
"""How long a run holds a file without renewing its lease. Runs renew it far more often."""

ORDER_AGAIN_AFTER = timedelta(seconds=60)
"""How long after the order of an MP3 that waits its message is not sent again. It is delivered until a run answers it, so a
second one helps only if the first was lost."""

MAX_PIXELS_PER_SIDE = 8192
MAX_STREAMS = 64
POSTER_WIDTH = 640
MAX_POSTER_BYTES = 1024 * 1024
"""The largest poster that a deployment can allow."""
AUDIO_TYPE, POSTER_TYPE = "audio/mpeg", "image/jpeg"


@value_type
class ConversionRules:
    """How this deployment converts.

    Attributes:
        automatic: whether every video gets an MP3, or only those whose owner requests one.
        hls: whether every video is packaged for players, or those whose owner requests it, or none.
        max_seconds: longer media get no MP3.
        attempts: how often a file that crashes the converter is tried.
        deadline_seconds: how long one run may take.
        audio_percent: how large an MP3 may be, in percent of its file.
        audio_floor_bytes: how large an MP3 may be, however small its file is.
        poster_bytes: how large a poster may be.
        derived_percent: what exceeds the files' own sizes may be so much in all, in percent of the user's storage limit.
        day_seconds: how long the runs of one user may take in a day.
        runs_at_once: how many runs of one user there may be at once.
        renditions: the smaller renditions that packaged videos get, by their labels.
        encoder: FFmpeg's name of the encoder for these.
        shard_seconds: how much of a video is encoded before progress is recorded.
    """

    automatic: bool = True
    hls: HlsMode = "automatic"
    max_seconds: int = 4 * 3600
    attempts: int = 3
    deadline_seconds: int = 540
    audio_percent: int = 200
    audio_floor_bytes: int = 8 * 1024 * 1024
    poster_bytes: int = 256 * 1024
    derived_percent: int = 100
    day_seconds: int = 3600
    runs_at_once: int = 2
    renditions: tuple[str, ...] = ()
    encoder: str = "libx264"
    shard_seconds: int = 60

    def max_audio_bytes(self, size: int) -> int:
        """Return how large the MP3 of a file of this size may be, and its HLS."""
        return max(size * self.audio_percent // 100, self.audio_floor_bytes)


def derived_folder(uid: str, file_id: str) -> str:
    """Return the name prefix of all objects that are derived from a file."""
    return f"{uid}/{file_id}/"


def audio_name(uid: str, file_id: str, generation: int) -> str:
    """Return the object name of a file's MP3. It is always the same, so a second run overwrites the first."""
    return f"{derived_folder(uid, file_id)}{generation}/audio.mp3"


def poster_name(uid: str, file_id: str, generation: int) -> str:
    """Return the object name of a file's poster image."""
    return f"{derived_folder(uid, file_id)}{generation}/poster.jpg"


class CannotConvert(Exception):
    """Nothing can be derived, because of the file itself."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class RunFailed(Exception):
    """A run ended without a result: it was `too_slow`, or the converter crashed. Another run may succeed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
