"""Write the audio of a media file as MP3, packet by packet; memory use does not grow with its length."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from reelgate.adapters.pyav.file.media_file import sound_track
from reelgate.adapters.pyav.file.piped_file import PipedFile
from reelgate.adapters.pyav.file.timeline import DISCONTINUOUS, Timeline
from reelgate.adapters.pyav.sound.mixing import Mixer
from reelgate.adapters.pyav.sound.sound import Sound, in_step, silent, start_seconds
from reelgate.domain.media.audio_rates import OVERHEAD_BYTES, AudioRate, Layout, best_rate, usual_rate
from reelgate.domain.media.conversion import CannotConvert
from reelgate.domain.value_types import positional_value_type

RATES = (32_000, 44_100, 48_000)
"""The sample rates of MPEG-1 layer III (ISO/IEC 11172-3). Everything else is resampled, because the lower rates of MPEG-2 and
2.5 allow fewer bit rates and do not play everywhere: they are used only where the size allows no higher bit rate."""
# The bit rate is constant, so that players know the duration without an index, which would have to be written at the start
# afterwards.
SPEED = {"compression_level": "7"}
"""LAME's -q: a quarter faster than its default, with hardly any audible difference at these bit rates."""
LOOK_PACKETS = 1000
"""How far from the requested position a packet is searched for: more than the distance of two index entries."""
MAX_FAILED = Fraction(19, 20)
"""If more than this share of an audio track's packets cannot be decoded, it is broken: the rest is most likely noise. Otherwise
the decodable part is kept, as players do. The declared duration is not used here: it may be an estimate, and a truncated file
is not broken."""
DECLARES_DURATION = frozenset({"flac", "flv", "matroska", "mov", "mp3", "mxf", "rm", "tta", "wv"})
"""Demuxers that return the duration written in the file, so that a missing end can be detected. Others compute it,
or their time stamps may restart; for RIFF and ASF files, the declared size is used (`truncation`)."""
DIFFERENCE_SECONDS = 0.5
"""How far a file's declared duration is trusted."""


@positional_value_type
class Made:
    """The finished MP3, and what was learned about the file.

    Attributes:
        seconds: how long the MP3 plays.
        media_seconds: how long the file plays, if that differs from what it declares; None if it does not, or was not checked.
        truncated: whether the file ends before its declared end.
    """

    seconds: float
    media_seconds: float | None
    truncated: bool


def write_mp3(
    media: InputContainer,
    demuxer: str,
    write: Callable[[bytes], None],
    *,
    title: str,
    max_seconds: int,
    max_bytes: int,
    declared_seconds: float | None,
    count_seconds: Callable[[], float | None],
    progress: Callable[[float], None],
) -> Made:
    """Encode the audio of an opened file, passing the bytes to `write`.

    Args:
        max_bytes: how large the MP3 may be. Its bit rate follows, and the work ends where it would become larger.
        declared_seconds: how long the file declares to play, None if unknown or an estimate.
        count_seconds: returns how long the audio plays, by its packets. Called where the usual bit rate may be too high.
        progress: called with the seconds written so far.

    Raises:
        CannotConvert: `no_audio_track`, `broken_file`, `encrypted`, `unsupported`, `too_long`, `out_of_proportion`.
    """
    track = sound_track(media)
    if track is None:
        raise CannotConvert("unsupported" if media.streams.audio else "no_audio_track")
    alone = demuxer == "mov"
    declared_too_long = declared_seconds is not None and declared_seconds > max_seconds and demuxer not in DISCONTINUOUS
    if declared_too_long and _goes_beyond(media, track, max_seconds):
        raise CannotConvert("too_long")
    ends = _own_end(media, track) if alone else declared_seconds
    timeline = Timeline(media, demuxer, declared_seconds=declared_seconds)
    sound = Sound(media, track, timeline, alone=alone)
    layout: Layout = "mono" if track.codec_context.channels == 1 else "stereo"
    chosen = _rate(layout, declared_seconds, count_seconds, max_seconds=max_seconds, max_bytes=max_bytes)
    layout, rate = chosen.layout, chosen.sample_rate or usual_sample_rate(track)
    pipe, samples, size = PipedFile(write), 0, OVERHEAD_BYTES
    with av.open(pipe, "w", format="mp3", options={"id3v2_version": "3"}) as output:
        output.metadata["title"] = title
        stream = output.add_stream("libmp3lame", rate=rate, layout=layout, options=SPEED)
        stream.bit_rate = chosen.bits_per_second

        def mux(packets: list[Packet[Any]]) -> None:
            nonlocal size
            size += sum(packet.size for packet in packets)
            if size > max_bytes:  # there is more sound than the file declares
                raise CannotConvert("out_of_proportion")
            output.mux(packets)

        for frame in in_step(sound.frames(), Mixer(layout, rate), silent(layout, rate)):
            frame.pts, frame.time_base = samples, Fraction(1, rate)
            samples += frame.samples
            if samples > max_seconds * rate:
                raise CannotConvert("too_long")
            mux(stream.encode(frame))
            progress(samples / rate)
        if not samples or sound.failed > sound.packets * MAX_FAILED:
            raise CannotConvert("encrypted" if sound.encrypted else "broken_file")
        mux(stream.encode(None))
    pipe.flush_out()
    found = max(timeline.end, samples / rate)
    differs = declared_seconds is None or abs(found - declared_seconds) > DIFFERENCE_SECONDS
    return Made(
        seconds=samples / rate,
        media_seconds=found if differs and not alone else None,
        truncated=ends is not None and demuxer in DECLARES_DURATION and found < ends - max(DIFFERENCE_SECONDS, ends / 100),
    )


def _rate(
    layout: Layout,
    declared_seconds: float | None,
    count_seconds: Callable[[], float | None],
    *,
    max_seconds: int,
    max_bytes: int,
) -> AudioRate:
    """Return how to encode. Raises CannotConvert (`out_of_proportion`)."""
    usual = usual_rate(layout)
    if usual.bytes_for(max_seconds if declared_seconds is None else declared_seconds) <= max_bytes:
        return usual
    seconds = count_seconds() or declared_seconds or max_seconds  # few bytes for so much sound, so this is soon done
    chosen = best_rate(layout, min(seconds, max_seconds), max_bytes)
    if chosen is None:
        raise CannotConvert("too_long" if seconds > max_seconds else "out_of_proportion")
    return chosen


def usual_sample_rate(track: AudioStream) -> int:
    """Return the sample rate that a track is encoded with: its own, if it is one of `RATES`."""
    return track.codec_context.sample_rate if track.codec_context.sample_rate in RATES else 44_100


def _goes_beyond(media: InputContainer, track: AudioStream, seconds: int) -> bool:
    """Return whether a packet of a track exists after a second of the file; then read it from its start again."""
    start = media.start_time or 0
    end = start / av.time_base + seconds
    with contextlib.suppress(av.error.FFmpegError):
        media.seek(start + seconds * av.time_base)
        for packet in itertools.islice(media.demux(track), LOOK_PACKETS):
            if packet.pts is not None and float(packet.pts * packet.time_base) >= end:
                return True
    with contextlib.suppress(av.error.FFmpegError):
        media.seek(start)
    return False


def _own_end(media: InputContainer, track: AudioStream) -> float | None:
    if not track.duration:
        return None
    return start_seconds(media, track) + float(track.duration * track.time_base)
