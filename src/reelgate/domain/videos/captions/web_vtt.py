"""WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format"): a text is read strictly, and the first wrong line is named.

Players read WebVTT leniently: they skip what they do not understand, and nobody sees why a caption is missing. Who uploads
captions can still put them right. So the rules are those for authors (section 4, "Syntax"), with the exceptions that
docs/adr/0041-captions.md lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reelgate.domain.errors import InvalidCaptions
from reelgate.domain.videos.captions.cue_settings import check_cue_settings, check_region
from reelgate.domain.videos.captions.cue_text import check_cue_text
from reelgate.domain.videos.captions.timestamps import milliseconds

MAX_LINE_CHARACTERS = 1000
MAX_CUE_CHARACTERS = 2000
"""More than a screen of text: the blank line between two cues is missing, or it is no text."""
MAX_SHOWN_CHARACTERS = 40
"""How much of a line an error repeats."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BREAK = re.compile(r"\r\n|\r")
_HEADER_LINE = re.compile(r"[A-Za-z-]{1,40}:.*")
_TIMING = re.compile(r"(\S+)[ \t]+-->[ \t]+(\S+)([ \t].*)?")
_STYLE_CALL = re.compile(r"(?<![a-z-])([a-z-]+)\s*\(", re.IGNORECASE)  # from the beginning of a word only: linear in time
_STYLE_CALLS = frozenset({"cue", "cue-region", "rgb", "rgba", "hsl", "hsla", "lang", "not"})
_ARROW = "-->"

Block = tuple[int, list[str]]
"""The lines of a block between blank lines, and the number of its first."""


def clean_web_vtt(content: bytes) -> str:
    """Return WebVTT as it is stored: without a byte order mark, with LF at the end of each line, the last one included.

    Raises:
        InvalidCaptions: with the first line that is wrong, and the reason.
    """
    text = _BREAK.sub("\n", _decoded(content)).rstrip("\n") + "\n"
    _check_characters(text)
    lines = text.split("\n")[:-1]
    blocks = _blocks(lines)
    _check_header(next(blocks, (1, [""])))
    _check_blocks(blocks, len(lines))
    return text


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidCaptions(1, "the file is in UTF-16. Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", content[: error.start])) + 1
        raise InvalidCaptions(line, "this is not UTF-8. Save the file as UTF-8.") from None


def _check_characters(text: str) -> None:
    found = _CONTROL.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise InvalidCaptions(line, f"the control character U+{ord(found[0]):04X} is not allowed.")


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    begins, block = 0, list[str]()
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_CHARACTERS:
            raise InvalidCaptions(number, f"the line is longer than {MAX_LINE_CHARACTERS} characters.")
        if line:
            begins = begins if block else number
            block.append(line)
        elif block:
            yield begins, block
            block = []
    if block:
        yield begins, block


def _check_header(block: Block) -> None:
    begins, lines = block
    first = lines[0]
    if begins > 1 or not (first == "WEBVTT" or first.startswith(("WEBVTT ", "WEBVTT\t"))):
        raise InvalidCaptions(1, 'a WebVTT file begins with a line "WEBVTT".', hint="SubRip (.srt) has to be converted first.")
    if _ARROW in first:
        raise InvalidCaptions(1, f'"{_ARROW}" is not allowed here.')
    for number, line in enumerate(lines[1:], begins + 1):
        if line.startswith("X-TIMESTAMP-MAP"):
            raise InvalidCaptions(number, "these are captions of a segment (X-TIMESTAMP-MAP), not of a whole video.")
        if _ARROW in line or not _HEADER_LINE.fullmatch(line):
            raise InvalidCaptions(number, 'a blank line has to follow the line "WEBVTT".')


def _check_blocks(blocks: Iterator[Block], line_count: int) -> None:
    regions, starts_at, cue_seen = set[str](), 0, False
    for begins, lines in blocks:
        first = lines[0]
        if first == "NOTE" or first.startswith(("NOTE ", "NOTE\t")):
            _check_no_arrow(begins, lines, "a comment")
        elif first.rstrip() in {"STYLE", "REGION"} and not _times_a_cue(lines):
            if cue_seen:
                raise InvalidCaptions(begins, f"a block {first.rstrip()} has to be before the first cue.")
            if first.rstrip() == "STYLE":
                _check_style(begins, lines)
            else:
                regions.add(_region(begins, lines, regions))
        else:
            starts_at, cue_seen = _check_cue(begins, lines, starts_at, regions), True
    if not cue_seen:
        raise InvalidCaptions(line_count, "the file has no cues.")


def _times_a_cue(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and _ARROW in lines[1]  # then it is the name of a cue


def _check_cue(begins: int, lines: Sequence[str], last_start: int, regions: set[str]) -> int:
    """Check a cue: an identifier, which may be missing, times with settings, and text. Return when it begins."""
    at = 0 if _ARROW in lines[0] else 1
    if at == len(lines) or _ARROW not in lines[at]:
        what = f'"{_short(lines[0])}" is not the beginning of a cue'
        raise InvalidCaptions(begins, f'{what}: its times are missing, such as "00:01.000 --> 00:04.000".')
    number = begins + at
    found = _TIMING.fullmatch(lines[at])
    if found is None:
        raise InvalidCaptions(number, f'the times of a cue are two, with " {_ARROW} " between them.')
    starts, ends = (milliseconds(found[group], number) for group in (1, 2))
    if ends <= starts:
        raise InvalidCaptions(number, f"the cue ends ({found[2]}) before it begins ({found[1]}), or at once.")
    if starts < last_start:
        raise InvalidCaptions(number, "the cue begins before the one above it. Cues have to be in the order of their times.")
    check_cue_settings(found[3] or "", number, regions)
    text = lines[at + 1 :]
    _check_no_arrow(number + 1, text, "the text of a cue", ". Is the blank line before the next cue missing?")
    if sum(map(len, text)) > MAX_CUE_CHARACTERS:
        raise InvalidCaptions(number, f"the text of this cue is longer than {MAX_CUE_CHARACTERS} characters.")
    check_cue_text(text, number + 1, starts, ends)
    return starts


def _check_no_arrow(begins: int, lines: Sequence[str], where: str, more: str = ".") -> None:
    for number, line in enumerate(lines, begins):
        if _ARROW in line:
            raise InvalidCaptions(number, f'"{_ARROW}" is not allowed in {where}{more}')


def _check_style(begins: int, lines: Sequence[str]) -> None:
    """Check that a style sheet only styles cues: it loads nothing, imports nothing, and escapes nothing."""
    _check_no_arrow(begins, lines, "a style sheet")
    for number, line in enumerate(lines[1:], begins + 1):
        calls = {call.lower() for call in _STYLE_CALL.findall(line)}
        if re.search(r"[@\\<]", line) or not calls <= _STYLE_CALLS:
            raise InvalidCaptions(number, "a style sheet of captions may only set colours, fonts and the like.")


def _region(begins: int, lines: Sequence[str], known: set[str]) -> str:
    _check_no_arrow(begins, lines, "a region")
    name = check_region(lines[1:], begins + 1)
    if name in known:
        raise InvalidCaptions(begins, f'there are two regions "{_short(name)}".')
    return name


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[:MAX_SHOWN_CHARACTERS] + "…"
