"""Give a finished video a title, or take it away."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video
from reelgate.domain.videos import titles
from reelgate.ports import Caller, ReadSet, Services, Snapshot
from reelgate.use_cases.books.change_books import change_books
from reelgate.use_cases.videos.issue_stream_url import find_video


async def set_title(services: Services, caller: Caller, filename: str, title: str | None) -> Video:
    """Set the title of the caller's video of that name and return the video; asking for the title it has changes nothing.

    Raises UserStorageNotFound, FileNotFound, BooksBusy.
    """

    def decide(snapshot: Snapshot) -> Change | None:
        video = find_video(snapshot, filename)
        if snapshot.account is None:
            raise errors.UserStorageNotFound("Nothing was ever stored here.")
        return titles.set_title(snapshot.account, video, title)

    outcome = await change_books(services, caller.uid, decide, ReadSet(filename=filename))
    if outcome.change is None or outcome.change.replace_video is None:
        return find_video(outcome.snapshot, filename)
    return outcome.change.replace_video
