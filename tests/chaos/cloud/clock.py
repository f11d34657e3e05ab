"""The functions' clock: all of them read how far it is ahead from one small file, and each may be a little wrong by itself."""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE, SKEW = "CHAOS_CLOCK", "CHAOS_SKEW"
"""Variables of an instance: the file, and its own error in seconds."""

_NUMBER = struct.Struct("<d")
ZONE = "Chaos/Soon"
"""The time zone whose midnight falls into the run."""


class SharedClock:
    """Sets the clock of all instances. `ahead` is by how many seconds it differs from the machine's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ahead = 0.0
        self.path.write_bytes(_NUMBER.pack(0.0))

    def advance(self, seconds: float) -> None:
        """Let all instances jump ahead at once."""
        self.ahead += seconds
        with self.path.open("r+b") as file:
            file.write(_NUMBER.pack(self.ahead))

    def now(self) -> datetime:
        """Return what an instance without an error of its own takes for now."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


def clock_of_this_process() -> Callable[[], datetime]:
    """Return the clock of an instance, as its environment says."""
    skew = float(os.environ.get(SKEW, "0"))
    with Path(os.environ[FILE]).open("rb") as file:
        shared = mmap.mmap(file.fileno(), _NUMBER.size, access=mmap.ACCESS_READ)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=_NUMBER.unpack(shared[:])[0] + skew)

    return now


def write_zone(folder: Path, *, midnight_in: float) -> None:
    """Write a time zone with a fixed offset whose next midnight is in so many seconds, as TZif (RFC 8536, section 3)."""
    offset = -(int(time.time() + midnight_in) % 86_400)
    path = folder / ZONE
    path.parent.mkdir(parents=True)
    header = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 6)
    path.write_bytes(header + struct.pack(">lBB", offset, 0, 0) + b"CHAOS\0")
