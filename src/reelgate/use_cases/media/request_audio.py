"""Request a file's MP3."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.messages import Message
from reelgate.domain.books.video import Video
from reelgate.domain.media.derived_media import PERMANENT, DerivedMedia
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedMedia
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import find_video


class Services(CommitServices, HasDerivedMedia, Protocol):
    """What requesting audio needs."""


@value_type
class RequestedAudio:
    """The file with its record. `ordered` is False if the MP3 exists or is being made, so that nothing was requested."""

    video: Video
    record: DerivedMedia
    ordered: bool


async def request_audio(
    services: Services, caller: Caller, filename: str, *, audit: PendingEvent | None = None
) -> RequestedAudio:
    """Request the MP3 of one of the caller's files, unless it exists or is being made.

    The message decides: it is in the outbox before the record shows the request. While the MP3 is queued, a repeated request
    sends the message again, in case the first one was lost.

    Raises:
        UserStorageNotFound, FileNotFound: there is no finished file with that name.
        AudioImpossible: its content does not allow it.
        AccountDisabled, BooksBusy, Unavailable.
    """
    video = find_video(await services.books.read(caller.uid, ReadSet(filename=filename)), filename)
    records = await services.derived_media.get(caller.uid, video.file_id)
    record = records.get(video.file_id) or DerivedMedia(
        uid=video.uid, file_id=video.file_id, filename=video.filename, generation=video.generation
    )
    _require_possible(record)
    made_now = record.audio.pending and record.leased(services.now())  # a run may also be only examining the file
    if record.audio.state == "ready" or made_now:
        return RequestedAudio(video=video, record=record, ordered=False)
    request = record.request if record.audio.pending else record.request + 1

    async def show(_: Change) -> None:
        nonlocal record
        record = await _show(services, record, request)

    if audit is not None:
        audit.note(file_id=video.file_id, filename=video.filename)
    result = await commit(services, caller.uid, audio_order(video, request), audit=audit, before_delivery=show)
    if result.change is None:
        raise errors.BooksBusy("Nothing was changed. Try again.")
    return RequestedAudio(video=video, record=record, ordered=True)


def _require_possible(record: DerivedMedia) -> None:
    reason = record.audio.reason
    if reason in PERMANENT:
        raise errors.AudioImpossible(f"An MP3 of this file is not possible: {reason.replace('_', ' ')}.", reason=reason)


def audio_order(video: Video, request: int) -> Transaction:
    """Return the transaction that puts the order of an MP3 into the outbox. `request` counts the orders of this file."""
    order = Message(
        event_id=f"audio.requested:{video.file_id}:{video.generation}:{request}",
        topic="videos",
        type="audio.requested",
        uid=video.uid,
        data={
            "file_id": video.file_id,
            "filename": video.filename,
            "generation": str(video.generation),
            "request": request,
        },
    )

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        current = find_video(snapshot, video.filename)
        if snapshot.account is None or current.file_id != video.file_id:
            raise errors.FileNotFound(f"'{video.filename}' has just been replaced. Try again.")
        snapshot.account.require_enabled()
        change = ledger.change(snapshot.account)
        return replace(change, outbox=(*change.outbox, order))

    return Transaction(decide, ReadSet(filename=video.filename))


async def _show(services: Services, record: DerivedMedia, request: int) -> DerivedMedia:
    """Show in the record that an MP3 is requested. The order is valid without it, so failures here are ignored."""

    def decide(current: DerivedMedia | None) -> DerivedMedia:
        return (current or record).with_request(request=request, automatic=False)

    try:
        shown = await services.derived_media.change(record.uid, record.file_id, decide)
    except errors.Unavailable:
        shown = None
    return shown or record.with_request(request=request, automatic=False)
