"""Sentences for people about fields of the wrong type, in the place of msgspec's messages for developers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args

from reelgate.domain.errors import in_words

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "datetime": "a point in time",
    "date": "a day",
    "null": "nothing",
}
_BOUNDS = {">=": "or more", "<=": "or less", ">": "or more", "<": "or less"}
_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]+)`(?P<length> of length)?(?: (?P<bound>[<>]=?) (?P<limit>-?[0-9.]+))?")
_TIMES = {"datetime": "a point in time such as 2026-01-02T03:04:05Z", "date": "a day such as 2026-01-02"}


def missing(path: str) -> str:
    """Return the sentence about a field that has to be there."""
    words = field_in_words(path)
    return f"The {words} {'are' if _is_plural(words) else 'is'} missing."


def unknown(noun: str) -> str:
    """Return the sentence about a field or parameter that is not known: without its name, which says nothing to people."""
    return f"The request has a {noun} that is not known here."


def sentence_about(path: str, message: str, kind: Any, value: Any = None) -> str:
    """Return msgspec's message about the value of the field at a path (`parts[2].size`) in words.

    Args:
        kind: the type of the field, which has the values that it may have.
        value: what was sent.
    """
    subject = f"The {field_in_words(path)}"
    if value == 0 and type(value) is int and (path == "size" or path.startswith("sizes[")):  # an empty file was chosen
        return "The file is empty."
    if message.startswith("Invalid enum value"):
        return f"{subject} must be one of {', '.join(map(str, _values(kind)))}."
    for name, words in _TIMES.items():
        if message.endswith(f"encoded {name}") or message.startswith(f"Expected `{name}`"):
            return f"{subject} must be {words}."
    found = _EXPECTED.match(message)
    if found is None or "matching regex" in message:
        return f"{subject} does not have the expected form."
    if found["bound"] is None:
        return f"{subject} must be {' or '.join(_KINDS.get(one, one) for one in found['kinds'].split(' | '))}."
    of = {"array": " item", "object": " item", "str": " character"}.get(found["kinds"], "") if found["length"] else ""
    of += "s" if of and found["limit"] != "1" else ""
    return f"{subject} must {'have' if of else 'be'} {found['limit']}{of} {_BOUNDS[found['bound']]}."


def field_in_words(path: str) -> str:
    """Return the field at a path as a sentence has it: `parts[2].part_size` is the part size, and `sizes[2]` one size."""
    name = re.sub(r"\[[^]]*\]$", "", path)
    words = in_words(name.rpartition(".")[2])
    return words.removesuffix("s") if name != path and _is_plural(words) else words


def _is_plural(words: str) -> bool:
    return words.endswith("s") and not words.endswith("ss")


def joined(messages: Iterable[str], at_most: int = 3) -> str:
    """Return the sentences of an error with several wrong fields, as one text that is not too long."""
    several = list(dict.fromkeys(messages))
    more = len(several) - at_most
    return " ".join([*several[:at_most], *([f"And {more} more."] if more > 0 else [])])


def _values(kind: Any) -> Iterable[Any]:
    """Return the values of the Literal in a type such as `Annotated[Literal["a"] | None, ...]`."""
    for part in get_args(kind):
        if isinstance(part, str):
            yield part
        elif get_args(part):
            yield from _values(part)
