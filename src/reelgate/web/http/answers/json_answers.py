"""Answers in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from reelgate.domain.books.instants import rfc3339

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder for each answer


def as_json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(_encode(body), status, headers=dict(headers or {}), media_type="application/json")


def instant(value: datetime | None) -> str | None:
    """Return an instant as RFC 3339, or None."""
    return None if value is None else rfc3339(value)
