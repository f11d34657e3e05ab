"""Set or remove the title of a finished video."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.videos import titles
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import find_video


async def set_title(
    services: CommitServices, caller: Caller, filename: str, title: str | None, *, audit: AuditEvent | None = None
) -> Video:
    """Set the title of the caller's video with this name and return the video. Setting the same title changes nothing.

    Raises UserStorageNotFound, FileNotFound, BooksBusy.
    """
    result = await commit(services, caller.uid, title_change(filename, title), audit=audit)
    if result.change is None or result.change.replace_video is None:
        return find_video(result.snapshot, filename)
    return result.change.replace_video


def title_change(filename: str, title: str | None) -> Transaction:
    """Return the transaction that sets a video's title. Raises as `set_title`."""

    def decide(_: Ledger, snapshot: Snapshot) -> Change | None:
        video = find_video(snapshot, filename)
        if snapshot.account is None:
            raise errors.UserStorageNotFound("You have not stored any files yet.")
        return titles.set_title(snapshot.account, video, title)

    return Transaction(decide, ReadSet(filename=filename))
