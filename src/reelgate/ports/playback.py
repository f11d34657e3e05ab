"""What playing a packaged video needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from reelgate.domain.books.grant import PlaybackGrant
    from reelgate.domain.playback.playlists import PlayableVideo


class SegmentIndexes(Protocol):
    """The indexes of packaged videos in the bucket of derived media."""

    async def find(self, object_name: str) -> PlayableVideo | None:
        """Return the video of an index, as of the last minute; None if there is no such object.

        Raises Unavailable, also if the index was written by a newer revision.
        """


class KnownGrants(Protocol):
    """The playback grants, of which an instance remembers what never changes."""

    async def find(self, grant_id: str) -> PlaybackGrant | None:
        """Return a grant of any user, or None. At most one read.

        Whose it is, what it opens, until when, for which origins and which token are as they are now. Its counts, and whether
        it was revoked or deleted, may be those of an earlier time: whoever decides anything reads it again.

        Raises Unavailable.
        """


class HasKnownGrants(Protocol):
    """Offers the grants that are known."""

    @property
    def known_grants(self) -> KnownGrants: ...


class HasSegmentIndexes(Protocol):
    """Offers the indexes of packaged videos."""

    @property
    def segment_indexes(self) -> SegmentIndexes: ...
