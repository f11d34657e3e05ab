"""The process that FFmpeg runs in: `python -m reelgate.adapters.pyav.process.child`. Only `process` starts it.

It reads one job, does it, and exits. It is limited and confined before it reads the first byte of an untrusted file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from typing import BinaryIO

from reelgate.adapters.pyav.process import confinement, frames
from reelgate.adapters.pyav.process.frames import Channel, ChannelClosed
from reelgate.domain.media.conversion import CannotConvert
from reelgate.domain.media.packaging import CannotPackage


def main() -> None:
    """Do the one job of this process."""
    channel = Channel(*_take_pipes())
    try:
        job = json.loads(channel.receive(frames.JOB))
        _limit(seconds=job["cpu_seconds"], memory_bytes=job["memory_bytes"])
        from reelgate.adapters.pyav.process import work  # noqa: PLC0415 - FFmpeg is loaded under the limits, and before all is closed

        channel.send(frames.CONFINED, json.dumps({"without": confinement.confine()}).encode())
        _end(channel, **work.do(channel, job))
    except (CannotConvert, CannotPackage) as error:
        _end(channel, reason=error.reason)
    except ChannelClosed:  # the function has gone away
        sys.exit(1)
    except Exception:  # includes MemoryError: the limit is this process's own, so a retry would end the same way
        channel.send(frames.BROKEN, traceback.format_exc(limit=-6).encode()[-4000:])
        _end(channel, reason="unsupported")


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the two pipes, and keep output of libraries out of them."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return incoming, outgoing


def _limit(*, seconds: int, memory_bytes: int) -> None:
    """Limit CPU time and memory, and forbid disk writes, for any file and even if this process is not supervised."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _end(channel: Channel, *, reason: str | None = None, **result: object) -> None:
    channel.send(frames.END, json.dumps({"reason": reason, **result}).encode())


if __name__ == "__main__":
    main()
