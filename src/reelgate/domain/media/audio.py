"""The MP3 of a file: its state, and which reasons for having none are for good."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from reelgate.domain.media.conversion import Reason
from reelgate.domain.value_types import value_type

AudioState = Literal["none", "queued", "running", "ready", "failed", "skipped"]

SKIPPED: frozenset[Reason] = frozenset(
    {"no_audio_track", "wrong_type", "too_long", "too_large", "out_of_proportion", "encrypted", "unsupported"}
)
"""Nothing went wrong: the file simply cannot have an MP3."""
PERMANENT: frozenset[Reason] = SKIPPED | {"broken_file"}
"""Trying again would give the same result."""
EXPENSIVE: frozenset[Reason] = frozenset({"too_slow", "attempts_exhausted"})
"""Trying again may give another result, and costs as much as a file can cost."""
MAX_EXPENSIVE_REQUESTS = 2
"""How many requests for one file may end so. After that, the reason is permanent."""


@value_type
class Audio:
    """The MP3. `reason` says why there is none, and `retry_at` from when on it can be requested again, if that is only a matter
    of time; `size` is in bytes.
    """

    state: AudioState = "none"
    progress_percent: int = 0
    reason: Reason | None = None
    size: int | None = None
    duration_seconds: float | None = None
    ready_at: datetime | None = None
    retry_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """Whether an MP3 was requested and is not finished."""
        return self.state in {"queued", "running"}
