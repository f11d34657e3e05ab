"""Waiting for a condition that sends no notification, such as the state of another process."""

import time
from collections.abc import Callable


def wait_for[T](look: Callable[[], T], seconds: float, *, poll_seconds: float = 0.1) -> T:
    """Call `look` until it returns something truthy. Returns that, or the last falsy value once `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(poll_seconds)
    return found
