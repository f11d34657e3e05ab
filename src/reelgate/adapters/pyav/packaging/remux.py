"""Write a video as a fragmented MP4, packet by packet; memory use does not grow with its length."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from reelgate.adapters.pyav.file.piped_file import PipedFile
from reelgate.adapters.pyav.file.timeline import Timeline
from reelgate.adapters.pyav.packaging.sprites import SpriteSheet
from reelgate.adapters.pyav.packaging.tracks import Tracks
from reelgate.adapters.pyav.sound.mixing import Mixer
from reelgate.adapters.pyav.sound.mp3 import MAX_FAILED, usual_sample_rate
from reelgate.adapters.pyav.sound.sound import Sound, in_step, packets_of, silent
from reelgate.domain.media.conversion import CannotConvert
from reelgate.domain.media.packaging import MAX_SYNC_ERROR_SECONDS, SEGMENT_SECONDS, CannotPackage, hls_reason
from reelgate.domain.value_types import value_type

FLAGS = "+frag_keyframe+delay_moov+default_base_moof"
"""Fragments begin with key frames. The beginning is written after the first one, so that it has an edit list with the starts of
the tracks; without one, sound and pictures move against each other, silently."""
STAMPED = "+frag_discont"
"""In addition: the first fragment says itself when its tracks begin."""
FRAGMENT_BYTES = 16 * 1024 * 1024
"""About how much is kept of a fragment. A larger one is written in parts, of which only the first begins with a key frame."""
MIN_FRAGMENT_SECONDS = 0.5
PIECE_BYTES = 1024 * 1024
AAC_BITS = {"mono": 96_000, "stereo": 160_000}
_HEAD_PACKETS = 1000
_HEAD_BYTES = 16 * 1024 * 1024
_LOOKED_AT = 64
"""Packets of a track among which the first one shown is: more than any format reorders."""


@value_type
class Remuxed:
    """What was written: by how many seconds the sound of the file begins before its pictures, None without sound."""

    sound_ahead: float | None


def remux(
    media: InputContainer,
    tracks: Tracks,
    write: Callable[[bytes], None],
    *,
    declared_seconds: float | None,
    sheet: SpriteSheet,
    progress: Callable[[float], None],
) -> Remuxed:
    """Write the tracks of an opened file as a fragmented MP4, passing the bytes to `write`, and key frames to `sheet`.

    Raises CannotPackage: `broken_file`, `edit_list`, `encrypted`, `unsupported`.
    """
    pipe = PipedFile(write, piece_bytes=PIECE_BYTES)
    bytes_per_second = (media.size or 0) / declared_seconds if declared_seconds else 0.0
    least = min(SEGMENT_SECONDS, FRAGMENT_BYTES / bytes_per_second) if bytes_per_second else SEGMENT_SECONDS
    options = {
        "movflags": FLAGS,
        "min_frag_duration": str(round(max(MIN_FRAGMENT_SECONDS, least) * av.time_base)),
        "frag_size": str(FRAGMENT_BYTES),
        "max_interleave_delta": str(2 * av.time_base),
        "write_prft": "pts",  # a box between segments: FFmpeg 9 stops after the first of those that touch each other (ADR 0039)
    }
    output = av.open(pipe, "w", format="mp4", options=options, buffer_size=PIECE_BYTES)
    try:
        made = _Writer(output, progress).write(_Packets(media, tracks, output, sheet, declared_seconds).all(), tracks)
        output.close()
    except CannotConvert as error:
        raise CannotPackage(hls_reason(error.reason)) from None
    except av.error.FFmpegError:  # what this muxer does not take from this file
        raise CannotPackage("unsupported") from None
    pipe.flush_out()
    return made


class _Packets:
    """The packets for the output, in the file's order."""

    def __init__(
        self,
        media: InputContainer,
        tracks: Tracks,
        output: OutputContainer,
        sheet: SpriteSheet,
        declared_seconds: float | None,
    ) -> None:
        self._media, self._tracks, self._sheet, self._declared = media, tracks, sheet, declared_seconds
        self._pictures: Stream = output.add_stream_from_template(tracks.pictures)
        if tracks.pictures.codec_context.codec.canonical_name == "hevc":
            self._pictures.codec_context.codec_tag = "hvc1"  # Apple's players take no other
        self._output = output
        self._ready: deque[Packet[Any]] = deque()
        self._sound: Stream | None = None
        if tracks.sound is not None and tracks.copies_sound:
            self._sound = output.add_stream_from_template(tracks.sound)

    def all(self) -> Iterator[Packet[Any]]:
        """Yield the packets, each with the stream it belongs to. Raises CannotConvert, CannotPackage."""
        if self._tracks.sound is not None and not self._tracks.copies_sound:
            yield from self._with_encoded(self._tracks.sound)
            return
        for packet in self._read():
            if packet is not None and self._sound is not None:
                packet.stream = self._sound
                self._ready.append(packet)
            yield from self._taken()

    def _with_encoded(self, sound: AudioStream) -> Iterator[Packet[Any]]:
        """Decode and encode the sound of the packets that are read for the pictures."""
        layout = "mono" if sound.codec_context.channels == 1 else "stereo"
        rate = usual_sample_rate(sound)
        encoder = self._output.add_stream("aac", rate=rate, layout=layout)
        encoder.bit_rate = AAC_BITS[layout]
        timeline = Timeline(self._media, self._media.format.name, declared_seconds=self._declared)
        decoded = Sound(self._media, sound, timeline, alone=False)
        start = round(Fraction(self._media.start_time or 0, av.time_base) * rate)
        samples = 0
        packets = (packet for packet in self._read() if packet is not None)
        for frame in in_step(decoded.frames(packets), Mixer(layout, rate), silent(layout, rate)):
            frame.pts, frame.time_base = start + samples, Fraction(1, rate)
            samples += frame.samples
            self._ready.extend(encoder.encode(frame))
            yield from self._taken()
        if not samples or decoded.failed > decoded.packets * MAX_FAILED:
            raise CannotPackage("encrypted" if decoded.encrypted else "broken_file")
        self._ready.extend(encoder.encode(None))
        yield from self._taken()

    def _read(self) -> Iterator[Packet[Any] | None]:
        """Yield the packets of the sound, and None for each of the pictures, which is made ready for the output."""
        streams: list[Stream] = [one for one in (self._tracks.pictures, self._tracks.sound) if one is not None]
        read, pictures = {stream.index for stream in streams}, self._tracks.pictures.index
        for stream in self._media.streams:
            if stream.index not in read:
                stream.discard = av.stream.Discard.all
        packets: Iterator[Packet[Any]] = packets_of(self._media, streams)
        for packet in packets:
            if packet.has_sidedata("encryption_info"):
                raise CannotPackage("encrypted")
            if packet.stream_index != pictures:
                yield packet
                continue
            self._sheet.offer(packet)
            packet.stream = self._pictures
            self._ready.append(packet)
            yield None

    def _taken(self) -> Iterator[Packet[Any]]:
        while self._ready:
            yield self._ready.popleft()


