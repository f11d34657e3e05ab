"""PATCH as the JSON API does it: objects are merged, null removes, everything else replaces (RFC 7396)."""

from typing import Any


def merged(before: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return `before` with `patch` applied; neither is changed."""
    result = dict(before)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            known = result.get(name)
            result[name] = merged(known if isinstance(known, dict) else {}, value)
        else:
            result[name] = value
    return result
