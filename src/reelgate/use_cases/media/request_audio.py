"""Request a file's MP3."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.messages import Message
from reelgate.domain.books.video import Video
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.reasons import SENTENCES, in_words
from reelgate.domain.value_types import value_type
from reelgate.ports.books import Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedMedia
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.media.read_video import read_video
from reelgate.use_cases.videos.find_video import VideoRef, by_id, find_video


class Services(CommitServices, HasDerivedMedia, Protocol):
    """What requesting audio needs."""


@value_type
class RequestedAudio:
    """The file with its record. `ordered` is False if the MP3 exists or is being made, so that nothing had to be requested."""

    video: Video
    record: DerivedMedia
    ordered: bool


async def request_audio(
    services: Services, caller: Caller, which: VideoRef, *, audit: PendingEvent | None = None
) -> RequestedAudio:
    """Request the MP3 of one of the caller's files, unless it exists or is being made.

    The message decides: it is in the outbox before the record shows the request. While the MP3 is queued, a repeated request
    sends the message again, in case the first one was lost, but not within a minute: each message is delivered until it is
    answered, so a user who repeats a request could fill the queue that all share.

    Raises:
        UserStorageNotFound, VideoNotFound: see `find_video`.
        AudioImpossible: its content does not allow it, or it was tried too often.
        TooManyConversions: the user's conversions of the day are used up.
        AccountDisabled, BooksBusy, Unavailable.
    """
    snapshot, known = await read_video(services, caller.uid, which)
    _, video = find_video(snapshot, which)
    record = known or DerivedMedia(uid=video.uid, file_id=video.file_id, filename=video.filename, generation=video.generation)
    _require_possible(record, services.now())
    made_now = record.audio.pending and record.leased(services.now())  # a run may also be only examining the file
    if record.audio.state == "ready" or made_now:
        return RequestedAudio(video=video, record=record, ordered=False)
    if record.ordered_lately(services.now()):
        return RequestedAudio(video=video, record=record, ordered=True)
    request = record.request if record.audio.pending else record.request + 1

    async def show(_: Change) -> None:
        nonlocal record
        record = await _show(services, record, request)

    if audit is not None:
        audit.note(file_id=video.file_id, filename=video.filename)
    order = order_of("audio.requested", video, request)
    result = await commit(services, caller.uid, order, audit=audit, before_delivery=show)
    if result.change is None:
        raise errors.BooksBusy("Nothing was changed. Try again.")
    return RequestedAudio(video=video, record=record, ordered=True)


def _require_possible(record: DerivedMedia, now: datetime) -> None:
    reason, retry_at = record.impossible, record.audio.retry_at
    if reason is not None:
        raise errors.AudioImpossible(f"There can be no MP3 of this video. {SENTENCES[reason]}", reason=reason)
    if retry_at is not None and retry_at > now:
        raise errors.TooManyConversions(in_words(record.audio) or "", retry_at=retry_at)


def order_of(kind: Literal["audio.requested", "hls.requested"], video: Video, request: int) -> Transaction:
    """Return the transaction that puts an order into the outbox. `request` counts the orders of this kind for this file."""
    order = Message(
        event_id=f"{kind}:{video.file_id}:{video.generation}:{request}",
        topic="videos",
        type=kind,
        uid=video.uid,
        data={
            "file_id": video.file_id,
            "filename": video.filename,
            "generation": str(video.generation),
            "request": request,
        },
    )

    which = by_id(video.file_id)

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        account, _ = find_video(snapshot, which)
        account.require_enabled()
        change = ledger.change(account)
        return replace(change, outbox=(*change.outbox, order))

    return Transaction(decide, which.reads())


async def _show(services: Services, record: DerivedMedia, request: int) -> DerivedMedia:
    """Show in the record that an MP3 is requested. The order is valid without it, so failures here are ignored."""

    now = services.now()

    def decide(current: DerivedMedia | None) -> DerivedMedia:
        return replace((current or record).with_request(request=request, automatic=False), ordered_at=now)

    try:
        shown = await services.derived_media.change(record.uid, record.file_id, decide)
    except errors.Unavailable:
        shown = None
    return shown or record.with_request(request=request, automatic=False)
