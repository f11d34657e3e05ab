"""openapi.yaml describes the code: every route, every function, and nothing else."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from ops.openapi.examples.fields import ANY_TEXT
from ops.openapi.shared_answers import PROBLEM, problem_codes, share_refusals
from reelgate.web.http.answers.problems import HTTP_STATUS
from tests.fixtures.api_client import FUNCTIONS
from tests.fixtures.openapi_document import ROOT, Schema, document, operations, resolved, schema_errors


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


VERBS = (
    *(
        "list",
        "abort",
        "get",
        "create",
        "update",
        "delete",
        "check",
        "complete",
        "resume",
        "sign",
        "restore",
        "purge",
        "empty",
        "request",
    ),
    *("register", "log_in", "refresh", "reset", "set", "verify", "revoke", "export", "redeliver"),
)


def test_operation_ids_of_version_1_are_verbs_with_nouns_after_admin_for_admins() -> None:
    for (_, path), operation in operations().items():
        if path.startswith("/v1/"):
            prefix = "admin_" if path.startswith("/v1/admin/") else ""
            assert re.fullmatch(rf"{prefix}({'|'.join(VERBS)})_(?!admin)[a-z_]+", operation["operationId"]), operation[
                "operationId"
            ]


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


def test_a_query_parameter_has_a_value_or_is_not_there() -> None:
    for key, operation in operations().items():
        for parameter in map(resolved, operation.get("parameters", [])):
            schema = resolved(parameter["schema"])
            assert not schema.get("nullable"), key
            assert None not in schema.get("enum", []), (key, parameter["name"])


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
        if "examples" in node and beside is not None:
            found += [(beside, resolved(example)["value"]) for example in node["examples"].values()]
        for key, value in node.items():
            if key not in {"example", "examples"}:
                found += examples(value)
    elif isinstance(node, list):
        for value in node:
            found += examples(value)
    return found


def test_examples_are_valid() -> None:
    found = examples(document())
    assert len(found) > 12
    assert [problem for schema, example in found for problem in schema_errors(schema, example)] == []


def made_for_version_1() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each schema that requests and answers of version 1 refer to, with its name."""
    waiting: list[object] = [operation for (_, path), operation in operations().items() if path.startswith("/v1/")]
    seen = {"Problem"}
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)} if reference.startswith("#/components/schemas/"):
                name = reference.rpartition("/")[2]
                if name not in seen:
                    seen.add(name)
                    yield name, document()["components"]["schemas"][name]
                    waiting.append(document()["components"]["schemas"][name])
            case dict(node):
                waiting += node.values()
            case list(nodes):
                waiting += nodes


def test_every_schema_of_version_1_has_a_whole_example_and_described_fields() -> None:
    """A field takes both from its `Meta`, or by its name from ops/openapi/examples/known_fields.yaml."""
    schemas = dict(made_for_version_1())
    assert len(schemas) > 40
    for name, schema in schemas.items():
        assert schema["example"].keys() == schema["properties"].keys(), name
        assert repr(ANY_TEXT) not in repr(schema["example"]), f"a text of {name} has no example"
        for field, value in schema["properties"].items():
            assert value.keys() & {"description", "$ref", "allOf"}, f"{name}.{field} has no description"


def test_every_parameter_of_version_1_is_described() -> None:
    for (method, path), operation in operations().items():
        if path.startswith("/v1/"):
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), f"{method} {path}: {parameter['name']}"


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


def test_an_answer_for_an_error_is_declared_once() -> None:
    declared = [response for operation in operations().values() for response in operation["responses"].values()]
    # As a page or in XML, they are the route's own.
    declared = [one for one in declared if not {"text/html", "application/xml"} & one.get("content", {}).keys()]
    inline = [frozenset(problem_codes(response)) for response in declared if problem_codes(response)]
    shared = [frozenset(problem_codes(response)) for response in document()["components"]["responses"].values()]
    found = Counter([*inline, *(codes for codes in shared if codes)])
    assert {codes: count for codes, count in found.items() if count > 1} == {}
    assert sum("$ref" in response for response in declared) > 300


def test_operations_with_the_same_errors_share_an_answer() -> None:
    def answer(*codes: str) -> Schema:
        return {"description": "x", "content": {PROBLEM: {"examples": {code: {} for code in codes}}}}

    fine = {"description": "fine"}
    paths = {
        "/a": {"get": {"responses": {"200": fine, "403": answer("b", "a"), "404": answer("c")}}},
        "/b": {"get": {"responses": {"403": answer("a", "b")}, "summary": "B"}},
    }
    made, shared = share_refusals(paths)
    reference = {"$ref": "#/components/responses/a-b"}
    assert shared == {"a-b": answer("b", "a")}
    assert made == {
        "/a": {"get": {"responses": {"200": fine, "403": reference, "404": answer("c")}}},
        "/b": {"get": {"responses": {"403": reference}, "summary": "B"}},
    }
