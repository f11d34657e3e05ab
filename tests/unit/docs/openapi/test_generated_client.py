"""openapi.yaml makes a whole client with openapi-python-client: every operation, and every answer with a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.docs.generated_client import GeneratedClient, generated_client
from tests.fixtures.openapi_document import document, operations, resolved


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeneratedClient]:
    with generated_client(tmp_path_factory.mktemp("generated")) as made:
        yield made


def test_every_operation_is_there(client: GeneratedClient) -> None:
    ids = [operation["operationId"] for operation in operations().values()]
    assert len(ids) > 45
    for operation_id in ids:
        assert callable(client.call(operation_id))


def test_every_problem_that_is_promised_is_read(client: GeneratedClient) -> None:
    problem = document()["components"]["responses"]["Unauthorized"]["content"]["application/problem+json"]["example"]
    connected = client.connect("http://api.example", "token")
    for operation in operations().values():
        (tag,), operation_id = operation["tags"], operation["operationId"]
        for status, response in operation["responses"].items():
            if status >= "400" and "content" in resolved(response):
                sent = dict(problem) if tag == "compatibility" else {k: v for k, v in problem.items() if k != "error"}
                parsed = parse(client, connected, f"api.{tag}.{operation_id}", int(status), sent)
                assert parsed.to_dict() == sent, (operation_id, status)


def parse(client: GeneratedClient, connected: Any, module: str, status: int, body: dict[str, Any]) -> Any:
    return client.module(module)._parse_response(client=connected, response=httpx.Response(status, json=body))


def test_no_schema_joins_others_that_contradict_each_other() -> None:
    """Generators merge the parts of an allOf: nullable in one and not in the other cannot be merged."""
    for name, schema in document()["components"]["schemas"].items():
        seen: dict[str, bool] = {}
        for part in map(resolved, schema.get("allOf", [])):
            for property_name, value in part.get("properties", {}).items():
                nullable = bool(resolved(value).get("nullable"))
                assert seen.setdefault(property_name, nullable) == nullable, (name, property_name)


def test_what_is_required_is_described() -> None:
    def walk(node: object, where: str) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("required"), list) and "properties" in node:
                assert set(node["required"]) <= node["properties"].keys(), where
            if isinstance(node.get("required"), list) and "additionalProperties" in node:
                assert "properties" in node, where
            for key, value in node.items():
                walk(value, f"{where}/{key}")
        elif isinstance(node, list):
            for at, value in enumerate(node):
                walk(value, f"{where}/{at}")

    walk(document()["components"], "")
