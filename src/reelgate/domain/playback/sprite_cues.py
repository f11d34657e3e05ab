"""Small pictures to seek by: WebVTT that says which part of the sheet shows which moment."""

from __future__ import annotations

from itertools import pairwise

from reelgate.domain.media.packaging import Sprites


def sprite_cues(sprites: Sprites, url: str, duration_seconds: float) -> str:
    """Return WebVTT with a cue for each picture, which is its rectangle in the sheet at `url` (`#xywh=`, Media Fragments 1.0).

    Each is shown until the next one, the last one until the end.
    """
    last = max(round(duration_seconds * 1000), *(start + 1 for start in sprites.starts), 0)
    parts = ["WEBVTT\n"]
    for number, (start, end) in enumerate(pairwise((*sprites.starts, last))):
        row, column = divmod(number, sprites.columns)
        x, y = column * sprites.width, row * sprites.height
        parts.append(f"\n{_time(start)} --> {_time(end)}\n{url}#xywh={x},{y},{sprites.width},{sprites.height}\n")
    return "".join(parts)


def _time(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
