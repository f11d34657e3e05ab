"""Read the fields that a mail needs from a message, which another version of this service may have written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Incomplete(Exception):
    """The message lacks a field that the mail needs. The text names the field, never its value."""


def text_of(data: Mapping[str, Any], name: str) -> str:
    """Return a field's text. Raises Incomplete if there is none."""
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise Incomplete(f"the message has no '{name}'")
    return value


def number_of(data: Mapping[str, Any], name: str) -> int:
    """Return a field's whole number of 0 or more. Raises Incomplete if there is none."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Incomplete(f"the message has no '{name}'")
    return value
