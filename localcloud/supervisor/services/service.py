"""A service of the local cloud: one process, and how the supervisor starts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How to start a process, how to know that it answers, and what to set up in it each time it has started."""

    name: str
    command: tuple[str, ...]
    port: int
    health_path: str = "/_emulator/health"
    # A function answers every path by its own rules: any HTTP answer shows that it is up.
    any_status_is_ready: bool = False
    # May hold secrets, so it stays out of the repr.
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Called before each start: further arguments of the command.
    further_arguments: Callable[[], tuple[str, ...]] = tuple
    # Called in a thread when the process answers; it counts as ready afterwards. Must be repeatable.
    set_up: Callable[[], None] | None = None
    # Removes what outlives the process, such as a container.
    clean_up: tuple[str, ...] = ()
