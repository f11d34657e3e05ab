"""Warms up the Firestore emulator: the JVM loads the code for each kind of call when the first one arrives.

On a busy machine that takes seconds, longer than the functions wait for one call (3 s): a new cloud's first upload would be
refused with 503. So one call of each kind is made, without that time limit, before the emulator counts as ready.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from localcloud.supervisor.loopback import request

PROJECT = "demo-warm-up"
"""A separate database, which is empty afterwards."""
SECONDS = 120.0
_DOCUMENTS = f"projects/{PROJECT}/databases/(default)/documents"
_NAME = f"{_DOCUMENTS}/warm/up"


class WarmUpError(Exception):
    """The emulator refused a call that functions make."""


def warm_up_firestore(port: int) -> None:
    """Make the calls.

    Raises:
        WarmUpError: one was refused.
        OSError: one had no answer.
    """
    for method, body in _calls():
        answer = request(
            port,
            "POST",
            f"/v1/{_DOCUMENTS}:{method}",
            body=body,
            headers={"Authorization": "Bearer owner"},
            timeout_seconds=SECONDS,
        )
        if answer.status != HTTPStatus.OK:
            raise WarmUpError(f"Firestore's {method}: {answer.status} {answer.body.decode(errors='replace')[:500]}")


def _calls() -> Iterator[tuple[str, dict[str, Any]]]:
    number = {"at": {"integerValue": "1"}}
    yield "batchGet", {"documents": [_NAME]}
    yield "commit", {"writes": [{"delete": _NAME}]}
    yield "commit", {"writes": [{"update": {"name": _NAME, "fields": number}, "currentDocument": {"exists": False}}]}
    counted = [{"fieldPath": "count", "increment": {"integerValue": "1"}}]
    masked = {"update": {"name": _NAME, "fields": number}, "updateMask": {"fieldPaths": ["at"]}, "updateTransforms": counted}
    yield "commit", {"writes": [masked]}
    yield "batchGet", {"documents": [_NAME]}
    newest = {"from": [{"collectionId": "warm"}], "orderBy": [{"field": {"fieldPath": "at"}, "direction": "DESCENDING"}]}
    yield "runQuery", {"structuredQuery": {**newest, "limit": 2}}
    yield "commit", {"writes": [{"delete": _NAME}]}
