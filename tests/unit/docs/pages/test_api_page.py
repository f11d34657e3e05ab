"""docs/api.md names every route of version 1, and every error code with its status."""

from __future__ import annotations

import re

from reelgate.domain import errors
from reelgate.web.http.answers.problems import HTTP_STATUS, WebProblem, status_of
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
    ours = [(method, path) for method, path in operations() if path.startswith("/v1/")]
    assert len(ours) > 30
    assert [f"{method} {path}" for method, path in ours if path.split("/{")[0] not in PAGE] == []


def test_every_route_that_acts_on_one_thing_is_named_by_what_it_does() -> None:
    """`/v1/videos/{video_id}/restore`: the page says `restore`."""
    verbs = {path.rpartition("/")[2] for _, path in operations() if re.fullmatch(r"/v1/.*\}/[a-z-]+", path)}
    assert len(verbs) >= 7
    assert sorted(verb for verb in verbs if verb not in PAGE) == []
