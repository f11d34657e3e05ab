"""The work on one file: examine it, package it, extract its audio, or encode a part of it.

Runs in the child, and loads FFmpeg with all that works with it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

# PyAV would import these at the first file, when no module can be loaded any more.
import av.subtitles.codeccontext
import av.subtitles.stream  # noqa: F401

from reelgate.adapters.pyav.file import facts, media_file, truncation
from reelgate.adapters.pyav.file.encryption import true_reason
from reelgate.adapters.pyav.packaging import remux, sprites
from reelgate.adapters.pyav.packaging.tracks import tracks_to_package
from reelgate.adapters.pyav.picture import poster
from reelgate.adapters.pyav.process import frames
from reelgate.adapters.pyav.process.frames import Channel
from reelgate.adapters.pyav.process.ranged_file import RangedFile
from reelgate.adapters.pyav.sound import mp3, packets
from reelgate.adapters.pyav.transcoding import shard
from reelgate.domain.media.conversion import CannotConvert
from reelgate.domain.playback.renditions.kinds import ShardOrder


def do(channel: Channel, job: dict[str, Any]) -> dict[str, Any]:
    """Do a job and return its result. Raises CannotConvert, CannotPackage and ChannelClosed."""
    file = RangedFile(channel.read, job["size"])
    work = {"examine": _examine, "package": _package, "extract": _extract, "encode": _encode}[job["work"]]
    try:
        result = work(channel, job, file)
    except CannotConvert as error:
        raise CannotConvert(true_reason(error.reason, file, job["container"])) from None
    if result.get("no_sound"):
        result["no_sound"] = true_reason(result["no_sound"], file, job["container"])
    return result


def _examine(channel: Channel, job: dict[str, Any], file: RangedFile) -> dict[str, Any]:
    cut = truncation.is_truncated(file, job["container"])
    with media_file.open_media(file, job["demuxer"]) as media:
        found = facts.facts_of(media, job["container"], truncated=cut)
        channel.send(frames.FACTS, json.dumps(asdict(found)).encode())
        pictures = media_file.moving_pictures(media) if job["poster"] else None
        image = None
        if pictures is not None:
            image = poster.poster_of(media, pictures, found.duration_seconds, max_bytes=job["poster_bytes"])
        if image is not None:
            channel.send(frames.PICTURE, image)
        no_sound = facts.why_no_sound(media)
    if (
        seconds := facts.counted_seconds(file, job["container"])
    ) is not None:  # last, because it may use up the time on a long file
        channel.send(frames.FACTS, json.dumps(asdict(found) | {"duration_seconds": seconds}).encode())
    return {"no_sound": no_sound}


def _package(channel: Channel, job: dict[str, Any], file: RangedFile) -> dict[str, Any]:
    with media_file.open_media(file, job["demuxer"]) as media:
        tracks = tracks_to_package(media)
        seconds = facts.seconds_of(media, job["container"])
        sheet = sprites.SpriteSheet(tracks.pictures, seconds)
        meter = _Meter(channel, seconds)
        made = remux.remux(media, tracks, channel.write, declared_seconds=seconds, sheet=sheet, progress=meter.reached)
        pictures = sheet.jpeg()
    if pictures is not None:
        channel.send(frames.PICTURE, pictures[0])
    return {"sound_ahead": made.sound_ahead, "sprites": None if pictures is None else asdict(pictures[1])}


def _extract(channel: Channel, job: dict[str, Any], file: RangedFile) -> dict[str, Any]:
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
            max_bytes=job["max_bytes"],
            count_seconds=lambda: packets.counted_seconds(RangedFile(channel.read, job["size"]), job["demuxer"]),
            declared_seconds=None if opened.estimated else seconds,
            progress=_Meter(channel, seconds).reached,
        )
    return {"seconds": made.seconds, "media_seconds": made.media_seconds, "truncated": made.truncated or cut}


def _encode(channel: Channel, job: dict[str, Any], file: RangedFile) -> dict[str, Any]:
    order = ShardOrder(**{**job["order"], "starts": tuple(job["order"]["starts"])})
    with media_file.open_media(file, job["demuxer"]) as media:
        made = shard.write_shard(media, order, channel.write)
    return {"sound_ahead": made.sound_ahead, "starts": list(made.starts)}


class _Meter:
    """Reports each percent once. For a file of unknown duration it reports nothing until the end."""

    def __init__(self, channel: Channel, total_seconds: float | None) -> None:
        self._channel, self._total, self._reported = channel, total_seconds, 0

    def reached(self, seconds: float) -> None:
        percent = min(99, int(100 * seconds / self._total)) if self._total else 0
        if percent > self._reported:
            self._reported = percent
            self._channel.send(frames.PROGRESS, bytes([percent]))
