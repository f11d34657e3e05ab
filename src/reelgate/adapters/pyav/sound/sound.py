"""The sound of a media file, decoded packet by packet and put where it belongs in time."""

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
"""So many errors in a row and not a packet between them: the rest of the file cannot be read."""
OUT_OF_MEMORY = 3
"""Memory that is missing for one packet and there for the next one was asked for by damage. So many in a row are no damage."""
NEVER_MIXED = 100
"""So many frames and none that could be mixed: the next ones cannot either."""
OVERLAP_SECONDS = 1.0
"""Sound that is stamped this little before the end of what is there already is left out; more is a new beginning."""


class Sound:
    """Decodes the packets of one track, and counts what became of them."""

    def __init__(self, media: InputContainer, track: AudioStream, timeline: Timeline, *, alone: bool) -> None:
        """`alone`: no other track is read, which saves most of the file where an index tells where its sound is."""
        self._track, self._timeline, self._media = track, timeline, media
        self._read = [s for s in media.streams if s.index == track.index or (not alone and _tells_the_time(s))]
        self._encrypted_track = "encryption_init_info" in track.codec_context.coded_side_data
        self.packets = self.failed = self.encrypted = self._out_of_memory = 0

    def frames(self) -> Iterator[AudioFrame]:
        """Yield what can be decoded. A packet that cannot is left out, as players do. Raises CannotConvert (`unsupported`)."""
        self._open_decoder()
        read = {stream.index for stream in self._read}
        for stream in self._media.streams:
            if stream.index not in read:
                stream.discard = av.stream.Discard.all
        for packet in self._timeline.placed(_packets(self._media, self._read)):
            if packet.stream_index == self._track.index:
                yield from self._decoded(packet)
        try:
            yield from self._track.codec_context.decode(None)
        except av.error.FFmpegError:
            return

    def _open_decoder(self) -> None:
        context = self._track.codec_context
        if not _can_be_named(context.layout):  # places of channels that are written out by hand; the mixer does without them
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
        except av.error.FFmpegError as error:  # EPERM and EINVAL, too, are what decoders say of damage
            if isinstance(error, MemoryError):
                self._out_of_memory += 1
                if self._out_of_memory > OUT_OF_MEMORY:
                    raise
            self.failed += 1
            self.encrypted += self._encrypted_track
            return []


def in_step(frames: Iterator[AudioFrame], mixer: Mixer, silence: AudioFrame) -> Iterator[AudioFrame]:
    """Yield the sound mixed, and silence where there is none, so that it stays in step with the pictures.

    Args:
        silence: is what a moment of it looks like: of the mixer's layout and rate.

    Raises:
        CannotConvert: `unsupported`, for a track none of whose frames has channels that can be mixed.
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
                owed += ahead - count * moment  # the rests of many small gaps would add up
                heard += ahead
        try:
            yield from mixer.mix(frame)
            heard += length
            mixed = True
        except (av.error.FFmpegError, ValueError):  # damage can make a frame claim any channels
            unmixed += 1
            if not mixed and unmixed > NEVER_MIXED:
                break
    yield from mixer.rest()
    if unmixed and not mixed:
        raise CannotConvert("unsupported")


def silent(layout: str, rate: int) -> AudioFrame:
    """Return a tenth of a second without sound."""
    frame = AudioFrame("fltp", layout, rate // 10)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = rate
    return frame


def _packets(media: InputContainer, streams: list[Stream]) -> Iterator[Packet[Stream]]:
    """Yield what has content, in the file's order. Behind a place that cannot be read it may go on."""
    errors = 0
    while errors < READ_ERRORS:
        try:
            for packet in media.demux(*streams):
                if packet.size:  # an empty one would end the decoder
                    errors = 0
                    yield packet
            return
        except av.error.FFmpegError:  # among them ENOMEM, for packets whose size is damaged
            errors += 1


def _tells_the_time(stream: Stream) -> bool:
    return stream.type in {"audio", "video"} and not is_cover(stream)


def _can_be_named(layout: AudioLayout) -> bool:
    """Whether the mixer's filters understand the name of a layout; one that is written out is cut off at 128 bytes."""
    try:
        return AudioLayout(layout.name) == layout
    except ValueError:
        return layout.nb_channels == 0


def start_seconds(media: InputContainer, track: AudioStream) -> float:
    """Return when a track begins, counted from the file's start."""
    if track.start_time is None or media.start_time is None:
        return 0.0
    return float(track.start_time * track.time_base) - float(Fraction(media.start_time, av.time_base))
