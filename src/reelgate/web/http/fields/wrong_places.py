"""All places in a value that do not have their declared type. msgspec itself names the first one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from reelgate.web.http.fields.field_sentences import missing, sentence_about, unknown

MAX_EXAMINED = 1000
"""Items of one list that are examined one by one."""


def wrong_places(
    path: str, value: Any, kind: Any, error: msgspec.ValidationError, *, strict: bool
) -> Iterator[tuple[str, str]]:
    """Yield the path of each wrong place, and the sentence about it.

    Args:
        path: where the value is: `parts`, or `parts[2]`.
        kind: the type that it should have.
        error: what msgspec says about the value as a whole.
    """
    places = list(_inside(path, value, kind, strict=strict))
    if places:
        yield from places
        return
    message, _, inner = str(error).partition(" - at `$")
    at = path + inner.removesuffix("`")
    yield at, sentence_about(at, message, kind, value)


def _inside(path: str, value: Any, kind: Any, *, strict: bool) -> Iterator[tuple[str, str]]:
    """Yield the wrong places in the items of a list and the fields of an object."""
    for bare in _alternatives(kind):
        if get_origin(bare) is list and isinstance(value, list):
            for index, item in enumerate(islice(value, MAX_EXAMINED)):
                yield from _wrong(f"{path}[{index}]", item, get_args(bare)[0], strict=strict)
        elif isinstance(bare, type) and issubclass(bare, Struct) and isinstance(value, Mapping):
            yield from _fields(path, value, bare, strict=strict)


def _fields(path: str, value: Mapping[str, Any], kind: type[Struct], *, strict: bool) -> Iterator[tuple[str, str]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    if kind.__struct_config__.forbid_unknown_fields:
        for name in sorted(value.keys() - fields.keys()):
            yield f"{path}.{name}", unknown("field")
    for name, field in fields.items():
        at = f"{path}.{name}"
        if name in value:
            yield from _wrong(at, value[name], field.type, strict=strict)
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield at, missing(at)


def _wrong(path: str, value: Any, kind: Any, *, strict: bool) -> Iterator[tuple[str, str]]:
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        yield from wrong_places(path, value, kind, error, strict=strict)


def _alternatives(kind: Any) -> Iterator[Any]:
    """Yield the types of which a value may be one, without their annotations."""
    if get_origin(kind) is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from _alternatives(one)
    else:
        yield kind
