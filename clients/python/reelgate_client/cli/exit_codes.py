"""What the exit code of a command says. docs/command-line.md has this table; codes do not change."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from reelgate_client import errors


class ExitCode(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    LIMIT = 4
    NOT_REACHABLE = 5
    NOT_FOUND = 6
    CONFLICT = 7
    LOCAL_FILE = 8
    DAMAGED = 9
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "failed, or refused for a reason that is not below; or several failed, for different reasons",
    ExitCode.USAGE: "the command was not understood",
    ExitCode.NOT_SIGNED_IN: "not signed in, wrong password, or the key or sign-in has ended",
    ExitCode.LIMIT: "a limit: storage, the day's bandwidth, size of a file, rate of requests",
    ExitCode.NOT_REACHABLE: "the server, or the place where videos are stored, cannot be reached; run it again later",
    ExitCode.NOT_FOUND: "there is no such video, link, key or user",
    ExitCode.CONFLICT: "the name is taken by another file, or the thing is in a state that does not allow this",
    ExitCode.LOCAL_FILE: "a file on this machine: not there, may not be read, changed meanwhile, no room on the disk",
    ExitCode.DAMAGED: "bytes were damaged on their way; nothing of them was kept",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C; run it again to go on",
    ExitCode.TERMINATED: "ended by SIGTERM; run it again to go on",
}

_KINDS: tuple[tuple[type[errors.ReelgateError], ExitCode], ...] = (
    (errors.NotSignedIn, ExitCode.NOT_SIGNED_IN),
    (errors.LimitReached, ExitCode.LIMIT),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.Conflict, ExitCode.CONFLICT),
    (errors.NotReachable, ExitCode.NOT_REACHABLE),
    (errors.LocalFileError, ExitCode.LOCAL_FILE),
    (errors.FileChanged, ExitCode.LOCAL_FILE),
    (errors.ChecksumMismatch, ExitCode.DAMAGED),
)


def exit_code_of(error: errors.ReelgateError) -> ExitCode:
    """Return the exit code for an error."""
    return next((code for kind, code in _KINDS if isinstance(error, kind)), ExitCode.FAILED)


def exit_code_of_all(found: Iterable[errors.ReelgateError | None]) -> ExitCode:
    """Return the exit code of several things: that of all failures if it is the same one, else FAILED."""
    codes = {exit_code_of(error) for error in found if error is not None}
    if not codes:
        return ExitCode.OK
    return codes.pop() if len(codes) == 1 else ExitCode.FAILED
