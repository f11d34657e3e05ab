"""Waiting for what another function does: until it is there, or for so long that it will not come."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually[T](look: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Return the first result of `look` that is something. Fails, naming `what` was waited for."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return found
