"""The decorator of value types: a dataclass whose class is made in a third of the time, which each cold start pays."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, dataclass_transform


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value_type[T](cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots, made from keyword arguments, which mypy takes as frozen.

    For `@dataclass(frozen=True, slots=True, kw_only=True)`, Python writes and compiles the code of six methods of each class: a
    third of what a cold start took beyond a hello world (docs/adr/0005-cold-starts.md). Here it does so for `__init__` alone;
    comparing, hashing and repr are shared. Values are frozen for the type checker, not at run time: the methods that refuse
    changes take longest to compile, and slow down each `__init__`.
    """
    return _made(cls, kw_only=True)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def positional_value_type[T](cls: type[T]) -> type[T]:
    """The same, for a class of a few fields that may be given by position."""
    return _made(cls, kw_only=False)


def _made[T](cls: type[T], *, kw_only: bool) -> type[T]:
    made = dataclass(slots=True, kw_only=kw_only, eq=False, repr=False, match_args=False)(cls)
    # The class is part of it, so that equal fields of two classes have two hashes, and a value without fields has one.
    content = attrgetter("__class__", *(one.name for one in fields(made) if one.compare))  # type: ignore[arg-type]

    def equals(self: T, other: object) -> bool:
        return content(self) == content(other) if other.__class__ is made else NotImplemented

    def hashed(self: T) -> int:
        return hash(content(self))

    for name, method in (("__eq__", equals), ("__hash__", hashed), ("__repr__", _shown)):
        setattr(made, name, method)
    return made


def _shown(self: Any) -> str:
    """The class and its fields, as the repr of a dataclass has them."""
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"
