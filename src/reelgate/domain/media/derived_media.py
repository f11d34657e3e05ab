"""What is known of a file's sound and pictures, what was derived from it, and how a run moves it from state to state.

Pure: each step takes a record and returns the next one. docs/media.md has the picture of the states.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from reelgate.domain.media.conversion import LEASE, Reason

AudioState = Literal["none", "queued", "running", "ready", "failed", "skipped"]
Examination = Literal["pending", "done", "failed"]
PosterState = Literal["none", "ready", "failed"]

SKIPPED: frozenset[Reason] = frozenset({"no_audio_track", "wrong_type", "too_long", "too_large", "encrypted", "unsupported"})
"""Nothing went wrong: there is just no MP3 to be had."""
PERMANENT: frozenset[Reason] = SKIPPED | {"broken_file"}
"""Asking again would give the same."""


class LeaseLost(Exception):
    """Somebody else has the file by now, or its record is gone: this run must not write anything more about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the file says of itself; None where it does not say. Durations are seconds, sizes pixels, rates per second.

    Attributes:
        duration_seconds: what was found when the sound was decoded, once it was.
        width, height: the size that the picture is shown in: turned, and with square pixels.
        rotation: by how many degrees players turn the stored picture clockwise to get there, 0 to 359. None in records of older
            versions: there, width and height are those of the stored picture.
        mirrored: whether they flip it left to right after that.
        truncated: whether the file ends before it says it does.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """The MP3. `reason` says why there is none, `size` is bytes."""

    state: AudioState = "none"
    progress_percent: int = 0
    reason: Reason | None = None
    size: int | None = None
    duration_seconds: float | None = None
    ready_at: datetime | None = None

    @property
    def wanted(self) -> bool:
        """Whether a run shall make it."""
        return self.state in {"queued", "running"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Which run has the file, and until when."""

    holder: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedMedia:
    """One file's record.

    Attributes:
        request: how often an MP3 was asked for by hand.
        attempts: runs begun since then, this one included. Counted before the work, so that a run that dies counts.
        announced: whether the outcome was told to the rest of the world.
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
    announced: bool = False

    @property
    def has_work(self) -> bool:
        """Whether a run is needed."""
        return self.examination == "pending" or self.audio.wanted

    @property
    def outcome(self) -> Literal["audio.ready", "audio.failed"] | None:
        """What has still to be told to the rest of the world, if anything."""
        if self.announced or self.audio.reason == "gone":
            return None
        if self.audio.state == "ready":
            return "audio.ready"
        return "audio.failed" if self.audio.state in {"failed", "skipped"} else None

    def leased(self, now: datetime) -> bool:
        """Whether a run has the file now."""
        return self.lease is not None and self.lease.until > now

    def wants(self, *, request: int = 0, restored: bool = False, automatic: bool) -> DerivedMedia:
        """Return the record after an MP3 is wanted: by the deployment (automatic), by hand (`request`), or again (restored).

        A request that is known already, a finished MP3 and one that can never be had change nothing.
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

    def taken(self, holder: str, now: datetime) -> DerivedMedia:
        """Return the record of a run that begins, with its attempt counted."""
        audio = replace(self.audio, state="running", progress_percent=0) if self.audio.wanted else self.audio
        return replace(self, audio=audio, attempts=self.attempts + 1, lease=Lease(holder=holder, until=now + LEASE))

    def renewed(self, holder: str, now: datetime, *, percent: int) -> DerivedMedia:
        """Return the record of a run that is alive. Raises LeaseLost."""
        record = self._held(holder)
        return replace(
            record,
            lease=Lease(holder=holder, until=now + LEASE),
            audio=replace(record.audio, progress_percent=percent) if record.audio.state == "running" else record.audio,
        )

    def examined(self, holder: str, facts: Facts | None, poster: PosterState) -> DerivedMedia:
        """Return the record with what was found out; `facts` is None for a file that cannot be read. Raises LeaseLost."""
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
            media_seconds: how long the file plays, where that turned out to be something else than it says.
            truncated: whether it turned out to end before it says it does.
        """
        audio = Audio(state="ready", progress_percent=100, size=size, duration_seconds=round(duration_seconds, 3), ready_at=now)
        facts = self.facts
        if facts is not None:
            said = facts.duration_seconds or audio.duration_seconds  # some recorders write none (MediaRecorder's WebM)
            found = said if media_seconds is None else round(media_seconds, 3)
            facts = replace(facts, duration_seconds=found, truncated=facts.truncated or truncated)
        return replace(self._held(holder), audio=audio, facts=facts, lease=None)

    def refused(self, holder: str, reason: Reason) -> DerivedMedia:
        """Return the record with the reason why there is no MP3. Raises LeaseLost."""
        return self._held(holder)._ended(reason)

    def exhausted(self) -> DerivedMedia:
        """Return the record of a file that every run so far has died of."""
        return self._ended("attempts_exhausted")

    def _ended(self, reason: Reason) -> DerivedMedia:
        record = replace(self, lease=None)
        if reason == "gone":  # the file may come back out of the trash, and be tried as if for the first time
            record = replace(record, attempts=0)
        elif record.examination == "pending":
            record = replace(record, examination="failed")
        if not record.audio.wanted:
            return record
        state: AudioState = "skipped" if reason in SKIPPED else "failed"
        return replace(record, audio=Audio(state=state, reason=reason))

    def left(self, holder: str, *, counts: bool) -> DerivedMedia:
        """Return the record of a run that ended without an outcome, to be tried again. Raises LeaseLost.

        Args:
            counts: whether the attempt counts; not when it was the bucket or the books that failed, nor when all is done.
        """
        record = self._held(holder)
        audio = replace(record.audio, state="queued", progress_percent=0) if record.audio.wanted else record.audio
        attempts = record.attempts if counts else max(0, record.attempts - 1)  # an order meanwhile has set it to 0
        return replace(record, lease=None, audio=audio, attempts=attempts)

    def told(self) -> DerivedMedia:
        """Return the record with its outcome announced."""
        return replace(self, announced=True)

    def _held(self, holder: str) -> DerivedMedia:
        if self.lease is None or self.lease.holder != holder:
            raise LeaseLost
        return self
