"""Where each part of the local cloud listens: one base port moves them all."""

import random
import socket
from collections.abc import Iterable

from emulator.supervisor.errors import CannotStartError
from emulator.supervisor.loopback import HOST

DEFAULT_BASE = 8080
OFFSETS = {
    "gateway": 0,
    "storage": 1,
    "scheduler": 2,
    "firestore": 3,
    "pubsub": 4,
    "auth": 5,
    "eventarc": 6,
    "mail": 8,
    "upload": 10,
    "stream_url": 11,
    "usage": 12,
    "library": 13,
    "finalize": 14,
    "reset_daily": 15,
    "accounts": 16,
    "audit": 17,
    "notify": 19,
    "convert": 18,
}
SECOND_PORTS = {"smtp": ("mail", 7)}  # further ports of a part
FUNCTIONS = tuple(name for name, offset in OFFSETS.items() if offset >= 10)
SPAN = max(OFFSETS.values()) + 1


def port_of(name: str, base: int) -> int:
    """Return the port of the part `name`, or of one of its second ports."""
    return base + (SECOND_PORTS[name][1] if name in SECOND_PORTS else OFFSETS[name])


def is_free(port: int) -> bool:
    """Tell whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def require_free(names: Iterable[str], base: int) -> None:
    """Check the ports of all parts.

    Raises:
        CannotStartError: naming every part whose port is taken, and how to move.
    """
    parts = list(names)
    wanted = parts + [name for name, (part, _) in SECOND_PORTS.items() if part in parts]
    taken = [f"port {port_of(name, base)} for {name}" for name in wanted if not is_free(port_of(name, base))]
    if taken:
        raise CannotStartError(
            f"Taken by another program: {', '.join(taken)}.\n"
            f"Move the local cloud to {SPAN} other ports: ./emulator.sh --port {find_free_base()} up (or set REELGATE_PORT)."
        )


def find_free_base() -> int:
    """Return a base port whose whole range is free now.

    It lies under 32768, where Linux begins to give out ports of outgoing connections by itself.
    """
    while True:
        base = random.randrange(20000, 32000, 20)  # noqa: S311  (no secret: a place to look)
        if all(is_free(base + offset) for offset in range(SPAN)):
            return base
