"""The sound of a media file as MP3, packet by packet: however long it is, only moments of it are in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from reelgate.domain.conversion import CannotConvert

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

RATES = (32_000, 44_100, 48_000)
"""The sample rates of MPEG-1 layer III (ISO/IEC 11172-3); everything else is resampled, because the lower ones of MPEG-2 and
2.5 allow fewer bit rates and are not played everywhere."""
BITS_PER_SECOND = {"mono": 96_000, "stereo": 160_000}
# Constant, so that players know the length without an index, which would have to be written in front at the end.
SPEED = {"compression_level": "7"}
"""LAME's -q: a quarter faster than its default, and at these bit rates hardly to be heard."""
WRITE_BYTES = 256 * 1024
COMPLETE = 0.9
"""A sound track of which less than this part of its own duration can be decoded is broken."""


class _Pipe(io.RawIOBase):
    """What FFmpeg writes into, gathered to pieces worth a frame."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__()
        self._write, self._pending, self.size = write, bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        piece = bytes(data)
        self._pending += piece
        self.size += len(piece)
        if len(self._pending) >= WRITE_BYTES:
            self.flush_out()
        return len(piece)

    def flush_out(self) -> None:
        if self._pending:
            self._write(bytes(self._pending))
            self._pending.clear()


def write_mp3(
    media: InputContainer,
    write: Callable[[bytes], None],
    *,
    title: str,
    max_seconds: int,
    progress: Callable[[float], None],
) -> float:
    """Write the first sound track through `write` and return its seconds.

    Args:
        progress: is told the seconds that are written.

    Raises:
        CannotConvert: `no_audio_track`, `broken_file`, `too_long`.
    """
    sound = next((s for s in media.streams.audio if s.codec_context is not None), None)
    if sound is None:
        raise CannotConvert("no_audio_track" if not media.streams.audio else "broken_file")
    for other in media.streams:
        if other.index != sound.index:
            other.discard = av.stream.Discard.all
    layout = "mono" if sound.codec_context.channels == 1 else "stereo"
    rate = sound.codec_context.sample_rate if sound.codec_context.sample_rate in RATES else 44_100
    pipe, samples = _Pipe(write), 0
    with av.open(pipe, "w", format="mp3", options={"id3v2_version": "3"}) as output:
        output.metadata["title"] = title
        stream = output.add_stream("libmp3lame", rate=rate, layout=layout, options=SPEED)
        stream.bit_rate = BITS_PER_SECOND[layout]
        for frame in _resampled(_decoded(media, sound), layout, rate):
            # Counted anew: time stamps of strangers have gaps and go backwards, which no encoder takes.
            frame.pts, frame.time_base = samples, Fraction(1, rate)
            samples += frame.samples
            if samples > max_seconds * rate:
                raise CannotConvert("too_long")
            output.mux(stream.encode(frame))
            progress(samples / rate)
        if not samples or samples / rate < COMPLETE * _declared_seconds(sound):
            raise CannotConvert("broken_file")
        output.mux(stream.encode(None))
    pipe.flush_out()
    return samples / rate


def _decoded(media: InputContainer, sound: AudioStream) -> Iterator[AudioFrame]:
    """Yield what can be decoded. A broken packet is left out, as players do; what a broken file lacks is judged at the end."""
    try:
        for packet in media.demux(sound):
            try:
                yield from packet.decode()
            except (av.error.InvalidDataError, av.error.UndefinedError, av.error.PatchWelcomeError):
                continue
    except (av.error.InvalidDataError, av.error.EOFError):
        return


def _resampled(frames: Iterator[AudioFrame], layout: str, rate: int) -> Iterator[AudioFrame]:
    """Yield frames of one kind. A track may change its kind on the way (broadcasts do)."""
    resampler, kind = None, None
    for frame in frames:
        its = frame.format.name, frame.layout.name, frame.sample_rate
        if its != kind or resampler is None:
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, kind = AudioResampler("fltp", layout, rate), its
        frame.pts = None
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)


def _declared_seconds(sound: AudioStream) -> float:
    return float(sound.duration * sound.time_base) if sound.duration and sound.time_base else 0.0
