"""Pictures as an animated GIF, with the colours that they have."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.filter


def write_gif(path: Path, pictures: Sequence[tuple[bytes, float]]) -> None:
    """Write PNGs of one size, each with the seconds for which it is shown, as a GIF that begins again at its end."""
    decoded = [_decoded(png) for png, _ in pictures]
    graph = av.filter.Graph()
    width, height, kind = decoded[0].width, decoded[0].height, decoded[0].format.name
    source = graph.add_buffer(width=width, height=height, format=kind, time_base=Fraction(1, 100))
    split, palette, use = (
        graph.add("split"),
        graph.add("palettegen", "stats_mode=full:max_colors=16"),
        graph.add("paletteuse", "dither=none"),
    )
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    at = 0
    for frame, (_, seconds) in zip(decoded, pictures, strict=True):
        frame.pts, frame.time_base = at, Fraction(1, 100)
        source.push(frame)
        at += max(2, round(seconds * 100))
    source.push(None)
    with av.open(str(path), "w", format="gif", options={"loop": "0", "final_delay": str(round(pictures[-1][1] * 100))}) as out:
        stream = out.add_stream("gif", rate=100)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"  # type: ignore[attr-defined]
        stream.time_base = Fraction(1, 100)
        stream.codec_context.time_base = Fraction(1, 100)
        while (frame := _next(sink)) is not None:
            out.mux(stream.encode(frame))  # type: ignore[attr-defined]
        out.mux(stream.encode(None))  # type: ignore[attr-defined]


def _next(sink: av.filter.context.FilterContext) -> av.VideoFrame | None:
    try:
        return sink.pull()  # type: ignore[return-value]
    except (av.error.EOFError, av.error.BlockingIOError):
        return None


def _decoded(png: bytes) -> av.VideoFrame:
    context = av.CodecContext.create("png", "r")
    [frame, *_] = context.decode(av.Packet(png))  # type: ignore[attr-defined]
    return frame.reformat(format="rgb24")
