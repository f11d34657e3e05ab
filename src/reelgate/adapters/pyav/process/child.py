"""The process that FFmpeg runs in: `python -m reelgate.adapters.pyav.process.child`. Only `process` starts it.

It reads one job, does it, and exits. Its limits are set before it reads the first byte of an untrusted file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from dataclasses import asdict
from typing import Any, BinaryIO

from reelgate.adapters.pyav.process import frames
from reelgate.adapters.pyav.process.frames import Channel, ChannelClosed
from reelgate.adapters.pyav.process.ranged_file import RangedFile
from reelgate.domain.media.conversion import CannotConvert


def main() -> None:
    """Do the one job of this process."""
    channel = Channel(*_take_pipes())
    try:
        job = json.loads(channel.receive(frames.JOB))
        _limit(seconds=job["cpu_seconds"], memory_bytes=job["memory_bytes"])
        _end(channel, **_work(channel, job))
    except CannotConvert as error:
        _end(channel, reason=error.reason)
    except ChannelClosed:  # the function has gone away
        sys.exit(1)
    except Exception:  # includes MemoryError: the limit is this process's own, so a retry would end the same way
        channel.send(frames.BROKEN, traceback.format_exc(limit=-6).encode()[-4000:])
        _end(channel, reason="unsupported")


def _work(channel: Channel, job: dict[str, Any]) -> dict[str, Any]:
    from reelgate.adapters.pyav.file.encryption import true_reason  # noqa: PLC0415 - FFmpeg is loaded under its limits

    file = RangedFile(channel.read, job["size"])
    do = _examine if job["work"] == "examine" else _extract
    try:
        result = do(channel, job, file)
    except CannotConvert as error:
        raise CannotConvert(true_reason(error.reason, file, job["container"])) from None
    if result.get("no_sound"):
        result["no_sound"] = true_reason(result["no_sound"], file, job["container"])
    return result


def _examine(channel: Channel, job: dict[str, Any], file: RangedFile) -> dict[str, Any]:
    from reelgate.adapters.pyav.file import facts, media_file, truncation  # noqa: PLC0415
    from reelgate.adapters.pyav.picture import poster  # noqa: PLC0415

    cut = truncation.is_truncated(file, job["container"])
    with media_file.open_media(file, job["demuxer"]) as media:
        found = facts.facts_of(media, job["container"], truncated=cut)
        channel.send(frames.FACTS, json.dumps(asdict(found)).encode())
        pictures = media_file.moving_pictures(media) if job["poster"] else None
        image = poster.poster_of(media, pictures, found.duration_seconds) if pictures else None
        if image is not None:
            channel.send(frames.PICTURE, image)
        no_sound = facts.why_no_sound(media)
    if (
        seconds := facts.counted_seconds(file, job["container"])
    ) is not None:  # last, because it may use up the time on a long file
        channel.send(frames.FACTS, json.dumps(asdict(found) | {"duration_seconds": seconds}).encode())
    return {"no_sound": no_sound}


def _extract(channel: Channel, job: dict[str, Any], file: RangedFile) -> dict[str, Any]:
    from reelgate.adapters.pyav.file import facts, media_file, truncation  # noqa: PLC0415
    from reelgate.adapters.pyav.sound import mp3  # noqa: PLC0415

    cut = truncation.is_truncated(file, job["container"])
    opened = media_file.opened(file, job["demuxer"])
    with opened.container as media:
        seconds = facts.seconds_of(media, job["container"])
        made = mp3.write_mp3(
            media,
            job["demuxer"],
            channel.write,
            title=job["title"],
            max_seconds=job["max_seconds"],
            declared_seconds=None if opened.estimated else seconds,
            progress=_Meter(channel, seconds).reached,
        )
    return {"seconds": made.seconds, "media_seconds": made.media_seconds, "truncated": made.truncated or cut}


class _Meter:
    """Reports each percent once. For a file of unknown duration it reports nothing until the end."""

    def __init__(self, channel: Channel, total_seconds: float | None) -> None:
        self._channel, self._total, self._reported = channel, total_seconds, 0

    def reached(self, seconds: float) -> None:
        percent = min(99, int(100 * seconds / self._total)) if self._total else 0
        if percent > self._reported:
            self._reported = percent
            self._channel.send(frames.PROGRESS, bytes([percent]))


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
