"""openapi.yaml describes the code: every route, every function, and nothing else."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from openapi_spec_validator import validate

from reelgate.web.http.problems import HTTP_STATUS
from tests.fixtures.api_client import FUNCTIONS
from tests.fixtures.openapi_document import ROOT, document, operations, resolved, schema_errors


def test_it_is_valid() -> None:
    validate(document())


def test_it_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert document()["info"]["version"] == project["version"]


def test_routes_and_operations_are_the_same() -> None:
    in_code = {(route.method, route.path): name for name, routes in FUNCTIONS.items() for route in routes}
    documented = {key: operation["x-reelgate-function"] for key, operation in operations().items()}
    heads = {key: name for key, name in documented.items() if key[0] == "HEAD"}
    for (_, path), name in heads.items():
        assert in_code["GET", path] == name  # HEAD goes where GET goes
    assert {key: name for key, name in documented.items() if key not in heads} == in_code


def test_operation_ids_are_unique_and_in_snake_case() -> None:
    ids = [operation["operationId"] for operation in operations().values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in ids)


def test_every_operation_wants_a_token_and_says_what_happens_without_but_for_public_ones() -> None:
    assert document()["security"] == [{"token": []}]
    public = {(route.method, route.path) for routes in FUNCTIONS.values() for route in routes if route.public}
    for key, operation in operations().items():
        assert operation.get("security") == ([] if key in public else None), key
        promised = {"503", "504"} if key in public else {"401", "503", "504"}
        assert promised <= operation["responses"].keys(), key


def test_path_parameters_are_those_of_the_path() -> None:
    for (method, path), operation in operations().items():
        shared = document()["paths"][path].get("parameters", [])
        declared = {p["name"] for p in map(resolved, [*shared, *operation.get("parameters", [])]) if p["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def test_query_parameters_are_those_of_the_route_and_others_are_said_to_be_refused() -> None:
    in_code = {(route.method, route.path): set(route.query) for routes in FUNCTIONS.values() for route in routes}
    for (method, path), operation in operations().items():
        shared = document()["paths"][path].get("parameters", [])
        declared = {p["name"] for p in map(resolved, [*shared, *operation.get("parameters", [])]) if p["in"] == "query"}
        assert declared == in_code["GET" if method == "HEAD" else method, path], (method, path)
        assert "400" in operation["responses"], (method, path)


def test_every_status_of_the_table_of_errors_is_documented_somewhere() -> None:
    documented = {status for operation in operations().values() for status in operation["responses"]}
    assert {str(status) for status in HTTP_STATUS.values()} <= documented


def examples(node: object, schema: dict[str, Any] | None = None) -> list[tuple[dict[str, Any], object]]:
    """Return all examples with the schemas they stand beside."""
    found = []
    if isinstance(node, dict):
        beside = node.get("schema", node if "type" in node else None)
        if "example" in node and beside is not None:
            found.append((beside, node["example"]))
        for key, value in node.items():
            if key != "example":
                found += examples(value)
    elif isinstance(node, list):
        for value in node:
            found += examples(value)
    return found


def test_examples_are_valid() -> None:
    found = examples(document())
    assert len(found) > 12
    assert [problem for schema, example in found for problem in schema_errors(schema, example)] == []


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (
            "Filename",
            ["a", "...", "Ünï çödé?.mp4", "👨‍👩‍👧.mp4", "\U0001fac8", "a\uf022b", "\uf8ff"],
            ["", ".", "..", " a", "a ", "a/b", "a\\b", "a\x00", "a\u202eb", "a\u2066", "a\ufdd0b", "\uffff", "a" * 1025],
        ),
        ("Title", ["T", "two words", None, "\U0001fac8\uf8ff"], ["", " ", "a\nb", "a\u202eb", "\u2069", "\ufffe", "t" * 201]),
        ("MainServiceFileId", [0, "a b", "\uf8ff"], [-1, "", " a", "a\x00", "\u202ea", "a\u2066b", "a\ufdd0"]),
        ("Id", ["id-1", "9b2f8c6e"], ["", "-a", "a/b", "a" * 65]),
        ("Size", [1, 2**53 - 1], [0, -1, 1.5, "1", 2**53, None]),
    ],
)
def test_schemas_of_what_is_sent(schema: str, good: list[object], bad: list[object]) -> None:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    assert [value for value in good if schema_errors(reference, value)] == []
    assert [value for value in bad if not schema_errors(reference, value)] == []
