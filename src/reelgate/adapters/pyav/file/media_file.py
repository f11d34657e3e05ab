"""Open an untrusted media file: one demuxer, no other file or address, bounded sizes."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, NoReturn

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from reelgate.domain.media.conversion import MAX_PIXELS_PER_SIDE, MAX_STREAMS, CannotConvert
from reelgate.domain.value_types import positional_value_type

# A file can name other files and addresses; FFmpeg must not open any of them (FFmpeg docs, "Protocol Options").
_CLOSED = {"protocol_whitelist": "none", "enable_drefs": "0", "use_absolute_path": "0", "max_streams": "1000"}
_BOUNDED = {"max_pixels": str(MAX_PIXELS_PER_SIDE * MAX_PIXELS_PER_SIDE // 2), "threads": "1"}
BUFFER_BYTES = 256 * 1024
ADD_STREAMS_LATER = frozenset({"flv", "mpeg", "mpegts"})
"""Demuxers that find their streams by reading packets (FFmpeg's AVFMTCTX_NOHEADER). A track that starts late is missing or
incomplete unless the file is read that far before it counts as opened."""
_LOOK_FURTHER = {"probesize": str(32 * 1024 * 1024), "analyzeduration": str(3600 * 1_000_000)}
_ESTIMATE = "Estimating duration from bitrate"  # libavformat/demux.c, estimate_timings_from_bit_rate()


@positional_value_type
class Opened:
    """An opened file, and whether its duration is only an estimate from its size and the bit rate of its beginning."""

    container: InputContainer
    estimated: bool


def _refuse(url: str, _flags: int, _options: dict[str, Any]) -> NoReturn:
    raise PermissionError("a media file must not open others")


def open_media(file: io.RawIOBase | BinaryIO, demuxer: str) -> InputContainer:
    """Return an opened file. Raises as `opened` does."""
    return opened(file, demuxer).container


def opened(file: io.RawIOBase | BinaryIO, demuxer: str) -> Opened:
    """Return an opened file, with what else was found out while opening it.

    Raises:
        CannotConvert: it is broken, or has an implausible number of streams or pixels (`broken_file`, `too_large`).
    """
    media = _open(file, demuxer)
    if demuxer in ADD_STREAMS_LATER and not _knows_its_sound(media.container):
        media.container.close()
        file.seek(0)
        media = _open(file, demuxer, **_LOOK_FURTHER)
    streams = media.container.streams
    pictures = [stream.codec_context for stream in streams.video if stream.codec_context is not None]
    if len(streams) > MAX_STREAMS or any(max(of.width, of.height) > MAX_PIXELS_PER_SIDE for of in pictures):
        media.container.close()
        raise CannotConvert("too_large")
    return media


def _open(file: io.RawIOBase | BinaryIO, demuxer: str, **options: str) -> Opened:
    av.logging.set_level(av.logging.WARNING)
    av.logging.set_skip_repeated(False)
    try:
        with av.logging.Capture() as messages:
            container = av.open(
                file,
                "r",
                format=demuxer,
                options=_BOUNDED,
                container_options=_CLOSED | options,
                buffer_size=BUFFER_BYTES,
                io_open=_refuse,
            )
    except (av.error.FFmpegError, ValueError, EOFError):
        raise CannotConvert("broken_file") from None
    finally:
        av.logging.set_level(None)
    return Opened(container, estimated=any(_ESTIMATE in text for _, _, text in messages))


def _knows_its_sound(container: InputContainer) -> bool:
    sound = sound_track(container)
    return sound is not None and sound.codec_context.sample_rate > 0


def sound_track(container: InputContainer) -> AudioStream | None:
    """Return the audio stream for facts and MP3 alike: the first one that FFmpeg can decode."""
    return next((stream for stream in container.streams.audio if stream.codec_context is not None), None)


def moving_pictures(container: InputContainer) -> VideoStream | None:
    """Return the video stream to show, by the same rule, skipping cover images; None if there is none."""
    return next((s for s in container.streams.video if s.codec_context is not None and not is_cover(s)), None)


def is_cover(stream: Stream) -> bool:
    """Return whether a video stream is a single picture that belongs to the audio."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
