"""Which video an operation is about, and how to find it in what was read."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot


@value_type
class VideoRef:
    """One of a user's videos: that with an id, or the one that has a (cleaned) file name now. Made by `by_id` and `by_name`.

    A name costs a read and a round trip more, because it leads to the id (docs/adr/0022-videos-by-id.md).
    """

    file_id: str | None = None
    filename: str | None = None

    def reads(self, *, entry_ids: tuple[EntryId, ...] = ()) -> ReadSet:
        """Return the read set of an operation on the video; see there for the arguments."""
        return ReadSet(file_id=self.file_id, filename=self.filename, entry_ids=entry_ids)

    def not_found(self) -> errors.VideoNotFound:
        """Return the error for a video that does not exist or is in the trash."""
        if self.filename is None:
            return errors.VideoNotFound("There is no such video.")
        return errors.VideoNotFound(f"There is no finished video '{self.filename}'.")


def by_id(file_id: str) -> VideoRef:
    """Return the video with this id."""
    return VideoRef(file_id=file_id)


def by_name(filename: str) -> VideoRef:
    """Return the video that has this (cleaned) file name."""
    return VideoRef(filename=filename)


def find_video(snapshot: Snapshot, which: VideoRef) -> tuple[Account, Video]:
    """Return the account and the video that were read.

    Raises:
        UserStorageNotFound: it was looked up by its name, and the caller has never stored anything.
        VideoNotFound.
    """
    if snapshot.account is None and which.filename is not None:
        raise errors.UserStorageNotFound("You have not stored any videos yet.")
    if snapshot.account is None or snapshot.video is None:
        raise which.not_found()
    return snapshot.account, snapshot.video
