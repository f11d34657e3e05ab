"""Put, read and remove the captions of a video."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.captions import Captions, CaptionsKey
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type
from reelgate.domain.videos.captions import changes
from reelgate.domain.videos.captions.changes import NewCaptions, find_captions
from reelgate.domain.videos.captions.language_tags import clean_language
from reelgate.ports.books import CommitResult, HasBooks, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import VideoRef, by_id, find_video


@value_type
class CaptionsFile:
    """Captions with their text, which is valid WebVTT."""

    captions: Captions
    text: str


async def put_captions(
    services: CommitServices, caller: Caller, video_id: str, new: NewCaptions, *, audit: PendingEvent | None = None
) -> Captions:
    """Put captions in the place of those in their language, if there are any, and return them.

    Repeating it changes nothing.

    Raises:
        VideoNotFound, AccountDisabled, BooksBusy, BooksSlow, Unavailable.
        LabelTaken, TooManyCaptions, StorageLimitExceeded: see `changes.put_captions`.
    """
    result = await commit(services, caller.uid, captions_put(by_id(video_id), new), audit=audit)
    video = _video_after(result, by_id(video_id), audit)
    captions = find_captions(video, new.language)
    assert captions is not None, "the decision has put them, or found them there"
    return captions


async def remove_captions(
    services: CommitServices, caller: Caller, video_id: str, language: str, *, audit: PendingEvent | None = None
) -> None:
    """Remove the captions in a (normalised) language. If there are none, nothing changes.

    Raises VideoNotFound, BooksBusy, BooksSlow, Unavailable.
    """
    result = await commit(services, caller.uid, captions_removal(by_id(video_id), language), audit=audit)
    _video_after(result, by_id(video_id), audit)


async def show_captions(services: HasBooks, caller: Caller, video_id: str, language: str) -> CaptionsFile:
    """Return captions of one of the caller's videos. Raises VideoNotFound, CaptionsNotFound, Unavailable."""
    which = by_id(video_id)
    _, video = find_video(await services.books.read(caller.uid, which.reads()), which)
    return await read_captions(services, video, language)


async def read_captions(services: HasBooks, video: Video, language: str) -> CaptionsFile:
    """Return captions of a video, whoever asks: that they may is for the caller of this to know.

    Args:
        language: in any case, as a URL has it.

    Raises:
        CaptionsNotFound: the video has none in this language, or none any more.
        Unavailable.
    """
    captions = find_captions(video, language_of_url(language))
    if captions is None:
        raise no_captions()
    found = await services.books.captions(video.uid, CaptionsKey(video.file_id, captions.language))
    if found is None:
        raise no_captions()
    return CaptionsFile(captions=captions, text=found.text)


def language_of_url(text: str) -> str:
    """Return the language that the address of captions names, normalised. Raises CaptionsNotFound for what names none."""
    try:
        return clean_language(text)
    except errors.InvalidRequest:
        raise no_captions() from None


def no_captions() -> errors.CaptionsNotFound:
    """Return the error for captions that do not exist."""
    return errors.CaptionsNotFound("This video has no captions in this language.")


def captions_put(which: VideoRef, new: NewCaptions) -> Transaction:
    """Return the transaction that puts captions. Raises as `put_captions`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        return changes.put_captions(ledger, *find_video(snapshot, which), new)

    return Transaction(decide, which.reads())


def captions_removal(which: VideoRef, language: str) -> Transaction:
    """Return the transaction that removes captions. Raises as `remove_captions`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        return changes.remove_captions(ledger, *find_video(snapshot, which), language)

    return Transaction(decide, which.reads())


def _video_after(result: CommitResult, which: VideoRef, audit: PendingEvent | None) -> Video:
    """Return the video after a commit. Where nothing changed, the log has the event of what made it so."""
    if result.change is not None and result.change.replace_video is not None:
        return result.change.replace_video
    if audit is not None:
        audit.recorded = True
    return find_video(result.snapshot, which)[1]