class _Writer:
    """Writes packets with stamps that the muxer takes, after looking at the first ones."""

    def __init__(self, output: OutputContainer, progress: Callable[[float], None]) -> None:
        self._output, self._progress = output, progress
        self._last: dict[int, int] = {}
        self._first_shown: dict[int, Fraction] = {}
        self._seen: dict[int, int] = {}
        self._cut: int | None = None

    def write(self, packets: Iterator[Packet[Any]], tracks: Tracks) -> Remuxed:
        """Write all packets. Raises CannotPackage, FFmpegError."""
        stamped = (packet for packet in packets if packet.pts is not None)
        head = self._head(stamped, wanted=1 if tracks.sound is None else 2)
        _complete(head)
        shift = self._shift(head)
        for packet in itertools.chain(head, stamped):
            self._put(packet, shift)
        if 0 not in self._seen:
            raise CannotPackage("broken_file")
        if 1 not in self._seen:
            return Remuxed(sound_ahead=None)
        return Remuxed(sound_ahead=float(self._first_shown[0] - self._first_shown[1]))

    def _refuse_cuts(self, packet: Packet[Any], pts: int) -> None:
        """Raise CannotPackage (`edit_list`) if pictures before this one are not shown, but would be by players of fragments."""
        if packet.is_discard:
            self._cut = pts if self._cut is None else min(pts, self._cut)
        elif self._cut is not None and pts > self._cut:
            raise CannotPackage("edit_list")

    def _head(self, packets: Iterator[Packet[Any]], *, wanted: int) -> list[Packet[Any]]:
        """Return the packets up to the first one of each track that says when it is decoded."""
        head: list[Packet[Any]] = []
        size, tracks = 0, set[int]()
        for packet in packets:
            head.append(packet)
            size += packet.size
            tracks |= {packet.stream_index} if packet.dts is not None else set()
            if len(tracks) == wanted or len(head) > _HEAD_PACKETS or size > _HEAD_BYTES:
                break
        return head

    def _shift(self, head: list[Packet[Any]]) -> Fraction:
        """Return by how many seconds all packets are moved.

        An edit list can say that a track begins late, but some players ignore that it does. Then the fragments say it
        themselves, and no packet may be due before 0.
        """
        begins: dict[int, Fraction] = {}
        for packet in head:
            second = (packet.pts or 0) * _unit(packet)
            begins[packet.stream_index] = min(second, begins.get(packet.stream_index, second))
        late = [max(Fraction(0), second) for second in begins.values()]
        if len(late) < 2 or max(late) - min(late) <= MAX_SYNC_ERROR_SECONDS / 2:
            return Fraction(0)
        self._output.options["movflags"] = FLAGS + STAMPED
        return max(Fraction(0), *(-(packet.dts or 0) * _unit(packet) for packet in head))

    def _put(self, packet: Packet[Any], shift: Fraction) -> None:
        index, unit, pts = packet.stream_index, _unit(packet), packet.pts or 0
        seen = self._seen.get(index, 0)
        if seen < _LOOKED_AT:
            second = pts * unit
            self._first_shown[index] = min(second, self._first_shown.get(index, second))
        self._seen[index] = seen + 1
        if index == 0:
            self._refuse_cuts(packet, pts)
        moved = round(shift / unit)
        # A stamp that is missing, or does not go on, is damaged; players show such a picture at once.
        least = self._last[index] + 1 if index in self._last else None
        dts = pts + moved if packet.dts is None else packet.dts + moved
        packet.dts = self._last[index] = dts if least is None else max(dts, least) if packet.dts is not None else least
        packet.pts = max(pts + moved, packet.dts)
        self._output.mux(packet)
        if index == 0:
            self._progress(float(pts * unit))


def _complete(head: list[Packet[Any]]) -> None:
    """Say of the first packets when they are decoded. Matroska has only the times at which they are shown, and FFmpeg does not
    know of the first few in how far they are out of order.
    """
    known: dict[int, int] = {}
    for packet in reversed(head):
        index = packet.stream_index
        if packet.dts is None and index in known:
            packet.dts = known[index] - max(1, packet.duration or 0)
        if packet.dts is not None:
            known[index] = packet.dts


def _unit(packet: Packet[Any]) -> Fraction:
    return Fraction(packet.time_base.numerator, packet.time_base.denominator)
