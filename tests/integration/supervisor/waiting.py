"""Waiting for other processes, which cannot be awaited."""

import time
from collections.abc import Callable


def wait_until[T](look: Callable[[], T | None], seconds: float = 120) -> T:
    """Return the first true value of `look`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := look():
            return value
        time.sleep(0.02)
    raise AssertionError(f"still not so after {seconds} s")
