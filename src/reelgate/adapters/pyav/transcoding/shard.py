"""Encode one shard: the pictures of some segments anew, and their sound as it is.

The source is the file that a video was packaged as, so the sound fits already. It is copied: an encoder that begins anew in
each shard would begin with a moment of silence, and that would be a click at each joint.

Pictures are encoded without B-frames. Each is then decoded when it is shown, so the joints need no stamps before their own
time, whatever the rate of the pictures is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from reelgate.adapters.pyav.file.media_file import moving_pictures, sound_track
from reelgate.adapters.pyav.file.piped_file import PipedFile
from reelgate.adapters.pyav.packaging.remux import FLAGS, PIECE_BYTES, STAMPED
from reelgate.adapters.pyav.sound.mp3 import MAX_FAILED
from reelgate.adapters.pyav.sound.sound import packets_of
from reelgate.adapters.pyav.transcoding.scaling import BT709, LIMITED, Scaler
from reelgate.domain.media.packaging import CannotPackage
from reelgate.domain.playback.renditions.kinds import ShardOrder
from reelgate.domain.value_types import value_type

KEY_FRAME_SECONDS = 2
_FLAGS = FLAGS + "+skip_trailer"
"""No table of fragments at the end: it would lie in the middle of the joined file."""
MAX_PICTURES_BETWEEN_KEYS = 1000
_OPTIONS = {"libx264": {"preset": "veryfast", "sc_threshold": "0", "forced-idr": "1", "rc-lookahead": "20", "crf": "23"}}
"""Of an encoder that is known here. Key frames are placed by time, so none is placed by the content. Others have a bit rate."""


@value_type
class Shard:
    """What was written: by how many seconds the sound begins before the pictures (None without sound), and by how much the
    stamps in the file are moved for each track, in seconds.
    """

    sound_ahead: float | None
    starts: tuple[float, ...]


def write_shard(media: InputContainer, order: ShardOrder, write: Callable[[bytes], None]) -> Shard:
    """Encode a shard of an opened packaged file, and pass its bytes to `write`.

    Raises CannotPackage: `broken_file` if hardly any picture can be decoded, `unsupported`, `no_encoder`.
    """
    pictures = moving_pictures(media)
    if pictures is None:
        raise CannotPackage("no_picture")
    pipe = PipedFile(write, piece_bytes=PIECE_BYTES)
    # As in the packaged file, a box between segments: some readers stop where they touch each other (ADR 0039).
    options = {
        "movflags": _FLAGS,
        "fragment_index": str(order.number * MAX_PICTURES_BETWEEN_KEYS + 1),
        "write_btrt": "0",
        "write_prft": "pts",
    }
    output = av.open(pipe, "w", format="mp4", options=options, buffer_size=PIECE_BYTES)
    try:
        made = _Encoding(media, pictures, output, order).write()
        output.close()
    except av.error.FFmpegError:
        raise CannotPackage("unsupported") from None
    pipe.flush_out()
    return made


class _Encoding:
    def __init__(
        self,
        media: InputContainer,
        pictures: VideoStream,
        output: OutputContainer,
        order: ShardOrder,
    ) -> None:
        self._media, self._pictures, self._output, self._order = media, pictures, output, order
        self._sound = sound_track(media)
        self._scaler = Scaler(pictures, order.width, order.height)
        self._encoder = _encoder(output, order, pictures)
        self._copied: Stream | None = None if self._sound is None else output.add_stream_from_template(self._sound)
        self._lead: set[int] = set()
        self._next_key: Fraction | None = None
        self._packets = self._failed = 0

    def write(self) -> Shard:
        """Write everything. Raises CannotPackage, FFmpegError."""
        packets = self._encoded()
        head = _head(packets, tracks=1 if self._copied is None else 2)
        begins: dict[int, tuple[Fraction, Fraction]] = {}
        for packet in head:
            begins.setdefault(packet.stream_index, (_seconds(packet, packet.dts), _seconds(packet, packet.pts)))
        if 0 not in begins or self._failed > self._packets * MAX_FAILED:
            raise CannotPackage("broken_file")
        starts = self._order.starts or self._starts(begins)
        if self._order.number or not any(starts):
            self._output.options["movflags"] = _FLAGS + STAMPED
        moves = starts if self._order.number else (0.0, 0.0)
        last: dict[int, int] = {}
        for packet in itertools.chain(head, packets):
            moved = round(Fraction(moves[packet.stream_index]) / packet.time_base)
            packet.dts = max((packet.dts or 0) - moved, last.get(packet.stream_index, -(2**62)) + 1)
            packet.pts = packet.dts  # of pictures without B-frames, and of sound
            last[packet.stream_index] = packet.dts
            self._output.mux(packet)
        ahead = None if 1 not in begins else float(begins[0][1] - begins[1][1])
        return Shard(sound_ahead=ahead, starts=starts)

    def _starts(self, begins: dict[int, tuple[Fraction, Fraction]]) -> tuple[float, ...]:
        """Return by how much the muxer moves each track if it writes an edit list: to 0. Only sound before 0, which a decoder
        needs but nobody hears, makes that necessary. Without it, the fragments say when they play.
        """
        seconds = [float(begins[index][0]) if index in begins else 0.0 for index in (0, 1)]
        return tuple(seconds) if min(seconds) < 0 else (0.0, 0.0)

    def _encoded(self) -> Iterator[Packet[Any]]:
        """Yield the packets for the output, those of the sound as they are read."""
        streams: list[Stream] = [one for one in (self._pictures, self._sound) if one is not None]
        for packet in packets_of(self._media, streams):
            leads = packet.pos is not None and packet.pos < self._order.lead_bytes
            if packet.stream_index == self._pictures.index:
                if leads and packet.pts is not None:
                    self._lead.add(packet.pts)
                for frame in self._decoded(packet):
                    yield from self._of(frame)
            elif not leads and self._copied is not None and packet.dts is not None:
                packet.stream = self._copied
                yield packet
        for frame in self._decoded(None):
            yield from self._of(frame)
        yield from self._encoder.encode(None)

    def _decoded(self, packet: Packet[Any] | None) -> list[VideoFrame]:
        self._packets += packet is not None
        try:
            return self._pictures.codec_context.decode(packet)
        except av.error.FFmpegError:  # damaged: players leave it out, too
            self._failed += 1
            return []

    def _of(self, frame: VideoFrame) -> Iterator[Packet[Any]]:
        if frame.pts is None or frame.time_base is None or frame.pts in self._lead:
            return
        second = frame.pts * frame.time_base
        small = self._scaler.scaled(frame)
        small.pict_type = PictureType.NONE
        if self._next_key is None or second >= self._next_key:
            small.pict_type = PictureType.I
            self._next_key = second + KEY_FRAME_SECONDS
        yield from self._encoder.encode(small)


def _encoder(output: OutputContainer, order: ShardOrder, pictures: VideoStream) -> Any:
    rate, known = Fraction(order.frame_rate or 30).limit_denominator(1001), _OPTIONS.get(order.encoder, {})
    try:
        encoder: Any = output.add_stream(order.encoder, rate=rate)
    except ValueError:  # this build of FFmpeg has none of this name
        raise CannotPackage("no_encoder") from None
    context = encoder.codec_context
    context.width, context.height, context.pix_fmt = order.width, order.height, "yuv420p"
    context.time_base = pictures.time_base
    context.profile = "Main"
    context.thread_count, context.max_b_frames, context.gop_size = 1, 0, MAX_PICTURES_BETWEEN_KEYS
    context.bit_rate = 0 if "crf" in known else order.bits_per_second
    context.options = {
        **known,
        "maxrate": str(order.bits_per_second),
        "bufsize": str(KEY_FRAME_SECONDS * order.bits_per_second),
    }
    context.color_primaries, context.color_trc, context.colorspace, context.color_range = BT709, BT709, BT709, LIMITED
    return encoder


def _head(packets: Iterator[Packet[Any]], *, tracks: int) -> list[Packet[Any]]:
    """Return the packets up to the first one of each track."""
    head: list[Packet[Any]] = []
    for packet in packets:
        head.append(packet)
        if len({one.stream_index for one in head}) == tracks:
            break
    return head


def _seconds(packet: Packet[Any], stamp: int | None) -> Fraction:
    return (stamp or 0) * Fraction(packet.time_base.numerator, packet.time_base.denominator)
