"""docs/api.md names every route and every error code with its status."""

from __future__ import annotations

import re

from reelgate.domain import errors
from reelgate.web.http.problems import HTTP_STATUS, WebProblem, status_of
from tests.fixtures.openapi_document import ROOT, operations

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
CODES = {m[1]: int(m[2]) for m in re.finditer(r"^\| `([a-z_]+)` \| (\d{3}) \|", PAGE, re.MULTILINE)}


def leaves(kind: type[errors.ReelgateError]) -> set[type[errors.ReelgateError]]:
    """Return the kinds that are raised: those without children, and those with a status of their own."""
    children = kind.__subclasses__()
    own = {kind} if not children or kind in HTTP_STATUS else set()
    return own.union(*(leaves(child) for child in children))


def test_every_code_is_documented_with_its_status() -> None:
    raised = {kind.code: status_of(kind) for kind in leaves(errors.ReelgateError)}
    own = {code: status for status, code, _ in (kind.value for kind in WebProblem)}
    of_the_gateway = {"deadline_exceeded": 504}
    expected = raised | own | of_the_gateway
    assert expected == CODES


def test_every_error_has_a_status_of_its_own() -> None:
    assert [kind.__name__ for kind in leaves(errors.ReelgateError) if status_of(kind) == 500] == []


def test_every_route_is_named() -> None:
    missing = [f"{method} {path}" for method, path in operations() if path.split("/{")[0] not in PAGE]
    assert missing == []
