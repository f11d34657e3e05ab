"""What a route of version 1 declares of its requests and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from reelgate.domain.errors import ReelgateError
from reelgate.domain.value_types import value_type

_BODIES = frozenset({"POST", "PUT", "PATCH"})


@value_type
class Shape:
    """What a route of version 1 takes and gives, and what it refuses.

    Attributes:
        takes: the type of the JSON body (POST, PUT, PATCH) or of the query parameters (GET, DELETE); None for neither.
        sends: the content type of a body that is no JSON, which the handler reads; empty if what the body says does not matter.
            Then `takes` are the query parameters.
        gives: the type of the answer; None for an answer without content.
        status: of a successful answer.
        also: other successful answers, by status, with a sentence about each: another status of the same type, a redirect.
        media_types: other content types that the answer can have (`text/csv`), each with a sentence.
        refused_in: another content type that refusals can have, of a route that answers people (`text/html`) or clients of S3.
        headers: names of request headers that the route reads, `Idempotency-Key` and such, each with a sentence.
        refuses: errors of its own; those that every such route has are not listed (`web/http/function.py` raises them).
    """

    takes: type[Struct] | None
    sends: str | None
    gives: type[Struct] | None
    status: int
    also: Mapping[int, str]
    media_types: Mapping[str, str]
    refused_in: str | None
    headers: Mapping[str, str]
    refuses: tuple[type[ReelgateError], ...]
    handler: Callable[..., Awaitable[Any]]
    method: str

    @property
    def query(self) -> type[Struct] | None:
        """The type of the query parameters."""
        return None if self.method in _BODIES and self.sends is None else self.takes
