"""Parsing the list of trusted issuers, REELGATE_JWT_ISSUERS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from reelgate.domain.accounts.issuers import ALGORITHMS, IssuerSettings, firebase_issuer

MAX_LEEWAY_SECONDS = 60

_TEXTS = ("issuer", "audience", "jwks_url", "public_key", "public_key_file", "role_claim", "subject_prefix")
_CHOICES = ("require_auth_time", "verified_addresses")
_FIELDS = {*_TEXTS, "algorithms", "leeway_seconds", *_CHOICES}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def parse_issuers(json_text: str) -> tuple[IssuerSettings, ...]:
    """Return the issuers of a JSON list.

    An item is `{"firebase_project": "ID"}` or an object with the fields of `IssuerSettings`; unsigned tokens cannot be
    allowed here.

    Raises:
        ValueError: names every problem of every item.
    """
    try:
        items = json.loads(json_text)
    except (ValueError, RecursionError):
        raise ValueError("the issuers are not JSON") from None
    if not isinstance(items, list) or not items:
        raise ValueError("the issuers must be a JSON list with at least one issuer")
    problems = []
    issuers = []
    for number, item in enumerate(items):
        found = _problems(item)
        problems += [f"issuer {number}: {problem}" for problem in found]
        if not found:
            issuers.append(_issuer(item))
    names = [issuer.issuer for issuer in issuers]
    problems += [f"issuer {name!r} is listed twice" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(issuers)


def _issuer(item: dict[str, Any]) -> IssuerSettings:
    if "firebase_project" in item:
        return firebase_issuer(item["firebase_project"])
    return IssuerSettings(**{**item, "algorithms": tuple(item.get("algorithms", ["RS256"]))})


def _problems(item: object) -> list[str]:
    if not isinstance(item, dict):
        return ["must be an object"]
    if "firebase_project" in item:
        good = set(item) == {"firebase_project"} and isinstance(item["firebase_project"], str) and item["firebase_project"]
        return [] if good else ["firebase_project must be a project id, without other fields"]
    problems = [f"unknown field {name!r}" for name in sorted(set(item) - _FIELDS)]
    problems += [f"{name} must be text" for name in _TEXTS if not isinstance(item.get(name, ""), str)]
    if problems:
        return problems
    problems += [f"{name} is missing" for name in ("issuer", "audience") if not item.get(name)]
    if sum(bool(item.get(name)) for name in ("jwks_url", "public_key", "public_key_file")) != 1:
        problems.append("exactly one of jwks_url, public_key and public_key_file is needed")
    if item.get("jwks_url") and not _is_safe_url(item["jwks_url"]):
        problems.append("jwks_url must begin with https:// (or http:// on the same machine)")
    return problems + _problems_of_numbers(item)


def _problems_of_numbers(item: dict[str, Any]) -> list[str]:
    problems = []
    algorithms = item.get("algorithms", ["RS256"])
    if not isinstance(algorithms, list) or not algorithms or not _all_in(algorithms, ALGORITHMS):
        problems.append(f"algorithms must be a list of {' or '.join(ALGORITHMS)}")
    leeway = item.get("leeway_seconds", 0)
    if type(leeway) is not int or not 0 <= leeway <= MAX_LEEWAY_SECONDS:
        problems.append(f"leeway_seconds must be a whole number from 0 to {MAX_LEEWAY_SECONDS}")
    problems += [f"{name} must be true or false" for name in _CHOICES if not isinstance(item.get(name, False), bool)]
    return problems


def _all_in(values: Sequence[object], allowed: Sequence[str]) -> bool:
    return all(isinstance(value, str) and value in allowed for value in values)


def _is_safe_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))
