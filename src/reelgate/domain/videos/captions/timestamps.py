"""Timestamps of WebVTT: `[hours:]minutes:seconds.milliseconds`."""

from __future__ import annotations

import re

from reelgate.domain.errors import InvalidCaptions

_TIMESTAMP = re.compile(r"(?:([0-9]{2,4}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})")


def milliseconds(text: str, line: int) -> int:
    """Return a timestamp in milliseconds. Raises InvalidCaptions for that line."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        shown = text if len(text) <= 20 else text[:20] + "…"
        if "," in text:
            raise InvalidCaptions(line, f'"{shown}" has a comma. WebVTT has a full stop before the milliseconds.')
        raise InvalidCaptions(line, f'"{shown}" is not a time such as 00:01:02.500 or 01:02.500.')
    hours, minutes, seconds, rest = (int(part or 0) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
