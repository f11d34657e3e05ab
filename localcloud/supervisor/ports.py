"""Where each service of the local cloud listens: one base port moves them all."""

import errno
import os
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.loopback import HOST

DEFAULT_BASE = 8080
TAKEN = "Taken by another program"
LINUX_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
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
    "settle_egress": 20,
    "console": 21,
}
SECOND_PORTS = {"smtp": ("mail", 7)}  # further ports of a service
FUNCTIONS = tuple(name for name, offset in OFFSETS.items() if offset >= 10)
SPAN = max(OFFSETS.values()) + 1


def port_of(name: str, base: int) -> int:
    """Return the port of the service `name`, or of one of its second ports."""
    return base + (SECOND_PORTS[name][1] if name in SECOND_PORTS else OFFSETS[name])


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` now."""
    return problem_with(port) is None


def problem_with(port: int) -> str | None:
    """Return why no server could listen on `port` now, or None if one could. Connections in TIME_WAIT do not matter."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refused:
            taken = refused.errno == errno.EADDRINUSE
            return TAKEN if taken else f"Not available ({os.strerror(refused.errno or 0)})"
    # macOS lets us bind the port of a server that listens on all addresses, and would then send its local connections to us.
    with socket.socket() as caller:
        caller.settimeout(1)
        return TAKEN if caller.connect_ex((HOST, port)) == 0 else None


def outgoing_ports() -> range:
    """Return the ports that this system may assign to outgoing connections at any time.

    Linux lists them in a file (ip(7), ip_local_port_range); other systems use IANA's dynamic ports, 49152 and higher
    (RFC 6335, section 6).
    """
    try:
        first, last = map(int, LINUX_RANGE.read_text().split())
    except (OSError, ValueError):
        first, last = 49_152, 65_535
    return range(first, last + 1)


def require_free(names: Iterable[str], base: int) -> None:
    """Check the ports of all services.

    Raises:
        CannotStartError: naming every service whose port is taken or could be taken at any time, and how to move.
    """
    services = list(names)
    requested = services + [name for name, (service, _) in SECOND_PORTS.items() if service in services]
    problems: dict[str, list[str]] = {}
    if is_among_outgoing_ports(base) and not is_among_outgoing_ports(find_free_base()):
        outgoing = outgoing_ports()
        problems["Ports that may be taken at any time"] = [
            f"{base} to {base + SPAN - 1}: this system gives ports {outgoing[0]} to {outgoing[-1]} to outgoing connections"
        ]
    else:
        for name in requested:
            if problem := problem_with(port_of(name, base)):
                problems.setdefault(problem, []).append(f"port {port_of(name, base)} for {name}")
    if problems:
        found = "".join(f"{problem}: {', '.join(where)}.\n" for problem, where in problems.items())
        raise CannotStartError(
            f"{found}Move the local cloud to {SPAN} other ports: "
            f"./emulator.sh --port {find_free_base()} up (or set REELGATE_PORT)."
        )


def is_among_outgoing_ports(base: int) -> bool:
    """Return whether one of the ports from `base` on may be assigned to an outgoing connection."""
    outgoing = outgoing_ports()
    return base + SPAN > outgoing.start and base < outgoing.stop


def is_usable(base: int) -> bool:
    """Return whether all ports from `base` on are free and stay so."""
    return not is_among_outgoing_ports(base) and all(is_free(base + offset) for offset in range(SPAN))


def find_free_base() -> int:
    """Return a base port whose whole range is free now.

    It is outside the range for outgoing connections, unless that range covers all ports (as on some servers).

    Raises:
        CannotStartError: too few ports are free.
    """
    bases = list(range(20000, 32000, SPAN))
    random.shuffle(bases)
    dependable = [base for base in bases if not is_among_outgoing_ports(base)]
    for base in dependable or bases:
        if all(is_free(base + offset) for offset in range(SPAN)):
            return base
    raise CannotStartError(f"No {SPAN} free ports in a row were found between 20000 and 32000.")
