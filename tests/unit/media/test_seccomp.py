"""The filter of system calls, run for both architectures."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from reelgate.adapters.pyav.process.seccomp import AARCH64, ALLOW, KILL_PROCESS, NO_SUCH_CALL, X86_64, Architecture, filter_for
from tests.fixtures import bpf

PID = 4711
THREAD = 0x3D0F00  # what glibc's pthread_create asks clone for
FORK, VFORK = 0x01200011, 0x4111
READ, WRITE, EXECUTE = 1, 2, 4
BOTH = pytest.mark.parametrize("architecture", [X86_64, AARCH64], ids=["x86_64", "aarch64"])

FORBIDDEN = {
    X86_64.audit_id: {
        **{"open": 2, "openat": 257, "openat2": 437, "creat": 85, "unlink": 87, "execve": 59, "execveat": 322},
        **{"socket": 41, "connect": 42, "sendto": 44, "socketpair": 53, "fork": 57, "vfork": 58, "clone3": 435},
        **{"kill": 62, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "mount": 165, "bpf": 321},
        **{
            "io_uring_setup": 425,
            "unshare": 272,
            "setns": 308,
            "prctl": 157,
            "seccomp": 317,
            "memfd_create": 319,
            "pidfd_open": 434,
        },
        **{
            "userfaultfd": 323,
            "perf_event_open": 298,
            "keyctl": 250,
            "ioctl": 16,
            "pkey_mprotect": 329,
            "the last of x32": 0x40000000,
        },
    },
    AARCH64.audit_id: {
        **{"openat": 56, "openat2": 437, "unlinkat": 35, "execve": 221, "execveat": 281, "socket": 198, "connect": 203},
        **{"sendto": 206, "socketpair": 199, "clone3": 435, "kill": 129, "ptrace": 117, "process_vm_readv": 270, "mount": 40},
        **{"bpf": 280, "io_uring_setup": 425, "unshare": 97, "setns": 268, "prctl": 167, "seccomp": 277, "memfd_create": 279},
        **{"userfaultfd": 282, "perf_event_open": 241, "keyctl": 219, "ioctl": 29, "pkey_mprotect": 288},
    },
}


def answer(architecture: Architecture, call: str | int, *arguments: int) -> int:
    number = architecture.numbers[call] if isinstance(call, str) else call
    program = filter_for(architecture, PID)
    return bpf.run(program, number=number, architecture=architecture.audit_id, arguments=arguments)


@BOTH
@pytest.mark.parametrize(
    ("call", "allowed", "refused"),
    [
        ("clone", (THREAD,), (FORK,)),
        ("clone", (THREAD,), (VFORK,)),
        ("mmap", (0, 4096, READ | WRITE), (0, 4096, READ | EXECUTE)),
        ("mprotect", (0, 4096, READ), (0, 4096, EXECUTE)),
        ("tgkill", (PID, PID, 6), (PID - 1, PID - 1, 9)),
    ],
)
def test_some_calls_depend_on_what_they_ask(
    architecture: Architecture, call: str, allowed: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    assert answer(architecture, call, *allowed) == ALLOW
    assert answer(architecture, call, *refused) == NO_SUCH_CALL


@BOTH
def test_pipes_memory_and_clocks_are_free(architecture: Architecture) -> None:
    for call in ("read", "write", "futex", "munmap", "brk", "exit_group", "rt_sigreturn", "restart_syscall"):
        assert answer(architecture, call, 2**64 - 1, 2**64 - 1) == ALLOW


@BOTH
def test_everything_else_does_not_exist(architecture: Architecture) -> None:
    forbidden = FORBIDDEN[architecture.audit_id]
    assert {name: answer(architecture, number) for name, number in forbidden.items()} == dict.fromkeys(forbidden, NO_SUCH_CALL)
    known = set(architecture.numbers.values()) - {architecture.numbers["seccomp"]}
    assert {number for number in range(600) if answer(architecture, number) == ALLOW} < known


@BOTH
@pytest.mark.parametrize("other", [X86_64.audit_id, AARCH64.audit_id, 0x40000003])
def test_numbers_of_another_architecture_end_the_process(architecture: Architecture, other: int) -> None:
    program = filter_for(architecture, PID)
    expected = ALLOW if other == architecture.audit_id else KILL_PROCESS
    assert bpf.run(program, number=architecture.numbers["read"], architecture=other) == expected


@pytest.mark.parametrize(
    ("architecture", "header"),
    [(X86_64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (AARCH64, "/usr/include/asm-generic/unistd.h")],
)
def test_the_numbers_are_linux_s(architecture: Architecture, header: str) -> None:
    if not os.path.exists(header):
        pytest.skip("the headers of Linux are not installed (linux-libc-dev)")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", Path(header).read_text()))
    assert {name: int(known[name]) for name in architecture.numbers} == architecture.numbers
