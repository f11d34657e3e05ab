"""Document ids and values as Firestore's REST API spells them (Firestore REST reference, "Value"), and back."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote


def document_id(name: str) -> str:
    """Return the document id for any name: names that Firestore would refuse or split are escaped (`/`, `.`, `__x__`)."""
    escaped = name.replace("%", "%25").replace("/", "%2F")
    if escaped in {".", ".."} or (escaped.startswith("__") and re.fullmatch(r"__.*__", escaped, re.DOTALL)):
        escaped = f"%{ord(escaped[0]):02X}{escaped[1:]}"
    return escaped


def name_of(identifier: str) -> str:
    """Return the name that a document id was made from."""
    return unquote(identifier) if "%" in identifier else identifier


Value = dict[str, Any]


def encode_fields(document: Mapping[str, Any]) -> dict[str, Value]:
    """Return the `fields` of a document. Raises TypeError for a value that Firestore has no kind for."""
    encoders = _ENCODERS  # most values are of exactly one of these types: no call of `encode_value` for them
    return {
        name: encode(value) if (encode := encoders.get(type(value))) is not None else encode_value(value)
        for name, value in document.items()
    }


def decode_fields(fields: Mapping[str, Value]) -> dict[str, Any]:
    """Return a document's fields as Python values. Kinds that no record uses are returned as they were sent."""
    decoders = _DECODERS  # as above
    return {
        name: content if (decode := decoders.get(kind)) is None else decode(content)
        for name, value in fields.items()
        for kind, content in value.items()  # one
    }


def encode_value(value: Any) -> Value:
    """Return one value; instants must be aware. Raises TypeError for a value that Firestore has no kind for."""
    encode = _ENCODERS.get(type(value))
    if encode is not None:
        return encode(value)
    for kind, encode_kind in _ENCODERS.items():  # values of subclasses; bool comes before int
        if isinstance(value, kind):
            return encode_kind(value)
    raise TypeError(f"Firestore has no kind of value for {type(value).__name__}")


def decode_value(value: Value) -> Any:
    """Return one value as a Python value."""
    [(kind, content)] = value.items()
    decode = _DECODERS.get(kind)
    return content if decode is None else decode(content)


def timestamp(instant: datetime) -> str:
    """Return an aware instant to the microsecond, which is Firestore's precision. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"  # JSON has no numbers for these


def _bytes(value: bytes) -> Value:
    return {"bytesValue": base64.b64encode(value).decode()}


def _array(value: Any) -> Value:
    return {"arrayValue": {"values": [encode_value(item) for item in value]}}


def _map(value: Any) -> Value:
    return {"mapValue": {"fields": encode_fields(value)}}


_ENCODERS: Mapping[type, Callable[[Any], Value]] = {
    str: lambda value: {"stringValue": value},
    bool: lambda value: {"booleanValue": value},  # before int: bool is a subclass of int
    int: lambda value: {"integerValue": str(value)},
    datetime: lambda value: {"timestampValue": timestamp(value)},
    type(None): lambda _: {"nullValue": None},
    float: lambda value: {"doubleValue": _double(value)},
    bytes: _bytes,
    dict: _map,
    list: _array,
    tuple: _array,
    Mapping: _map,
}

# Firestore's JSON omits empty lists and maps: an empty array or map arrives as `{}`.
_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    "integerValue": int,
    "doubleValue": float,
    "bytesValue": base64.b64decode,
    "timestampValue": datetime.fromisoformat,
    "arrayValue": lambda array: [decode_value(item) for item in array.get("values", ())],
    "mapValue": lambda content: decode_fields(content.get("fields", {})),
}
