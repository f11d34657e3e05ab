"""Open a media file of a stranger: one demuxer, no other file or address, bounded sizes."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, NoReturn

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from reelgate.domain.conversion import MAX_PIXELS_A_SIDE, MAX_STREAMS, CannotConvert

# Named by the file itself, other files and addresses could be opened: FFmpeg may open none (FFmpeg docs, "Protocol Options").
_CLOSED = {"protocol_whitelist": "none", "enable_drefs": "0", "use_absolute_path": "0", "max_streams": "1000"}
_BOUNDED = {"max_pixels": str(MAX_PIXELS_A_SIDE * MAX_PIXELS_A_SIDE // 2), "threads": "1"}
BUFFER_BYTES = 256 * 1024


def _refuse(url: str, _flags: int, _options: dict[str, Any]) -> NoReturn:
    raise PermissionError("a media file must not open others")


def open_media(file: io.RawIOBase | BinaryIO, demuxer: str) -> InputContainer:
    """Return an opened file.

    Raises:
        CannotConvert: it is broken, or has more streams or pixels than anybody needs (`broken_file`, `too_large`).
    """
    try:
        container = av.open(
            file,
            "r",
            format=demuxer,
            options=_BOUNDED,
            container_options=_CLOSED,
            buffer_size=BUFFER_BYTES,
            io_open=_refuse,
        )
    except (av.error.FFmpegError, ValueError, EOFError):
        raise CannotConvert("broken_file") from None
    streams = container.streams
    sides = [side for stream in streams.video for side in (stream.width, stream.height)]
    if len(streams) > MAX_STREAMS or any(side > MAX_PIXELS_A_SIDE for side in sides):
        container.close()
        raise CannotConvert("too_large")
    return container


def moving_pictures(container: InputContainer) -> VideoStream | None:
    """Return the video stream to show, not a cover image; None in a file without any."""
    cover = av.stream.Disposition.attached_pic
    moving = (s for s in container.streams.video if not s.disposition & cover and s.codec_context is not None)
    return next(moving, None)
