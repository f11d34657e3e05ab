"""A sheet of small pictures for seeking, taken from key frames while they pass."""

from __future__ import annotations

import math

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelgate.adapters.pyav.picture.poster import jpeg_of, shown
from reelgate.domain.media.packaging import MAX_SPRITE_BYTES, SPRITE_TILES, Sprites

TILE_PIXELS = 160
"""The longer side of a picture."""
COLUMNS = 10
MIN_INTERVAL_SECONDS = 2.0
_PLANES = ((0, 1), (1, 2), (2, 2))
"""Of `yuvj420p`: the number of each plane, and how many pixels of the picture one of it covers in each direction."""


class SpriteSheet:
    """Decodes key frames at a distance. If the video is longer than it declares, every other picture is left out again, and the
    distance doubled: so there are between 50 and 100 pictures, however long it is.
    """

    def __init__(self, video: VideoStream, declared_seconds: float | None) -> None:
        self._video = video
        self._interval = max(MIN_INTERVAL_SECONDS, (declared_seconds or 0) / SPRITE_TILES)
        self._tiles: list[tuple[float, VideoFrame]] = []
        self._begin: float | None = None

    def offer(self, packet: Packet[VideoStream]) -> None:
        """Take a packet's picture if it is a key frame, far enough from the last one, and can be decoded."""
        if packet.pts is None or not packet.is_keyframe or packet.has_sidedata("encryption_info"):
            return
        second = float(packet.pts * packet.time_base)
        self._begin = second if self._begin is None else self._begin
        if self._tiles and second - self._begin < self._tiles[-1][0] + self._interval:
            return
        frame = self._decoded(packet)
        if frame is None:
            return
        self._tiles.append((max(0.0, second - self._begin), frame))
        if len(self._tiles) > SPRITE_TILES:
            self._tiles, self._interval = self._tiles[::2], 2 * self._interval

    def jpeg(self, *, max_bytes: int = MAX_SPRITE_BYTES) -> tuple[bytes, Sprites] | None:
        """Return the sheet and where its pictures are; None without any picture, or if it would be too large."""
        if not self._tiles:
            return None
        first = self._tiles[0][1]
        tiles = [(second, tile) for second, tile in self._tiles if (tile.width, tile.height) == (first.width, first.height)]
        columns = min(COLUMNS, len(tiles))
        sheet = _blank(first.width * columns, first.height * math.ceil(len(tiles) / columns))
        for number, (_, tile) in enumerate(tiles):
            _paste(tile, sheet, number % columns * first.width, number // columns * first.height)
        data = jpeg_of(sheet, max_bytes)
        if data is None:
            return None
        starts = tuple(round(second * 1000) for second, _ in tiles)
        return data, Sprites(width=first.width, height=first.height, columns=columns, starts=(0, *starts[1:]))

    def _decoded(self, packet: Packet[VideoStream]) -> VideoFrame | None:
        """Return the picture of a key frame as players show it, small."""
        decoder = self._video.codec_context
        try:
            frames = decoder.decode(packet) or decoder.decode(None)
            decoder.flush_buffers()
            return _even(shown(frames[0], self._video, max_width=TILE_PIXELS, max_height=TILE_PIXELS)) if frames else None
        except (av.error.FFmpegError, ValueError):
            return None


def _even(tile: VideoFrame) -> VideoFrame:
    """Return a tile whose sides are even, so that its colours are aligned in the sheet."""
    width, height = max(2, tile.width & ~1), max(2, tile.height & ~1)
    return tile if (width, height) == (tile.width, tile.height) else tile.reformat(width=width, height=height)


def _blank(width: int, height: int) -> VideoFrame:
    sheet = VideoFrame(width, height, "yuvj420p")
    for plane, level in zip(sheet.planes, (0, 128, 128), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    sheet.pts = 0
    return sheet


def _paste(tile: VideoFrame, sheet: VideoFrame, left: int, top: int) -> None:
    for number, covers in _PLANES:
        source, target = tile.planes[number], sheet.planes[number]
        pixels, into = memoryview(source), memoryview(target)
        width = tile.width // covers
        for row in range(tile.height // covers):
            at = (top // covers + row) * target.line_size + left // covers
            into[at : at + width] = pixels[row * source.line_size : row * source.line_size + width]
