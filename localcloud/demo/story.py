"""What the demo prints: numbered steps and what it observed. It stops at the first unexpected result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.supervisor import polling


class PromiseBrokenError(Exception):
    """Something was not as promised."""


def say(step: int, what: str) -> None:
    """Print the heading of a step."""
    print(f"\n{step}. {what}", flush=True)


def seen(what: str) -> None:
    """Print an observation."""
    print(f"   {what}", flush=True)


def promise(condition: object, what: str) -> None:
    """Raise PromiseBrokenError unless the condition is true."""
    if not condition:
        raise PromiseBrokenError(what)


def wait_for(look: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Return the first truthy result of `look`. Raises PromiseBrokenError on timeout."""
    if found := polling.wait_for(look, seconds):
        return found
    raise PromiseBrokenError(f"{what} did not happen within {seconds:.0f} s")
