"""Convert audio of any format into the one that the encoder takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.filter import Graph

_AMBISONIC = re.compile(r"ambisonic \d+(\+stereo)?")


class Mixer:
    """Converts frames to `fltp` with one layout ("mono" or "stereo") and rate, until their own format changes.

    Channels with known positions are mixed by FFmpeg's rules. Ambisonic sound is decoded to two virtual microphones facing left
    and right (AmbiX order: the first channel is W, the second Y, which points left); its head-locked stereo is added. Channels
    of unknown position, for example from a recorder with several microphones, are all heard on both sides.
    """

    def __init__(self, layout: str, rate: int) -> None:
        self._layout, self._rate = layout, rate
        self._graph: Graph | None = None
        self._kind: tuple[str, str, int] | None = None

    def mix(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """Yield converted frames. Raises av.error.FFmpegError for frames that cannot be mixed."""
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if kind != self._kind:  # broadcasts change format in the middle
            yield from self.rest()
            self._graph = self._configured(frame)
            self._kind = kind
        frame.pts = None
        yield from self._through(frame)

    def rest(self) -> Iterator[AudioFrame]:
        """Yield what the resampler still holds. The next frame starts a new one."""
        if self._graph is not None:
            yield from self._through(None)
        self._graph = self._kind = None

    def _through(self, frame: AudioFrame | None) -> Iterator[AudioFrame]:
        graph = self._graph
        if graph is None:
            return
        graph.push(frame)
        while True:
            try:
                mixed = graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(mixed, AudioFrame):
                yield mixed

    def _configured(self, frame: AudioFrame) -> Graph:
        try:
            return self._graph_of(frame, None)
        except av.error.FFmpegError:
            return self._graph_of(frame, _pan(frame.layout.name, frame.layout.nb_channels, self._layout))

    def _graph_of(self, frame: AudioFrame, pan: str | None) -> Graph:
        graph = Graph()
        graph.threads = 1
        nodes = [
            graph.add(
                "abuffer",
                sample_rate=str(frame.sample_rate),
                sample_fmt=frame.format.name,
                channel_layout=frame.layout.name,
                time_base=f"1/{frame.sample_rate}",
            ),
            *([graph.add("pan", pan)] if pan else []),
            graph.add("aformat", sample_rates=str(self._rate), sample_fmts="fltp", channel_layouts=self._layout),
            graph.add("abuffersink"),
        ]
        graph.link_nodes(*nodes)
        graph.configure()
        return graph


def _pan(layout: str, channels: int, into: str) -> str:
    """Return the arguments of FFmpeg's `pan` filter for channels that its resampler does not mix."""
    ambisonic = _AMBISONIC.fullmatch(layout)
    if ambisonic is None or channels < 4:
        sides = ["+".join(f"{1 / channels:.6f}*c{i}" for i in range(channels))] * 2
    else:
        on_top = ("", "") if ambisonic[1] is None else (f"+0.5*c{channels - 2}", f"+0.5*c{channels - 1}")
        sides = [f"0.5*c0+0.5*c1{on_top[0]}", f"0.5*c0-0.5*c1{on_top[1]}"]
    return f"stereo|c0={sides[0]}|c1={sides[1]}" if into == "stereo" else f"mono|c0={sides[0]}"
