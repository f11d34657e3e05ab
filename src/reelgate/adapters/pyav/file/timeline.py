"""Place a file's packets on one timeline that starts at 0, without the jumps of joined recordings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

DISCONTINUOUS = frozenset({"mpegts", "mpeg", "ogg"})
"""Demuxers of formats whose time stamps may restart anywhere (FFmpeg's AVFMT_TS_DISCONT)."""
JUMP_SECONDS = 10.0
"""Neighbouring packets of a file are this close in time, across tracks (FFmpeg's `-dts_delta_threshold`)."""
TOLERANCE_SECONDS = 0.1
"""How far time stamps may be off without any meaning; a tenth as in FFmpeg's `ffmpeg_demux.c` and `aresample`."""
_LOOK_AHEAD = 16  # packets of one track, to judge a stamp; one PES packet of a transport stream holds up to ten AAC frames
_HELD_PACKETS = 400


@dataclass(slots=True)
class _Track:
    """In seconds: when the last packet is due for decoding, and when it ends."""

    last: float
    end: float


class Timeline:
    """Shifts the time stamps of packets so that they count from the file's start.

    In formats that may restart, a stamp far from those of all tracks before it, or before those of its own track, is a restart:
    the packet follows the end of its track, and all later packets are shifted with it. A pause in one track is not a restart as
    long as another track continues.

    In all other formats, stamps are trusted up to the declared end of the file (or slightly ahead of the other tracks if none
    is declared). A later stamp is damaged, and so is one in any format that the next packets of its track contradict. Such a
    packet loses its stamp and follows the one before.

    Attributes:
        end: the second at which the last packet so far ends.
    """

    def __init__(self, media: InputContainer, demuxer: str, *, declared_seconds: float | None) -> None:
        start: int | None = media.start_time  # None if unknown; PyAV's types do not say so
        self._start = None if start is None else start / av.time_base
        self._may_begin_anew = demuxer in DISCONTINUOUS
        self._declared = declared_seconds
        self._moved = 0.0
        self._tracks: dict[int, _Track] = {}
        self.end = 0.0

    def placed(self, packets: Iterable[Packet[Stream]]) -> Iterator[Packet[Stream]]:
        """Yield the packets in the file's order, with corrected stamps."""
        source = iter(packets)
        held: deque[Packet[Stream]] = deque()
        while True:
            packet = held.popleft() if held else next(source, None)
            if packet is None:
                return
            self._reconcile(packet)
            if self._jumps(packet) and self._is_alone(packet, held, source):
                packet.pts = packet.dts = None
            self._place(packet)
            yield packet

    def _seconds(self, packet: Packet[Stream]) -> float | None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        return None if stamp is None else self._from_start(packet, stamp)

    def _from_start(self, packet: Packet[Stream], stamp: int) -> float:
        seconds = stamp * float(packet.time_base)
        if self._start is None:
            self._start = seconds
        return seconds - self._start + self._moved

    def _reconcile(self, packet: Packet[Stream]) -> None:
        """If a packet's two stamps are implausibly far apart, keep only the one that fits its track better."""
        pts, dts, track = packet.pts, packet.dts, self._tracks.get(packet.stream_index)
        if pts is None or dts is None or abs(pts - dts) * float(packet.time_base) <= JUMP_SECONDS:
            return
        expected = track.end if track else 0.0
        packet.pts = packet.dts = min(dts, pts, key=lambda stamp: abs(self._from_start(packet, stamp) - expected))

    def _jumps(self, packet: Packet[Stream]) -> bool:
        track, seconds = self._tracks.get(packet.stream_index), self._seconds(packet)
        return track is not None and seconds is not None and abs(seconds - track.end) > TOLERANCE_SECONDS

    def _is_alone(self, packet: Packet[Stream], held: deque[Packet[Stream]], source: Iterator[Packet[Stream]]) -> bool:
        """Return whether only this packet jumps: a later one of its track is where it would be without this one's stamp."""
        index = packet.stream_index
        more = _LOOK_AHEAD - sum(later.stream_index == index for later in held)
        while more > 0 and len(held) < _HELD_PACKETS and (later := next(source, None)) is not None:
            held.append(later)
            more -= later.stream_index == index
        expected = self._tracks[index].end + _duration(packet)
        for later in held:
            if later.stream_index == index:
                seconds = self._seconds(later)
                if seconds is not None and abs(seconds - expected) <= TOLERANCE_SECONDS:
                    return True
                expected += _duration(later)
        return False

    def _place(self, packet: Packet[Stream]) -> None:
        index, seconds = packet.stream_index, self._seconds(packet)
        if seconds is not None and self._may_begin_anew:
            by = self._join(index, seconds)
            self._moved += by
            seconds += by
        elif seconds is not None and not self._is_plausible(index, seconds):
            packet.pts = packet.dts = seconds = None
        if seconds is None:
            track = self._tracks.get(index)
            seconds = shown = track.end if track else 0.0
        else:
            unit = float(packet.time_base)
            shift = round((self._moved - (self._start or 0.0)) / unit)
            packet.dts = None if packet.dts is None else packet.dts + shift
            packet.pts = None if packet.pts is None else packet.pts + shift
            shown = seconds if packet.pts is None else packet.pts * unit
        self._tracks[index] = _Track(last=seconds, end=seconds + _duration(packet))
        self.end = max(self.end, shown + _duration(packet))

    def _join(self, index: int, seconds: float) -> float:
        """Return the shift for this and all later stamps; it only changes at a restart."""
        own = self._tracks.get(index)
        latest = max((track.end for track in self._tracks.values()), default=0.0)
        if abs(seconds - latest) <= JUMP_SECONDS and (own is None or seconds >= own.last - TOLERANCE_SECONDS):
            return 0.0
        return (latest if own is None else own.end) - seconds

    def _is_plausible(self, index: int, seconds: float) -> bool:
        own = self._tracks.get(index)
        others = [track.end for other, track in self._tracks.items() if other != index]
        known = self._declared or max(others, default=own.end if own else 0.0)
        return seconds <= known + JUMP_SECONDS


def _duration(packet: Packet[Stream]) -> float:
    return max(0.0, (packet.duration or 0) * float(packet.time_base))
