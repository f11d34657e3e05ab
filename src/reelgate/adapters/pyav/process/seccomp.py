"""The system calls that are left to the converter's process, as a filter for the Linux kernel (seccomp, classic BPF).

It is a list of what is allowed, not of what is forbidden: the process decodes what it gets through two pipes, which needs
memory, threads, clocks and those pipes. Everything else does not exist for it (ENOSYS), including calls that Linux learns
later. glibc takes this answer as one of an older kernel, and falls back: from `clone3`, whose flags a filter cannot see, to
`clone`.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping
from typing import Literal

from reelgate.domain.value_types import positional_value_type

PROT_EXEC = 0x4
CLONE_THREAD = 0x10000
ALLOW, KILL_PROCESS, NO_SUCH_CALL = 0x7FFF0000, 0x80000000, 0x00050000 | errno.ENOSYS

_INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter
INSTRUCTION_BYTES = _INSTRUCTION.size
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # struct seccomp_data


@positional_value_type
class Architecture:
    """The name of a processor family in the kernel's audit interface, and its numbers of system calls."""

    audit_id: int
    numbers: Mapping[str, int]


@positional_value_type
class _Rule:
    """Allows a call if the lower half of an argument passes a test."""

    call: str
    argument: int
    test: Literal["has not", "has", "is"]
    value: int


_FREE = (
    # Ordered by how often they are used: the filter is read from its start.
    *("futex", "read", "write", "munmap", "madvise", "mremap", "brk", "clock_gettime", "clock_nanosleep", "nanosleep"),
    *("sched_yield", "getrandom", "gettid", "getpid", "set_robust_list", "rseq", "sched_getaffinity", "gettimeofday", "time"),
    *("clock_getres", "sysinfo", "getrusage", "close"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group"),
)
"""Calls that reach nothing but the process's own memory, time, and open pipes, whatever their arguments."""

X86_64 = Architecture(
    0xC000003E,
    {
        **{"read": 0, "write": 1, "close": 3, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13},
        **{"rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35},
        **{"getpid": 39, "clone": 56, "exit": 60, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99, "sigaltstack": 131},
        **{"gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228},
        **{"clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234, "set_robust_list": 273},
        **{"seccomp": 317, "getrandom": 318, "rseq": 334},
    },
)
AARCH64 = Architecture(
    0xC00000B7,
    {
        **{"close": 57, "read": 63, "write": 64, "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99},
        **{"nanosleep": 101, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123},
        **{"sched_yield": 124, "restart_syscall": 128, "tgkill": 131, "sigaltstack": 132, "rt_sigaction": 134},
        **{"rt_sigprocmask": 135, "rt_sigreturn": 139, "getrusage": 165, "gettimeofday": 169, "getpid": 172, "gettid": 178},
        **{"sysinfo": 179, "brk": 214, "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222, "mprotect": 226},
        **{"madvise": 233, "seccomp": 277, "getrandom": 278, "rseq": 293},  # it has no `time`
    },
)
ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64}
"""By `os.uname().machine`. The numbers are from Linux's unistd_64.h and asm-generic/unistd.h; they never change."""


def filter_for(architecture: Architecture, pid: int) -> bytes:
    """Return the filter (an array of `struct sock_filter`) for the process with this id."""
    rules = (
        _Rule("mmap", 2, "has not", PROT_EXEC),  # no code but what has been loaded
        _Rule("mprotect", 2, "has not", PROT_EXEC),
        _Rule("clone", 0, "has", CLONE_THREAD),  # threads, no processes
        _Rule("tgkill", 0, "is", pid),  # abort()
    )
    numbers = architecture.numbers
    parts = [
        _load(_ARCHITECTURE_AT),
        _jump(_IF_EQUAL, architecture.audit_id, then=1, otherwise=0),
        _answer(KILL_PROCESS),  # numbers of another architecture, such as 32-bit x86, mean other calls
        _load(_NUMBER_AT),
        *(_jump(_IF_EQUAL, numbers[call], then=0, otherwise=1) + _answer(ALLOW) for call in _FREE if call in numbers),
        *(_checked(rule, numbers[rule.call]) for rule in rules),
        _answer(NO_SUCH_CALL),
    ]
    return b"".join(parts)


def _checked(rule: _Rule, number: int) -> bytes:
    test = _IF_EQUAL if rule.test == "is" else _IF_ANY_BIT
    first, second = (NO_SUCH_CALL, ALLOW) if rule.test == "has not" else (ALLOW, NO_SUCH_CALL)
    return b"".join(
        (
            _jump(_IF_EQUAL, number, then=0, otherwise=4),
            _load(_ARGUMENTS_AT + 8 * rule.argument),  # the lower half: both architectures are little-endian
            _jump(test, rule.value, then=0, otherwise=1),
            _answer(first),
            _answer(second),
        )
    )


def _load(offset: int) -> bytes:
    return _INSTRUCTION.pack(_LOAD, 0, 0, offset)


def _jump(test: int, value: int, *, then: int, otherwise: int) -> bytes:
    return _INSTRUCTION.pack(test, then, otherwise, value)


def _answer(action: int) -> bytes:
    return _INSTRUCTION.pack(_RETURN, 0, 0, action)
