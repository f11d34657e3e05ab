"""Find the segments of a fragmented MP4 in its bytes, while they pass on their way into the bucket.

The bytes come from the converter's process, which is not trusted: everything here is bounded, and what does not look like the
file that this process should write is refused.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from fractions import Fraction

from reelgate.adapters.pyav.packaging.boxes import HEADER, Boxes
from reelgate.adapters.pyav.packaging.initialization import Track, tracks_in
from reelgate.domain.media.packaging import (
    MAX_SEGMENT_BYTES,
    MAX_SEGMENT_SECONDS,
    MAX_SEGMENTS,
    SEGMENT_SECONDS,
    CannotPackage,
)
from reelgate.domain.playback.segment_index import Segment
from reelgate.domain.value_types import positional_value_type, value_type

MAX_INDEX_BYTES = 4 * 1024 * 1024
"""The largest `moov` or `moof` that is read: 250,000 samples in one fragment."""
LARGE_SEGMENT_BYTES = 16 * 1024 * 1024
"""A segment of this size ends at the next key frame, however short it is."""
_NOT_A_KEY_FRAME = 0x10000
_UNSIGNED = struct.Struct(">I")


class NoFragments(Exception):
    """The bytes are not those of a fragmented MP4 with pictures."""


@value_type
class Fragments:
    """What was found: the segments, the bytes before them, the codecs, pictures per second, and when the tracks begin.

    `sound_ahead` is by how many seconds the sound begins before the pictures, None without sound; `without_waiting` is the same
    in players that do not wait where an edit list says so.
    """

    init_size: int
    segments: tuple[Segment, ...]
    codecs: str
    frame_rate: float
    sound_ahead: float | None
    without_waiting: float | None
    configuration: bytes


class FragmentScanner:
    """Takes the bytes of a fragmented MP4 in order, in pieces of any size. `init_size` is 0 until its beginning was read."""

    def __init__(self) -> None:
        self._at = 0
        self._header = bytearray()
        self._left = 0
        self._name = b""
        self._kept: bytearray | None = None
        self.init_size = 0
        self._tracks: dict[int, Track] = {}
        self._pictures: Track | None = None
        self._begins: dict[int, int] = {}
        self._moof = b""
        self._moof_size = 0
        self._samples = 0
        self._segments = _Segments()

    def take(self, data: bytes) -> None:
        """Read the next bytes. Raises NoFragments, and CannotPackage (`key_frames`, `too_long`)."""
        view = memoryview(data)
        while view:
            if self._left:
                count = min(self._left, len(view))
                if self._kept is not None:
                    self._kept += view[:count]
                self._left -= count
                self._at += count
            else:
                count = min(HEADER.size - len(self._header), len(view))
                self._header += view[:count]
                self._at += count
                if len(self._header) == HEADER.size:
                    self._open()
            view = view[count:]
            if not self._left and not self._header:
                self._close()

    def found(self) -> Fragments:
        """Return what was found after all bytes were taken. Raises NoFragments, CannotPackage."""
        pictures = self._pictures
        if pictures is None or self._left or not self._moof or pictures.codec is None:
            raise NoFragments
        with _refusing():
            last = [traf for traf in _trafs(self._moof) if traf.track == pictures.id]
            length = sum(sum(duration for duration, _ in traf.samples()) for traf in last)
        segments = self._segments.all(length, pictures.timescale)
        seconds = sum(segment.milliseconds for segment in segments) / 1000
        ahead, plain = self._sound_ahead()
        codecs = [pictures.codec, *(track.codec or "" for track in self._tracks.values() if track is not pictures)]
        if not segments or "" in codecs:
            raise NoFragments
        return Fragments(
            init_size=self.init_size,
            segments=segments,
            codecs=",".join(codecs),
            frame_rate=round(self._samples / seconds, 3),
            sound_ahead=ahead,
            without_waiting=plain,
            configuration=pictures.configuration,
        )

    def _open(self) -> None:
        """Begin with a box."""
        size, self._name = HEADER.unpack(self._header)
        self._header.clear()
        self._left = size - HEADER.size
        wanted = self._name in {b"moov", b"moof"}
        if self._left < 0 or (wanted and self._left > MAX_INDEX_BYTES):
            raise NoFragments
        self._kept = bytearray() if wanted else None
        if self._name == b"mdat":
            self._fragment(size)

    def _close(self) -> None:
        """End a box whose content was kept."""
        if self._kept is None:
            return
        content, self._kept = bytes(self._kept), None
        with _refusing():
            if self._name == b"moov":
                self._begin(content)
            else:
                self._moof, self._moof_size = content, len(content) + HEADER.size

    def _begin(self, moov: bytes) -> None:
        if self.init_size:
            raise NoFragments
        self.init_size = self._at
        self._tracks = {track.id: track for track in tracks_in(moov)}
        self._pictures = next((track for track in self._tracks.values() if track.shows_pictures), None)

    def _fragment(self, mdat_size: int) -> None:
        """Take the `moof` that was read together with its `mdat`, which begins here."""
        if self._pictures is None or not self._moof_size:
            raise NoFragments
        size, self._moof_size = self._moof_size + mdat_size, 0
        start: int | None = None
        is_key = False
        with _refusing():
            for traf in _trafs(self._moof):
                track = self._tracks[traf.track]
                if track.id not in self._begins and traf.count:
                    self._begins[track.id] = traf.first_shown()
                if track is self._pictures and traf.count:
                    start, is_key = traf.start, traf.begins_with_key
                    self._samples += traf.count
        offset = self._at - HEADER.size - (size - mdat_size)
        self._segments.add(offset, size, start, is_key=is_key, timescale=self._pictures.timescale)

    def _sound_ahead(self) -> tuple[float | None, float | None]:
        begins = {number: self._seconds(number) for number in self._begins}
        pictures = self._pictures
        sound = next((track for track in self._tracks.values() if track is not pictures and track.id in begins), None)
        if sound is None or pictures is None or pictures.id not in begins:
            return None, None
        plain = begins[pictures.id] - begins[sound.id]
        return float(plain + pictures.waits - sound.waits), float(plain)

    def _seconds(self, number: int) -> Fraction:
        track = self._tracks[number]
        return Fraction(self._begins[number] - track.skips, track.timescale)


class _Segments:
    """Joins fragments into segments that begin with a key frame."""

    def __init__(self) -> None:
        self._done: list[Segment] = []
        self._offset = self._size = 0
        self._start: int | None = None
        self._last: int = 0
        self._first: int | None = None

    def add(self, offset: int, size: int, start: int | None, *, is_key: bool, timescale: int) -> None:
        """Take a fragment: where it is, and when its pictures start, in units; None if it has none."""
        if start is not None:
            self._first = start if self._first is None else self._first
            if self._start is not None and is_key and self._is_enough(start, timescale):
                self._close(start, timescale)
            self._start = start if self._start is None else self._start
            self._last = start
        self._offset = self._offset if self._size else offset
        self._size = offset + size - self._offset  # with what is between its fragments
        if self._size > MAX_SEGMENT_BYTES:
            raise CannotPackage("key_frames")

    def all(self, last_length: int, timescale: int) -> tuple[Segment, ...]:
        """Return all segments, after the last fragment, which plays for so many units."""
        if self._start is not None:
            self._close(self._last + last_length, timescale)
        return tuple(self._done)

    def _is_enough(self, start: int, timescale: int) -> bool:
        # A frame less than usual: the muxer cuts by other clocks.
        return (start - (self._start or 0)) / timescale >= SEGMENT_SECONDS - 0.1 or self._size >= LARGE_SEGMENT_BYTES

    def _close(self, end: int, timescale: int) -> None:
        first, start = self._first or 0, self._start or 0
        milliseconds = round((end - first) * 1000 / timescale) - round((start - first) * 1000 / timescale)
        if milliseconds > MAX_SEGMENT_SECONDS * 1000:
            raise CannotPackage("key_frames")
        if len(self._done) >= MAX_SEGMENTS:
            raise CannotPackage("too_long")
        self._done.append(Segment(self._offset, self._size, max(1, milliseconds)))
        self._start, self._size = None, 0


@positional_value_type
class _Traf:
    """The part of a `moof` that is about one track (ISO/IEC 14496-12, 8.8)."""

    track: int
    start: int
    default_duration: int
    default_flags: int
    runs: tuple[bytes, ...]

    @property
    def count(self) -> int:
        """The number of samples."""
        return sum(_UNSIGNED.unpack_from(run, 4)[0] for run in self.runs)

    @property
    def begins_with_key(self) -> bool:
        """Whether the first sample is a key frame."""
        run = self.runs[0]
        (flags,) = _UNSIGNED.unpack_from(run)
        at = 12 if flags & 0x1 else 8
        if flags & 0x4:
            (sample,) = _UNSIGNED.unpack_from(run, at)
        elif flags & 0x400:
            (sample,) = _UNSIGNED.unpack_from(run, at + 4 * ((flags >> 8 & 1) + (flags >> 9 & 1)))
        else:
            sample = self.default_flags
        return not sample & _NOT_A_KEY_FRAME

    def samples(self) -> Iterator[tuple[int, int]]:
        """Yield how long each sample lasts, and how long after it is decoded it is shown."""
        for run in self.runs:
            (flags,) = _UNSIGNED.unpack_from(run)
            has = [bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800)]
            form = struct.Struct(">" + "".join(kind for kind, there in zip("IIIi", has, strict=True) if there))
            at = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
            (count,) = _UNSIGNED.unpack_from(run, 4)
            if at + count * form.size > len(run):
                raise ValueError("a run of samples that does not fit")
            for number in range(count):
                values = form.unpack_from(run, at + number * form.size)
                yield values[0] if has[0] else self.default_duration, values[-1] if has[3] else 0

    def first_shown(self) -> int:
        """Return when the first sample is shown that is shown, in units, without an edit list."""
        at, shown = self.start, []
        for duration, later in self.samples():
            shown.append(at + later)
            at += duration
        return min(shown)


def _trafs(moof: bytes) -> Iterator[_Traf]:
    for content in Boxes(moof).all("traf"):
        boxes = Boxes(content)
        header, time = boxes["tfhd"], boxes["tfdt"]
        (flags,) = _UNSIGNED.unpack_from(header)
        (track,) = _UNSIGNED.unpack_from(header, 4)
        at, defaults = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2), dict[int, int]()
        for bit in (0x8, 0x10, 0x20):
            if flags & bit:
                (defaults[bit],) = _UNSIGNED.unpack_from(header, at)
                at += 4
        (start,) = struct.unpack_from(">q" if time[0] else ">i", time, 4)
        yield _Traf(track, start, defaults.get(0x8, 0), defaults.get(0x20, 0), tuple(boxes.all("trun")))


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn what a damaged box raises into NoFragments."""
    try:
        yield
    except (ValueError, LookupError, struct.error):
        raise NoFragments from None
