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
    "too_slow",
    "attempts_exhausted",
    "gone",
]
"""Why a file has no MP3. docs/media.md explains each."""

LEASE = timedelta(seconds=120)
"""How long a run holds a file without renewing its lease. Runs renew it far more often."""

MAX_PIXELS_PER_SIDE = 8192
MAX_STREAMS = 64
POSTER_WIDTH = 640
MAX_POSTER_BYTES = 1024 * 1024
AUDIO_TYPE, POSTER_TYPE = "audio/mpeg", "image/jpeg"


@value_type
class ConversionRules:
    """How this deployment converts.

    Attributes:
        automatic: whether every video gets an MP3, or only those whose owner requests one.
        max_seconds: longer media get no MP3.
        attempts: how often a file that crashes the converter is tried.
        deadline_seconds: how long one run may take.
    """

    automatic: bool = True
    max_seconds: int = 4 * 3600
    attempts: int = 3
    deadline_seconds: int = 540


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
