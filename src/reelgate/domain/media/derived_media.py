"""What was derived from a file, and how a run changes that state.

Pure: each step takes a record and returns the next one. docs/media.md has a diagram of the states.
"""

from __future__ import annotations

import math
from dataclasses import field, replace
from datetime import date, datetime
from typing import Literal

from reelgate.domain.media.audio import EXPENSIVE, MAX_EXPENSIVE_REQUESTS, PERMANENT, SKIPPED, Audio, AudioState
from reelgate.domain.media.conversion import LEASE, ORDER_AGAIN_AFTER, Reason
from reelgate.domain.media.examination import Facts, Findings, PosterState
from reelgate.domain.media.packaging import Hls
from reelgate.domain.media.transcoding import Transcoding
from reelgate.domain.value_types import value_type

Examination = Literal["pending", "done", "failed"]
MediaState = Literal["processing", "ready", "failed"]


class LeaseLost(Exception):
    """Another run holds the file now, or its record was removed: this run must not write anything more about it."""


@value_type
class Lease:
    """Which run holds the file, and until when; since when, and how many seconds it was charged for in advance."""

    holder: str
    until: datetime
    since: datetime | None = None
    charged: int = 0


@value_type
class DerivedMedia:
    """One file's record.

    Attributes:
        request: how often an MP3 was requested by a user.
        ordered_at: when the message about that request was last sent. None in records of older versions.
        attempts: runs started since that request, including this one. Counted before the work, so that a crashed run counts.
        order: the id of the message that the last run answered. Only this message, delivered again, has the outcome published
        again.
        announced: whether it was.
        examination_reason: why the file could not be examined.
        poster_secret: the secret of links to the poster (`poster_links`), made with it; None in records of older versions.
        poster_bytes: the poster's size.
        extra_bytes: by how much poster and MP3 together are larger than the file, and by how much its HLS is. 0 in records of
        older versions.
        run_day, run_seconds: the day of the last run (ISO 8601), and how long all runs of that day took. A run is charged in
        advance for all of its time, and corrected when it ends; one that crashed stays charged.
        expensive_requests: how many requests ended with one of the reasons `EXPENSIVE`.
    """

    uid: str
    file_id: str
    filename: str
    generation: int
    request: int = 0
    attempts: int = 0
    examination: Examination = "pending"
    examination_reason: Reason | None = None
    facts: Facts | None = None
    poster: PosterState = "none"
    audio: Audio = Audio()
    lease: Lease | None = None
    order: str | None = None
    announced: bool = False
    poster_secret: str | None = field(default=None, repr=False)
    poster_bytes: int = 0
    extra_bytes: int = 0
    run_day: str | None = None
    run_seconds: int = 0
    expensive_requests: int = 0
    ordered_at: datetime | None = None
    hls: Hls = Hls()
    transcoding: Transcoding = Transcoding()

    @property
    def has_work(self) -> bool:
        """Whether a run is needed."""
        return self.examination == "pending" or self.audio.pending or self.hls.pending

    @property
    def impossible(self) -> Reason | None:
        """The reason why there will never be an MP3, if there is one."""
        reason = self.audio.reason
        permanent = reason in PERMANENT or (reason in EXPENSIVE and self.expensive_requests >= MAX_EXPENSIVE_REQUESTS)
        return reason if permanent else None

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

    def ordered_lately(self, now: datetime) -> bool:
        """Whether the message about an MP3 that waits was sent so recently that it need not be sent again."""
        return self.audio.pending and self.ordered_at is not None and now < self.ordered_at + ORDER_AGAIN_AFTER

    def seconds_if_removed(self, now: datetime) -> int:
        """Return `run_seconds` if the record is removed now: a run under way cannot renew its lease again, and ends with it."""
        if self.lease is None or self.lease.since is None:
            return self.run_seconds
        most = max(0, math.ceil((now - self.lease.since).total_seconds())) + int(LEASE.total_seconds())
        return self.run_seconds - max(0, self.lease.charged - most)

    def with_request(
        self, *, request: int = 0, hls_request: int = 0, restored: bool = False, automatic: bool, automatic_hls: bool = False
    ) -> DerivedMedia:
        """Return the record after an MP3 is requested: by the deployment (automatic), by a user (`request`), or after a
        restore; and after packaging is, likewise.

        A known request, a finished MP3 and an impossible one change nothing.
        """
        asked = request > self.request
        record = replace(self, request=request) if asked else self
        audio = self.audio
        again = asked and audio.state in {"failed", "skipped"} and self.impossible is None
        first = audio.state == "none" and (asked or automatic)
        returned = restored and audio.reason == "gone"
        if first or again or returned:
            record = replace(record._tried_anew(), audio=Audio(state="queued"), announced=False)
        hls = self.hls.requested(hls_request, restored=restored, automatic=automatic_hls)
        if hls.pending and not self.hls.pending:
            record = record._tried_anew()
        return replace(record, hls=hls)

    def _tried_anew(self) -> DerivedMedia:
        if self.examination_reason == "day_used_up":  # it was not even tried
            return replace(self, attempts=0, examination="pending", examination_reason=None)
        return replace(self, attempts=0)

    def taken(self, holder: str, now: datetime, *, order: str, day: date, charged: int) -> DerivedMedia:
        """Return the record of a run that starts, with its attempt counted.

        Args:
            order: the id of the message that it answers.
            charged: how many seconds of the `day` it is charged for until it ends.
        """
        audio = replace(self.audio, state="running", progress_percent=0) if self.audio.pending else self.audio
        lease = Lease(holder=holder, until=now + LEASE, since=now, charged=charged)
        seconds = charged + (self.run_seconds if self.run_day == day.isoformat() else 0)
        return replace(
            self,
            audio=audio,
            hls=self.hls.running(),
            attempts=self.attempts + 1,
            lease=lease,
            order=order,
            run_day=day.isoformat(),
            run_seconds=seconds,
        )

    def put_off(self, *, order: str, retry_at: datetime) -> DerivedMedia:
        """Return the record of a file that no run starts with, because the user's time of the day is used up. `order` is the id
        of the message that found this.
        """
        record = replace(self, order=order, hls=self.hls.ended("day_used_up", retry_at=retry_at))._ended("day_used_up")
        return replace(record, audio=replace(record.audio, retry_at=retry_at)) if self.audio.pending else record

    def renewed(self, holder: str, now: datetime, *, percent: int) -> DerivedMedia:
        """Return the record with its lease renewed. Raises LeaseLost."""
        record, lease = self.held(holder)
        return replace(
            record,
            lease=replace(lease, until=now + LEASE),
            audio=replace(record.audio, progress_percent=percent) if record.audio.state == "running" else record.audio,
        )

    def examined(self, holder: str, found: Findings) -> DerivedMedia:
        """Return the record with the results of the examination. Raises LeaseLost."""
        held, _ = self.held(holder)
        return replace(
            held,
            examination="done",
            facts=found.facts,
            poster=found.poster,
            poster_secret=found.poster_secret,
            poster_bytes=found.poster_bytes,
        ).with_extra_bytes(found.size)

    def packaged(self, holder: str, hls: Hls, file_size: int) -> DerivedMedia:
        """Return the record with what came of packaging. Raises LeaseLost."""
        held, _ = self.held(holder)
        return replace(held, hls=hls).with_extra_bytes(file_size)

    def with_extra_bytes(self, file_size: int) -> DerivedMedia:
        """Return the record with `extra_bytes` for a file of this size."""
        hls_bytes = self.hls.bytes + self.transcoding.bytes
        extra = max(0, self.poster_bytes + (self.audio.size or 0) - file_size) + max(0, hls_bytes - file_size)
        return replace(self, extra_bytes=extra)

    def finished(
        self,
        holder: str,
        *,
        size: int,
        file_size: int,
        duration_seconds: float,
        media_seconds: float | None = None,
        truncated: bool = False,
        now: datetime,
    ) -> DerivedMedia:
        """Return the record with its MP3. Raises LeaseLost.

        Args:
            size: the MP3's, in bytes; `file_size` is the file's.
            media_seconds: how long the file plays, if that turned out to differ from what it declares.
            truncated: whether it turned out to be shorter than it declares.
        """
        audio = Audio(state="ready", progress_percent=100, size=size, duration_seconds=round(duration_seconds, 3), ready_at=now)
        facts = self.facts
        if facts is not None:
            declared = facts.duration_seconds or audio.duration_seconds  # some recorders declare none (MediaRecorder's WebM)
            found = declared if media_seconds is None else round(media_seconds, 3)
            facts = replace(facts, duration_seconds=found, truncated=facts.truncated or truncated)
        return replace(self.settled(holder, now), audio=audio, facts=facts).with_extra_bytes(file_size)

    def refused(self, holder: str, reason: Reason, *, now: datetime) -> DerivedMedia:
        """Return the record with the reason why nothing can be derived any more. Raises LeaseLost."""
        return self.settled(holder, now)._ended(reason)

    def without_audio(self, holder: str, reason: Reason, *, now: datetime) -> DerivedMedia:
        """Return the record with the reason why there is no MP3; what else waits goes on waiting. Raises LeaseLost."""
        return self.settled(holder, now)._without_audio(reason)

    def exhausted(self, *, order: str) -> DerivedMedia:
        """Return the record of a file that crashed every run so far; `order` is the id of the message that found this."""
        return replace(self, order=order)._ended("attempts_exhausted")

    def _ended(self, reason: Reason) -> DerivedMedia:
        record = replace(self, lease=None)
        if reason == "gone":  # the file may be restored from the trash, and is then tried from the start
            record = replace(record, attempts=0)
        elif record.examination == "pending":
            record = replace(record, examination="failed", examination_reason=reason)
        return replace(record, hls=record.hls.ended(reason))._without_audio(reason)

    def _without_audio(self, reason: Reason) -> DerivedMedia:
        if not self.audio.pending:
            return self
        expensive = self.expensive_requests + (reason in EXPENSIVE and self.request > 0)
        state: AudioState = "skipped" if reason in SKIPPED else "failed"
        return replace(self, audio=Audio(state=state, reason=reason), expensive_requests=expensive)

    def left(self, holder: str, *, counts: bool, now: datetime) -> DerivedMedia:
        """Return the record of a run that ended without a result and will be repeated. Raises LeaseLost.

        Args:
            counts: whether the attempt counts. It does not if the bucket or the books failed, or if all work was done.
        """
        record = self.settled(holder, now)
        audio = replace(record.audio, state="queued", progress_percent=0) if record.audio.pending else record.audio
        attempts = record.attempts if counts else max(0, record.attempts - 1)  # a new request may have set it to 0
        return replace(record, audio=audio, attempts=attempts)

    def marked_announced(self) -> DerivedMedia:
        """Return the record with its outcome announced."""
        return replace(self, announced=True)

    def settled(self, holder: str, now: datetime) -> DerivedMedia:
        """Return the record without the lease, charged for the time that was really taken: whole seconds, at least one. What
        was not packaged waits for another run. Raises LeaseLost.
        """
        record, lease = self.held(holder)
        record = replace(record, hls=record.hls.waiting())
        if lease.since is None:  # taken by an older version, which charged nothing
            return replace(record, lease=None)
        taken = max(1, math.ceil((now - lease.since).total_seconds()))
        return replace(record, lease=None, run_seconds=max(0, record.run_seconds - lease.charged + taken))

    def held(self, holder: str) -> tuple[DerivedMedia, Lease]:
        """Return the record with its lease. Raises LeaseLost if another run holds it."""
        if self.lease is None or self.lease.holder != holder:
            raise LeaseLost
        return self, self.lease


def state_of(record: DerivedMedia | None) -> MediaState:
    """Return how far a file is: `processing` until everything that is to be derived from it is made, `failed` if the file could
    not be read, or its MP3 could not be made although it has sound. A video without HLS is `ready`: it plays as one file.

    None is the record of a file that no run has started with.
    """
    if record is None or record.has_work:
        return "processing"
    return "failed" if record.examination == "failed" or record.audio.state == "failed" else "ready"
