"""A file's media facts, what was derived from it, and how a run changes that state.

Pure: each step takes a record and returns the next one. docs/media.md has a diagram of the states.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from reelgate.domain.media.conversion import LEASE, Reason
from reelgate.domain.value_types import value_type

AudioState = Literal["none", "queued", "running", "ready", "failed", "skipped"]
Examination = Literal["pending", "done", "failed"]
PosterState = Literal["none", "ready", "failed"]

SKIPPED: frozenset[Reason] = frozenset({"no_audio_track", "wrong_type", "too_long", "too_large", "encrypted", "unsupported"})
"""Nothing went wrong: the file simply cannot have an MP3."""
PERMANENT: frozenset[Reason] = SKIPPED | {"broken_file"}
"""Trying again would give the same result."""


class LeaseLost(Exception):
    """Another run holds the file now, or its record was removed: this run must not write anything more about it."""


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
class Audio:
    """The MP3. `reason` says why there is none; `size` is in bytes."""

    state: AudioState = "none"
    progress_percent: int = 0
    reason: Reason | None = None
    size: int | None = None
    duration_seconds: float | None = None
    ready_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """Whether an MP3 was requested and is not finished."""
        return self.state in {"queued", "running"}


@value_type
class Lease:
    """Which run holds the file, and until when."""

    holder: str
    until: datetime


@value_type
class DerivedMedia:
    """One file's record.

    Attributes:
        request: how often an MP3 was requested by a user.
        attempts: runs started since that request, including this one. Counted before the work, so that a crashed run counts.
        order: the id of the message that the last run answered. Only this message, delivered again, has the outcome published
        again.
        announced: whether it was.
    """

    uid: str
    file_id: str
    filename: str
    generation: int
    request: int = 0
    attempts: int = 0
    examination: Examination = "pending"
    facts: Facts | None = None
    poster: PosterState = "none"
    audio: Audio = Audio()
    lease: Lease | None = None
    order: str | None = None
    announced: bool = False

    @property
    def has_work(self) -> bool:
        """Whether a run is needed."""
        return self.examination == "pending" or self.audio.pending

    @property
    def outcome(self) -> Literal["audio.ready", "audio.failed"] | None:
        """The outcome that may still have to be published, if any."""
        if self.announced or self.audio.reason == "gone":
            return None
        if self.audio.state == "ready":
            return "audio.ready"
        return "audio.failed" if self.audio.state in {"failed", "skipped"} else None

    def leased(self, now: datetime) -> bool:
        """Whether a run holds the file now."""
        return self.lease is not None and self.lease.until > now

    def with_request(self, *, request: int = 0, restored: bool = False, automatic: bool) -> DerivedMedia:
        """Return the record after an MP3 is requested: by the deployment (automatic), by a user (`request`), or after a
        restore.

        A known request, a finished MP3 and an impossible one change nothing.
        """
        asked = request > self.request
        record = replace(self, request=request) if asked else self
        audio = self.audio
        again = asked and audio.state in {"failed", "skipped"} and audio.reason not in PERMANENT
        first = audio.state == "none" and (asked or automatic)
        returned = restored and audio.reason == "gone"
        if first or again or returned:
            return replace(record, audio=Audio(state="queued"), attempts=0, announced=False)
        return record

    def taken(self, holder: str, now: datetime, *, order: str) -> DerivedMedia:
        """Return the record of a run that starts, with its attempt counted. `order` is the id of the message it answers."""
        audio = replace(self.audio, state="running", progress_percent=0) if self.audio.pending else self.audio
        lease = Lease(holder=holder, until=now + LEASE)
        return replace(self, audio=audio, attempts=self.attempts + 1, lease=lease, order=order)

    def renewed(self, holder: str, now: datetime, *, percent: int) -> DerivedMedia:
        """Return the record with its lease renewed. Raises LeaseLost."""
        record = self._held(holder)
        return replace(
            record,
            lease=Lease(holder=holder, until=now + LEASE),
            audio=replace(record.audio, progress_percent=percent) if record.audio.state == "running" else record.audio,
        )

    def examined(self, holder: str, facts: Facts | None, poster: PosterState) -> DerivedMedia:
        """Return the record with the results of the examination; `facts` is None for a file that cannot be read. Raises
        LeaseLost.
        """
        return replace(self._held(holder), facts=facts, poster=poster, examination="done" if facts else "failed")

    def finished(
        self,
        holder: str,
        *,
        size: int,
        duration_seconds: float,
        media_seconds: float | None = None,
        truncated: bool = False,
        now: datetime,
    ) -> DerivedMedia:
        """Return the record with its MP3. Raises LeaseLost.

        Args:
            media_seconds: how long the file plays, if that turned out to differ from what it declares.
            truncated: whether it turned out to be shorter than it declares.
        """
        audio = Audio(state="ready", progress_percent=100, size=size, duration_seconds=round(duration_seconds, 3), ready_at=now)
        facts = self.facts
        if facts is not None:
            declared = facts.duration_seconds or audio.duration_seconds  # some recorders declare none (MediaRecorder's WebM)
            found = declared if media_seconds is None else round(media_seconds, 3)
            facts = replace(facts, duration_seconds=found, truncated=facts.truncated or truncated)
        return replace(self._held(holder), audio=audio, facts=facts, lease=None)

    def refused(self, holder: str, reason: Reason) -> DerivedMedia:
        """Return the record with the reason why there is no MP3. Raises LeaseLost."""
        return self._held(holder)._ended(reason)

    def exhausted(self, *, order: str) -> DerivedMedia:
        """Return the record of a file that crashed every run so far; `order` is the id of the message that found this."""
        return replace(self, order=order)._ended("attempts_exhausted")

    def _ended(self, reason: Reason) -> DerivedMedia:
        record = replace(self, lease=None)
        if reason == "gone":  # the file may be restored from the trash, and is then tried from the start
            record = replace(record, attempts=0)
        elif record.examination == "pending":
            record = replace(record, examination="failed")
        if not record.audio.pending:
            return record
        state: AudioState = "skipped" if reason in SKIPPED else "failed"
        return replace(record, audio=Audio(state=state, reason=reason))

    def left(self, holder: str, *, counts: bool) -> DerivedMedia:
        """Return the record of a run that ended without a result and will be repeated. Raises LeaseLost.

        Args:
            counts: whether the attempt counts. It does not if the bucket or the books failed, or if all work was done.
        """
        record = self._held(holder)
        audio = replace(record.audio, state="queued", progress_percent=0) if record.audio.pending else record.audio
        attempts = record.attempts if counts else max(0, record.attempts - 1)  # a new request may have set it to 0
        return replace(record, lease=None, audio=audio, attempts=attempts)

    def marked_announced(self) -> DerivedMedia:
        """Return the record with its outcome announced."""
        return replace(self, announced=True)

    def _held(self, holder: str) -> DerivedMedia:
        if self.lease is None or self.lease.holder != holder:
            raise LeaseLost
        return self
