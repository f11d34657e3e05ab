"""Partial responses: the `fields` parameter.

Source: Cloud Storage documentation, "JSON API usage: partial responses". `a,b/c,d(e,f/g)` with `*` for any name; in an
array, the selection applies to each element.
"""

import re
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError

TOKEN = re.compile(r"[^,/()\s]+|[,/()]")
Selection = dict[str, "Selection"]


def select(document: dict[str, Any], selection: Selection) -> dict[str, Any]:
    """Return what was asked for of a document."""
    return dict(_selected(document, selection))


def parse_fields(fields: str) -> Selection:
    """Return the tree of names; below a name without children everything is meant.

    Raises:
        StorageError: 400, as Cloud Storage says it.
    """
    tokens = TOKEN.findall(fields)
    if "".join(tokens) != re.sub(r"\s+", "", fields):
        raise _invalid(fields)
    selection, rest = _parse_list(tokens, fields)
    if rest:
        raise _invalid(fields)
    return selection


def _parse_list(tokens: list[str], fields: str) -> tuple[Selection, list[str]]:
    selection: Selection = {}
    while True:
        tokens = _parse_path(tokens, selection, fields)
        if not tokens or tokens[0] != ",":
            return selection, tokens
        tokens = tokens[1:]


def _parse_path(tokens: list[str], into: Selection, fields: str) -> list[str]:
    if not tokens or tokens[0] in {",", "/", "(", ")"}:
        raise _invalid(fields)
    name, tokens = tokens[0], tokens[1:]
    whole = into.get(name) == {}
    below = into.setdefault(name, {})
    if tokens[:1] == ["/"]:
        tokens = _parse_path(tokens[1:], below, fields)
    elif tokens[:1] == ["("]:
        children, tokens = _parse_list(tokens[1:], fields)
        if tokens[:1] != [")"]:
            raise _invalid(fields)
        below.update(children)
        tokens = tokens[1:]
    else:
        whole = True
    if whole:
        into[name] = {}
    return tokens


def _selected(value: Any, selection: Selection) -> Any:
    if not selection:
        return value
    if isinstance(value, list):
        return [_selected(item, selection) for item in value]
    if not isinstance(value, dict):
        return value
    requested = {name: selection.get(name, selection.get("*")) for name in value}
    return {name: _selected(value[name], below) for name, below in requested.items() if below is not None}


def _invalid(fields: str) -> StorageError:
    return StorageError(Refusal.INVALID_ARGUMENT, f"Invalid field selection {fields}")
