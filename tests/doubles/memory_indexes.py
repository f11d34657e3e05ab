"""The indexes of packaged videos, as they lie among derived objects in memory."""

from __future__ import annotations

from reelgate.domain.errors import Unavailable
from reelgate.domain.playback.playlists import PlayableVideo
from reelgate.domain.playback.segment_index import SegmentIndex
from tests.doubles.memory_derived import MemoryDerivedObjects


class MemoryIndexes:
    """Implements `SegmentIndexes`, and counts how often it was asked."""

    def __init__(self, objects: MemoryDerivedObjects) -> None:
        self._objects = objects
        self.finds = 0

    async def find(self, object_name: str) -> PlayableVideo | None:
        self.finds += 1
        self._objects.reach()
        found = self._objects.objects.get(object_name)
        if found is None:
            return None
        try:
            return PlayableVideo(SegmentIndex.from_json(found[1]))
        except ValueError:
            raise Unavailable("The video cannot be reached at the moment. Try again.") from None
