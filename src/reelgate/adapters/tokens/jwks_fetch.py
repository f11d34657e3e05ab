"""Fetches an issuer's JWK set over HTTP."""

from __future__ import annotations

import json
import re
from http.client import HTTPException
from typing import NamedTuple
from urllib.request import HTTPRedirectHandler, Request, build_opener

from reelgate.adapters.tokens.jwt_keys import VerifyingKey, from_jwks

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 256 * 1024
DEFAULT_AGE_SECONDS = 300
MAX_AGE_SECONDS = 86_400

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])", re.IGNORECASE)
_NO_CACHE = re.compile(r"\bno-(?:cache|store)\b", re.IGNORECASE)


class FetchedKeys(NamedTuple):
    """The keys by key id, and for how many seconds the issuer lets them be kept."""

    keys: dict[str, VerifyingKey]
    max_age_seconds: int


class FetchFailed(Exception):
    """There was no answer, or none with keys."""


class _NoRedirects(HTTPRedirectHandler):
    """The keys are where the settings say; a redirect could lead to http."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def fetch(url: str) -> FetchedKeys:
    """Return the keys at `url`, a configured https URL. Blocks for `TIMEOUT_SECONDS` per read. Raises FetchFailed."""
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 (`parse_issuers` lets no other scheme in)
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as answer:
            body = answer.read(MAX_ANSWER_BYTES + 1)
            cache_control = answer.headers.get("Cache-Control", "")
        if len(body) > MAX_ANSWER_BYTES:
            raise ValueError("too long")
        return FetchedKeys(from_jwks(json.loads(body)), max_age(cache_control))
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise FetchFailed(type(error).__name__) from error


def max_age(cache_control: str) -> int:
    """Return how many seconds an answer may be kept: its max-age, at most a day; `DEFAULT_AGE_SECONDS` if it has none."""
    if _NO_CACHE.search(cache_control):
        return 0
    match = _MAX_AGE.search(cache_control)
    return min(int(match[1]), MAX_AGE_SECONDS) if match else DEFAULT_AGE_SECONDS
