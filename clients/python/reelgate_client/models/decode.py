"""Reads JSON into frozen dataclasses, and writes them as JSON.

Unknown fields are ignored, because the API adds some without a new version. Fields that a server does not have yet are None or
empty where their type allows it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from reelgate_client.errors import UnexpectedAnswer

T = TypeVar("T")
_Reader = Callable[[Any], Any]


def decode(kind: type[T], content: Any) -> T:
    """Return the content of an answer as an instance of `kind`.

    Raises:
        UnexpectedAnswer: it has another form.
    """
    try:
        of: Any = kind
        read: T = _reader(of)(content)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise UnexpectedAnswer(
            "unexpected_answer", "The server's answer is not one of Reelgate's.", hint=f"{kind.__name__}: {error}"
        ) from error
    return read


def to_json(value: Any) -> Any:
    """Return a model as what `json.dumps` takes, with the API's own field names."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name.removesuffix("_"): to_json(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): to_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(inner) for inner in value]
    return value


@cache
def _reader(kind: Any) -> _Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {types.UnionType, Union}:
        [of] = [one for one in inner if one is not type(None)]
        return _optional(_reader(of))
    if origin is tuple:
        return _each(_reader(inner[0]))
    if is_dataclass(kind):
        return _dataclass(kind)
    if kind is datetime:
        return datetime.fromisoformat
    if kind is date:
        return date.fromisoformat
    if kind is float:
        return float
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _optional(read: _Reader) -> _Reader:
    return lambda value: None if value is None else read(value)


def _each(read: _Reader) -> _Reader:
    return lambda values: tuple(read(value) for value in values or ())


def _dataclass(kind: Any) -> _Reader:
    hints = get_type_hints(kind)
    readers = {one.name: (one.name.removesuffix("_"), _reader(hints[one.name])) for one in fields(kind)}
    may_be_missing = {name for name, hint in hints.items() if type(None) in get_args(hint) or get_origin(hint) is tuple}

    def read(content: Any) -> Any:
        if not isinstance(content, Mapping):
            raise TypeError(f"expected an object, not {type(content).__name__}")
        values = {
            name: read_one(content.get(field) if name in may_be_missing else content[field])
            for name, (field, read_one) in readers.items()
        }
        return kind(**values)

    return read
