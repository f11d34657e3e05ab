"""The text of a cue: words, character references, and the tags that WebVTT has. Whatever else looks like HTML is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.entities import html5

from reelgate.domain.errors import InvalidCaptions
from reelgate.domain.videos.captions.timestamps import milliseconds

_MARKUP = re.compile(r"<[^<>]*>?|&[A-Za-z0-9#]*;?")
_TAG = re.compile(r"(?P<end>/?)(?P<name>[a-z]*)(?P<classes>(?:\.[^\s.<>&]+)*)(?:[ \t]+(?P<annotation>.*))?", re.DOTALL)
_NUMBER = re.compile(r"&#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});")
_TAGS = frozenset({"b", "c", "i", "lang", "rt", "ruby", "u", "v"})
_ANNOTATED = frozenset({"lang", "v"})
_END_MAY_BE_MISSING = frozenset({"rt", "v"})
_SHOWN = 30


def check_cue_text(lines: Sequence[str], begins: int, starts: int, ends: int) -> None:
    """Check the text of a cue, in lines from `begins` on.

    Args:
        starts, ends: the cue's, in milliseconds; timestamps in the text are between them, and in order.

    Raises:
        InvalidCaptions.
    """
    text, opened, now = "\n".join(lines), list[tuple[str, int]](), starts
    for found in _MARKUP.finditer(text):
        markup, line = found[0], begins + text.count("\n", 0, found.start())
        if markup[0] == "&":
            _check_reference(markup, line)
        elif markup[-1] != ">":
            raise InvalidCaptions(line, f'"{_short(markup)}" is no complete tag. A "<" in the text is written "&lt;".')
        elif markup[1:2].isdigit():
            at = milliseconds(markup[1:-1], line)
            if not now < at < ends:
                raise InvalidCaptions(line, f"the time {markup[1:-1]} has to be inside its cue, and after the one before it.")
            now = at
        else:
            _check_tag(markup, line, opened)
    left = next(((name, line) for name, line in opened if name not in _END_MAY_BE_MISSING), None)
    if left is not None:
        raise InvalidCaptions(left[1], f"<{left[0]}> has no </{left[0]}>.")


def _check_tag(markup: str, line: int, opened: list[tuple[str, int]]) -> None:
    """Check a tag, and note it among those that are open, or take what it ends off them."""
    found = _TAG.fullmatch(markup[1:-1])
    name = found["name"] if found else ""
    if found is None or name not in _TAGS:
        known = ", ".join(f"<{one}>" for one in sorted(_TAGS))
        reason = f'"{_short(markup)}" is not allowed. Captions have the tags {known}; a "<" is written "&lt;".'
        raise InvalidCaptions(line, reason)
    annotation = (found["annotation"] or "").strip()
    if found["end"]:
        if found["classes"] or annotation:
            raise InvalidCaptions(line, f'"{_short(markup)}" is no end of a tag.')
        _close(name, line, opened)
        return
    if bool(annotation) != (name in _ANNOTATED):
        needs = "needs one, such as a name or a language" if name in _ANNOTATED else "has none"
        raise InvalidCaptions(line, f'"{_short(markup)}": only <v> and <lang> have something beside the tag. This {needs}.')
    if name == "rt" and (not opened or opened[-1][0] != "ruby"):
        raise InvalidCaptions(line, "<rt> is only allowed inside <ruby>.")
    opened.append((name, line))


def _close(name: str, line: int, opened: list[tuple[str, int]]) -> None:
    if name == "ruby" and opened and opened[-1][0] == "rt":
        opened.pop()  # its end may be missing
    if not opened or opened[-1][0] != name:
        raise InvalidCaptions(line, f"</{name}> ends no tag that is open here.")
    opened.pop()


def _check_reference(markup: str, line: int) -> None:
    """Check a character reference. A `&` that begins none is what it is: so players show it, and so people write it."""
    if not markup.endswith(";") or markup == "&;":
        return
    known = _is_character(markup) if markup[1] == "#" else markup[1:] in html5
    if not known:
        raise InvalidCaptions(line, f'"{_short(markup)}" is no character that HTML knows. A "&" is written "&amp;".')


def _is_character(reference: str) -> bool:
    if _NUMBER.fullmatch(reference) is None:
        return False
    digits = reference[2:-1]
    point = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return 0x20 <= point < 0x7F or 0xA0 <= point < 0xD800 or 0xE000 <= point <= 0x10FFFF


def _short(text: str) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
