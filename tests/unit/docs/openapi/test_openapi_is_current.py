"""openapi.yaml is what `make openapi` makes."""

from __future__ import annotations

import inspect

from ops.openapi.document import ROOT, openapi
from ops.openapi.functions import routes_with_shapes


def test_it_is_current() -> None:
    assert (ROOT / "openapi.yaml").read_text(encoding="utf-8") == openapi(), "run `make openapi`"


def test_every_operation_says_what_it_does() -> None:
    for _, route in routes_with_shapes():
        assert route.shape is not None
        assert inspect.getdoc(route.shape.handler), route.path
