"""Removing a user's objects from the buckets in memory."""

from __future__ import annotations

from reelgate.domain.files.part_names import FOLDER
from tests.doubles.memory_derived import MemoryDerivedObjects
from tests.doubles.memory_media import MemoryMedia

PAGE = 2
"""Few, so that tests see more than one page."""


class MemoryPersonalObjects:
    """Implements `PersonalObjects`."""

    def __init__(self, media: MemoryMedia, derived: MemoryDerivedObjects) -> None:
        self._media, self._derived = media, derived

    async def remove(self, uid: str) -> bool:
        """See `PersonalObjects.remove`."""
        for prefix in (f"{uid}/", f"{FOLDER}{uid}/"):
            found = [one for one in await self._media.listing(prefix) if not one.is_placeholder]
            if found:
                await self._media.remove_all(found[:PAGE])
                return False
        folders = [name for name in self._derived.objects if name.startswith(f"{uid}/")]
        for name in folders[:PAGE]:
            await self._derived.remove_all(name)
        return not folders
