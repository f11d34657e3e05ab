"""Count how long the audio of a file plays, without decoding it."""

from __future__ import annotations

import io

import av

from reelgate.adapters.pyav.file.media_file import opened, sound_track
from reelgate.domain.media.conversion import CannotConvert


def counted_seconds(file: io.RawIOBase, demuxer: str) -> float | None:
    """Return how long the audio of a file plays, from the first packet to the end of the last, or by the durations of all its
    packets if that is longer: time stamps may restart. None if the file cannot be read, or its packets have neither.
    """
    try:
        with opened(file, demuxer).container as media:
            track = sound_track(media)
            if track is None:
                return None
            first = last = total = 0
            started = False
            for packet in media.demux(track):
                duration = packet.duration or 0
                total += duration
                if packet.pts is not None:
                    first = min(first, packet.pts) if started else packet.pts
                    last = max(last, packet.pts + duration) if started else packet.pts + duration
                    started = True
            return float(max(last - first, total) * track.time_base) or None
    except (av.error.FFmpegError, CannotConvert):
        return None
