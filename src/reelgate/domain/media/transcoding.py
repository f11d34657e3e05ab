"""How far the smaller renditions of a video are (docs/adr/0043-smaller-renditions.md).

A video without them plays all the same, so nothing waits for them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reelgate.domain.media.packaging import SKIPPED, HlsReason, HlsState
from reelgate.domain.value_types import value_type


@value_type
class Transcoding:
    """The state of all renditions that are still to be made. Those that are ready are in `Hls.renditions`.

    Attributes:
        reason: why there are no more, and `retry_at` from when on they can be requested again, if that is a matter of time.
        request: the number of the last request for packaging that was seen.
        attempts: runs since the last one that made progress. Counted before the work, so that a crashed run counts.
        rendition, table: the name of the rendition under way, and the id of the table of what was made of it; None before its
        first shard.
        bytes: of these shards.
    """

    state: HlsState = "none"
    reason: HlsReason | None = None
    retry_at: datetime | None = None
    request: int = 0
    attempts: int = 0
    rendition: str | None = None
    table: str | None = None
    bytes: int = 0

    @property
    def pending(self) -> bool:
        """Whether a run has begun, and none has ended it."""
        return self.state in {"queued", "running"}

    def is_wanted(self, request: int, *, restored: bool) -> bool:
        """Return whether to go on if there are renditions to be made: for good reasons not, until somebody asks again."""
        if self.state == "skipped":
            return False
        return self.state != "failed" or request > self.request or (restored and self.reason == "gone")

    def taken(self, request: int) -> Transcoding:
        """Return the state of a run that starts, with its attempt counted; from 0 if it was asked for anew."""
        attempts = 0 if self.state == "failed" else self.attempts
        return replace(
            self,
            state="running",
            reason=None,
            retry_at=None,
            request=max(self.request, request),
            attempts=attempts + 1,
        )

    def advanced(self, rendition: str, table: str, size: int) -> Transcoding:
        """Return the state with one more shard: only this run counts as an attempt from now on."""
        return replace(self, attempts=1, rendition=rendition, table=table, bytes=size)

    def left(self, *, counts: bool) -> Transcoding:
        """Return the state after a run that ended before the work; `counts`: whether it counts as an attempt."""
        return replace(self, state="queued", attempts=self.attempts if counts else max(0, self.attempts - 1))

    def finished(self) -> Transcoding:
        """Return the state with everything made."""
        return Transcoding(state="ready", request=self.request)

    def ended(self, reason: HlsReason, *, retry_at: datetime | None = None) -> Transcoding:
        """Return the state with the reason why there are no more renditions for now. What was made of one is kept, unless there
        will never be more of it."""
        if reason in SKIPPED:
            return Transcoding(state="skipped", reason=reason, request=self.request)
        return replace(self, state="failed", reason=reason, retry_at=retry_at)
