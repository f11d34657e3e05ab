"""Set or remove the title of a finished video."""

from __future__ import annotations

from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.videos import titles
from reelgate.ports.books import Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import VideoRef, find_video


async def set_title(
    services: CommitServices, caller: Caller, which: VideoRef, title: str | None, *, audit: AuditEvent | None = None
) -> Video:
    """Set the title of one of the caller's videos and return the video. Setting the same title changes nothing.

    Raises UserStorageNotFound, VideoNotFound, BooksBusy.
    """
    result = await commit(services, caller.uid, title_change(which, title), audit=audit)
    if result.change is None or result.change.replace_video is None:
        return find_video(result.snapshot, which)[1]
    return result.change.replace_video


def title_change(which: VideoRef, title: str | None) -> Transaction:
    """Return the transaction that sets a video's title. Raises as `set_title`."""

    def decide(_: Ledger, snapshot: Snapshot) -> Change | None:
        return titles.set_title(*find_video(snapshot, which), title)

    return Transaction(decide, which.reads())
