"""Find the video that an operation is about."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.ports.books import Snapshot


def find_video(snapshot: Snapshot, filename: str) -> Video:
    """Return the video of this name in a snapshot. Raises UserStorageNotFound or FileNotFound."""
    if snapshot.account is None:
        raise errors.UserStorageNotFound("You have not stored any files yet.")
    if snapshot.video is None:
        raise errors.FileNotFound(f"There is no finished video '{filename}'. GET /files lists your videos.")
    return snapshot.video
