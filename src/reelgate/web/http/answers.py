"""Answers in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

from reelgate.domain.books.instants import rfc3339


def as_json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(body), status, headers=dict(headers or {}), media_type="application/json")


def instant(value: datetime | None) -> str | None:
    """Return an instant as RFC 3339, or None."""
    return None if value is None else rfc3339(value)
