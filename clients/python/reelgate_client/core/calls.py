"""A request to the API, before it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from urllib.parse import quote

from reelgate_client.errors import Refused
from reelgate_client.models.decode import to_json


class Unset(Enum):
    """Says that a value was not given, where None is a value."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request.

    Attributes:
        path: with the names of its variables, as openapi.yaml has it.
        public: it needs no credentials, and gets none.
        repeatable: doing it twice is the same as doing it once, so it may be sent again when no answer came.
    """

    method: str
    path: str
    variables: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    idempotency_key: str | None = None
    public: bool = False
    repeatable: bool = False

    @property
    def may_repeat(self) -> bool:
        """Whether it may be sent again although it may have been carried out."""
        return self.repeatable or self.idempotency_key is not None or self.method in {"GET", "PUT", "DELETE"}

    def target(self) -> str:
        """Return the path with its variables filled in.

        Raises:
            Refused: with one of them the path would be that of something else.
        """
        for name, value in self.variables.items():
            if value in {"", ".", ".."}:
                raise Refused("invalid_request", f"'{value}' is no {name.replace('_', ' ')}.")
        return self.path.format_map({name: quote(value, safe="") for name, value in self.variables.items()})

    def parameters(self) -> dict[str, str]:
        """Return the query's parameters that were given."""
        return {name.removesuffix("_"): _as_text(value) for name, value in self.query.items() if value is not None}

    def payload(self) -> bytes | None:
        """Return the body."""
        if self.body is None:
            return self.content
        given = {name: value for name, value in self.body.items() if value is not UNSET}
        return json.dumps(to_json(given)).encode()

    def headers(self) -> dict[str, str]:
        """Return the headers that belong to the request itself."""
        headers = {"Accept": "application/json, application/problem+json;q=0.9, */*;q=0.1"}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        elif self.content_type is not None:
            headers["Content-Type"] = self.content_type
        if self.idempotency_key is not None:
            headers["Idempotency-Key"] = self.idempotency_key
        return headers


def given(**values: object) -> dict[str, object]:
    """Return the values that are not None: fields without which the API uses its own defaults."""
    return {name: value for name, value in values.items() if value is not None}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return str(to_json(value))
    return str(value)
