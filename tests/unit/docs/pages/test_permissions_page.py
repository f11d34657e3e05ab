"""docs/permissions.md shows the table that tests/e2e/test_who_may_what.py holds the running system to."""

from __future__ import annotations

from ops.openapi.functions import routes_with_shapes
from tests.fixtures.openapi_document import ROOT, operations
from tests.fixtures.permissions import as_markdown, closed_to_keys, permissions

PAGE = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")


def test_the_page_shows_the_table() -> None:
    assert as_markdown() in PAGE, f"docs/permissions.md must have this table:\n{as_markdown()}"


def test_the_page_names_what_no_key_may_do() -> None:
    assert closed_to_keys() in PAGE, f"docs/permissions.md must have this list:\n{closed_to_keys()}"


def test_api_keys_may_do_what_the_table_says() -> None:
    declared = {f"{route.method} {route.path}": route.key_scope or "never" for _, route in routes_with_shapes()}
    listed = {row.route: row.key for row in permissions() if row.route in declared and not row.is_public}
    assert listed == {route: scope for route, scope in declared.items() if route in listed}
    assert set(listed.values()) == {"read", "write", "never"}


def test_every_route_is_there_with_its_function() -> None:
    """A new route needs a row in tests/fixtures/permissions.py."""
    documented = {f"{method} {path}": operation["x-reelgate-function"] for (method, path), operation in operations().items()}
    assert {row.route: row.function for row in permissions()} == documented


def test_nobody_gets_anything_of_anybody_else() -> None:
    """A route that names something of the owner's answers nobody else but an admin's route to an admin."""
    for row in permissions():
        if "{" in row.path and not row.path.startswith(("/admin/", "/v1/admin/")):
            assert {row.statuses[who] for who in ("another user", "admin")} == {404}, row.route


def test_no_route_is_there_twice() -> None:
    routes = [row.route for row in permissions()]
    assert len(routes) == len(set(routes))
