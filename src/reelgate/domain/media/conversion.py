"""What `convert` makes of a video, and the rules it works by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

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
"""How long a run has a file for itself unless it says that it is still alive, which it does far more often."""

MAX_PIXELS_A_SIDE = 8192
MAX_STREAMS = 64
POSTER_WIDTH = 640
MAX_POSTER_BYTES = 1024 * 1024
AUDIO_TYPE, POSTER_TYPE = "audio/mpeg", "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRules:
    """How this deployment converts.

    Attributes:
        automatic: whether every video gets an MP3, or only those for which one is asked.
        max_seconds: longer media gets none.
        attempts: how often a file is tried that breaks the converter.
        deadline_seconds: how long one run may take.
    """

    automatic: bool = True
    max_seconds: int = 4 * 3600
    attempts: int = 3
    deadline_seconds: int = 540


def derived_folder(uid: str, file_id: str) -> str:
    """Return what the names of all objects begin with that are derived from a file."""
    return f"{uid}/{file_id}/"


def audio_name(uid: str, file_id: str, generation: int) -> str:
    """Return where a file's MP3 is kept. The same every time: a second run writes the same object."""
    return f"{derived_folder(uid, file_id)}{generation}/audio.mp3"


def poster_name(uid: str, file_id: str, generation: int) -> str:
    """Return where a file's poster image is kept."""
    return f"{derived_folder(uid, file_id)}{generation}/poster.jpg"


class CannotConvert(Exception):
    """The file itself is why there is nothing to be had of it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class RunFailed(Exception):
    """A run ended without an outcome: it was `too_slow`, or the converter died of the file. Perhaps another one does better."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
