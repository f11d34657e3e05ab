"""Decode the audio of a media file packet by packet, and place it on the timeline."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from reelgate.adapters.pyav.file.media_file import is_cover
from reelgate.adapters.pyav.file.timeline import TOLERANCE_SECONDS, Timeline
from reelgate.adapters.pyav.sound.mixing import Mixer
from reelgate.domain.media.conversion import CannotConvert

READ_ERRORS = 16
"""After this many consecutive errors without a packet, the rest of the file is unreadable."""
OUT_OF_MEMORY = 3
"""A single out-of-memory error for one packet is caused by damage. This many in a row are not."""
NEVER_MIXED = 100
"""After this many frames that could not be mixed, the next ones cannot be either."""
OVERLAP_SECONDS = 1.0
"""Audio stamped this little before the end of the existing audio is dropped; more is a restart."""


class Sound:
    """Decodes the packets of one track, and counts the results."""

    def __init__(self, media: InputContainer, track: AudioStream, timeline: Timeline, *, alone: bool) -> None:
        """`alone`: no other track is read, which saves most of the file if an index says where the audio is."""
        self._track, self._timeline, self._media = track, timeline, media
        self._read = [s for s in media.streams if s.index == track.index or (not alone and _carries_time(s))]
        self._encrypted_track = "encryption_init_info" in track.codec_context.coded_side_data
        self.packets = self.failed = self.encrypted = self._out_of_memory = 0

    def frames(self, packets: Iterator[Packet[Stream]] | None = None) -> Iterator[AudioFrame]:
        """Yield decoded frames, of packets that somebody else reads if they are given. A packet that cannot be decoded is
        skipped, as in players. Raises CannotConvert (`unsupported`).
        """
        self._open_decoder()
        yield from self._frames_of(self._read_alone() if packets is None else packets)

    def _read_alone(self) -> Iterator[Packet[Stream]]:
        read = {stream.index for stream in self._read}
        for stream in self._media.streams:
            if stream.index not in read:
                stream.discard = av.stream.Discard.all
        return packets_of(self._media, self._read)

    def _frames_of(self, packets: Iterator[Packet[Stream]]) -> Iterator[AudioFrame]:
        for packet in self._timeline.placed(packets):
            if packet.stream_index == self._track.index:
                yield from self._decoded(packet)
        try:
            yield from self._track.codec_context.decode(None)
        except av.error.FFmpegError:
            return

    def _open_decoder(self) -> None:
        context = self._track.codec_context
        if not _can_be_named(context.layout):  # hand-written channel positions, which the mixer does not need
            context.layout = AudioLayout(f"{context.layout.nb_channels}C")
        try:
            context.open(strict=False)
        except (av.error.FFmpegError, ValueError):
            raise CannotConvert("encrypted" if self._encrypted_track else "unsupported") from None

    def _decoded(self, packet: Packet[Stream]) -> list[AudioFrame]:
        self.packets += 1
        if packet.has_sidedata("encryption_info"):  # a decoder would take it for damage, or for noise
            self.encrypted += 1
            self.failed += 1
            return []
        try:
            decoded = self._track.codec_context.decode(packet)
            self._out_of_memory = 0
            return decoded
        except av.error.FFmpegError as error:  # decoders also report damage as EPERM and EINVAL
            if isinstance(error, MemoryError):
                self._out_of_memory += 1
                if self._out_of_memory > OUT_OF_MEMORY:
                    raise
            self.failed += 1
            self.encrypted += self._encrypted_track
            return []


def in_step(frames: Iterator[AudioFrame], mixer: Mixer, silence: AudioFrame) -> Iterator[AudioFrame]:
    """Yield the mixed audio, with silence in gaps, so that it stays in sync with the video.

    Args:
        silence: a sample of silence in the mixer's layout and rate.

    Raises:
        CannotConvert: `unsupported`, if no frame of the track has channels that can be mixed.
    """
    heard = moved = left_out = owed = 0.0
    moment = silence.samples / silence.sample_rate
    mixed, unmixed = False, 0
    for frame in frames:
        if not frame.samples or not frame.sample_rate:
            continue
        length = frame.samples / frame.sample_rate
        if frame.pts is not None:
            ahead = float(frame.pts * frame.time_base) + moved - heard
            if ahead < -OVERLAP_SECONDS:
                moved -= ahead
            elif ahead < -max(TOLERANCE_SECONDS, length) and left_out < OVERLAP_SECONDS + heard / 20:
                left_out += length
                continue
            elif ahead > TOLERANCE_SECONDS:
                yield from mixer.rest()
                count = round((ahead + owed) / moment)
                yield from itertools.repeat(silence, count)
                owed += ahead - count * moment  # the remainders of many small gaps would add up
                heard += ahead
        try:
            yield from mixer.mix(frame)
            heard += length
            mixed = True
        except (av.error.FFmpegError, ValueError):  # a damaged frame can declare any channels
            unmixed += 1
            if not mixed and unmixed > NEVER_MIXED:
                break
    yield from mixer.rest()
    if unmixed and not mixed:
        raise CannotConvert("unsupported")


def silent(layout: str, rate: int) -> AudioFrame:
    """Return a tenth of a second of silence."""
    frame = AudioFrame("fltp", layout, rate // 10)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = rate
    return frame


def packets_of(media: InputContainer, streams: list[Stream]) -> Iterator[Packet[Stream]]:
    """Yield non-empty packets in the file's order. Reading may continue after an unreadable place."""
    errors = 0
    while errors < READ_ERRORS:
        try:
            for packet in media.demux(*streams):
                if packet.size:  # an empty packet would flush the decoder
                    errors = 0
                    yield packet
            return
        except av.error.FFmpegError:  # includes ENOMEM, for packets with a damaged size
            errors += 1


def _carries_time(stream: Stream) -> bool:
    return stream.type in {"audio", "video"} and not is_cover(stream)


def _can_be_named(layout: AudioLayout) -> bool:
    """Return whether the mixer's filters can parse a layout's name; long descriptions are cut off at 128 bytes."""
    try:
        return AudioLayout(layout.name) == layout
    except ValueError:
        return layout.nb_channels == 0


def start_seconds(media: InputContainer, track: AudioStream) -> float:
    """Return when a track starts, counted from the file's start."""
    if track.start_time is None or media.start_time is None:
        return 0.0
    return float(track.start_time * track.time_base) - float(Fraction(media.start_time, av.time_base))
