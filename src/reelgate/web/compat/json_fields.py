"""The fields of JSON bodies as the older services' routes check them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from reelgate.domain import errors
from reelgate.web.http.bodies import MAX_SHOWN_CHARACTERS


def check_fields(body: dict[str, Any], known: Collection[str], *, hint: str | None = None) -> None:
    """Raise InvalidRequest for a field of a JSON object that is not among the known ones. `hint` replaces the list of those."""
    unknown = sorted(set(body) - set(known))
    if unknown:
        shown = unknown[0][:MAX_SHOWN_CHARACTERS]
        hint = hint or f"Known are {', '.join(sorted(known))}."
        raise errors.InvalidRequest(f"The field '{shown}' is unknown.", field=shown, hint=hint)
