"""Settings of cues and of regions: where the text is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from reelgate.domain.errors import InvalidCaptions

_PERCENT = r"(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]{1,20})?)%"
_ANCHOR = rf"{_PERCENT},{_PERCENT}"
_NAME = r"[^\s]{1,100}"
_CUE = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:{_PERCENT}|-?[0-9]{{1,4}})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(_PERCENT),
    "align": re.compile(r"start|center|end|left|right"),
    "region": re.compile(_NAME),
}
_REGION = {
    "id": re.compile(_NAME),
    "width": re.compile(_PERCENT),
    "lines": re.compile(r"[0-9]{1,3}"),
    "regionanchor": re.compile(_ANCHOR),
    "viewportanchor": re.compile(_ANCHOR),
    "scroll": re.compile(r"up"),
}


def check_cue_settings(text: str, line: int, regions: Collection[str]) -> None:
    """Check the settings behind the times of a cue. Raises InvalidCaptions for that line."""
    for name, value in _settings([(line, text)], _CUE, "a cue"):
        if name == "region" and value not in regions:
            raise InvalidCaptions(line, f'there is no region "{value[:20]}" above this cue.')


def check_region(lines: Sequence[str], begins: int) -> str:
    """Check the settings of a region, in lines from `begins` on, and return its id. Raises InvalidCaptions."""
    found = dict(_settings(enumerate(lines, begins), _REGION, "a region"))
    if "id" not in found:
        raise InvalidCaptions(begins - 1, "the region has no id.")
    return found["id"]


def _settings(
    lines: Collection[tuple[int, str]] | Iterator[tuple[int, str]], known: dict[str, re.Pattern[str]], of: str
) -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for number, line in lines:
        for setting in line.split():
            name, colon, value = setting.partition(":")
            if not colon or name not in known:
                raise InvalidCaptions(number, f'"{setting[:30]}" is not a setting of {of}.')
            if name in seen:
                raise InvalidCaptions(number, f"the setting {name} is given twice.")
            if not known[name].fullmatch(value):
                raise InvalidCaptions(number, f'the setting {name} cannot be "{value[:30]}".')
            seen.add(name)
            yield name, value
