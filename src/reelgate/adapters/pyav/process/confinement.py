"""Take from the converter's process everything that decoding does not need, before it reads a byte of an untrusted file.

Several layers, because not every platform allows each of them, and what one lacks another has:

- no capabilities, another user if it was started by root, no new privileges, and no look into its memory
- a network namespace of its own, in which there is no network: neither the internet nor the metadata server
- a limit on processes and threads
- a filter of system calls (`seccomp`): no files, no sockets, no processes, no new code

What the platform refuses is returned, so that it can be logged.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
import sys

from reelgate.adapters.pyav.process import seccomp

FILTER, NETWORK = "a filter of system calls", "a network namespace"
LAYERS = (FILTER, NETWORK)
"""What a platform may refuse."""

MAX_TASKS = 64
"""Threads of the process. FFmpeg starts at most 16 for each stream."""
MAX_TASKS_OF_ALL = 4096
"""The limit where the kernel counts the same user's other processes as well."""
NOBODY = 65534

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_CAPABILITY_VERSION_3 = 0x20080522


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine() -> list[str]:
    """Confine this process and all its threads for good. Returns the layers that the platform refuses, from `LAYERS`."""
    if sys.platform != "linux":
        return list(LAYERS)
    libc = ctypes.CDLL(None, use_errno=True)
    own_network = _unshare("CLONE_NEWNET")  # as root; others need a user namespace for it
    _leave_root()
    own_user = _unshare("CLONE_NEWUSER")
    own_network = own_network or _unshare("CLONE_NEWNET")
    _limit_tasks(MAX_TASKS if own_user else MAX_TASKS_OF_ALL)
    _drop_capabilities(libc)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    filtered = _filter_system_calls(libc)
    return [layer for layer, is_there in ((FILTER, filtered), (NETWORK, own_network)) if not is_there]


def hide_memory() -> None:
    """Let no other process of the same user read this one's memory and environment, in /proc or by ptrace."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _unshare(kind: str) -> bool:
    try:
        os.unshare(getattr(os, kind))
    except OSError:
        return False
    return True


def _leave_root() -> None:
    """Become nobody. A user namespace has no such user, and needs none: its root is nobody outside."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)


def _limit_tasks(count: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    count = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (count, count))


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """A new user namespace gives all of them, within it."""
    libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), struct.pack("=6I", *(0,) * 6))


def _filter_system_calls(libc: ctypes.CDLL) -> bool:
    architecture = seccomp.ARCHITECTURES.get(os.uname().machine)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or architecture is None:
        return False
    instructions = seccomp.filter_for(architecture, os.getpid())
    program = _Program(len(instructions) // seccomp.INSTRUCTION_BYTES, instructions)
    number = architecture.numbers["seccomp"]
    result: int = libc.syscall(number, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(program))
    return result == 0
