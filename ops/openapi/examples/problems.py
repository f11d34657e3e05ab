"""An example of each error's answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path

import yaml

from ops.openapi.examples.fields import KNOWN, Schema
from reelgate.domain.errors import ReelgateError
from reelgate.web.http.answers.problems import status_of

DEADLINE = "deadline_exceeded"
"""The code of the gateway's answer, 504, for a function that takes too long: the only one that is no domain error."""

_TEXTS: dict[str, Schema] = yaml.safe_load(Path(__file__).with_name("problems.yaml").read_text(encoding="utf-8"))


def problem_examples(codes: Iterable[str]) -> dict[str, Schema]:
    """Return examples of errors by their codes, as `components/examples`."""
    kinds = {kind.code: kind for kind in _kinds(ReelgateError)}
    return {code: {"value": _problem(code, kinds.get(code))} for code in sorted(set(codes))}


def _problem(code: str, kind: type[ReelgateError] | None) -> Schema:
    status = 504 if kind is None else status_of(kind)
    return {
        "type": f"urn:problem-type:reelgate:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        **({"detail": f"{kind.message}."} if kind else {}),
        **({"hint": kind.hint} if kind and kind.hint else {}),
        **_TEXTS.get(code, {}),
        "request_id": KNOWN["request_id"]["example"],
    }


def _kinds(kind: type[ReelgateError]) -> Iterator[type[ReelgateError]]:
    for child in kind.__subclasses__():
        yield from _kinds(child)
        yield child
