"""docs/audit.md names every action that is recorded, and no other."""

from __future__ import annotations

import re

from reelgate.domain.audit import EventAction
from reelgate.web.http.audit_middleware import REQUEST
from tests.fixtures.api_client import ROUTES
from tests.fixtures.openapi_document import ROOT

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
NAME = re.compile(r"[a-z_]+(\.[a-z_]+)?")


def test_every_action_is_explained() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| ", PAGE.split("## What is recorded")[1].split("## Fields")[0], re.MULTILINE)
    by_routes = {route.action for route in ROUTES if route.action}
    assert set(rows) == by_routes | {*EventAction, REQUEST}
    assert len(rows) == len(set(rows))


def test_actions_are_named_alike_and_can_be_asked_for() -> None:
    assert all(NAME.fullmatch(route.action) for route in ROUTES if route.action)
