"""How the demo tells what it does: numbered steps, what was really seen, and an end at the first broken promise."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


class PromiseBrokenError(Exception):
    """Something was not as promised."""


def say(step: int, what: str) -> None:
    """Print the heading of a step."""
    print(f"\n{step}. {what}", flush=True)


def seen(what: str) -> None:
    """Print something that was really seen."""
    print(f"   {what}", flush=True)


def promise(true: object, what: str) -> None:
    """Go on when it is as promised."""
    if not true:
        raise PromiseBrokenError(what)


def wait_for(look: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Return the first truthy look, or break the promise when it does not come in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise PromiseBrokenError(f"{what} did not happen within {seconds:.0f} s")
