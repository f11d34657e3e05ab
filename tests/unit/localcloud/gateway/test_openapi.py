"""Routes out of an OpenAPI document, and every reason not to serve one."""

import pytest

from localcloud.gateway.configuration import load
from localcloud.gateway.openapi import InvalidOpenApi, Operation, read_operations

HEAD = "openapi: 3.0.3\n"


def problems_of(text: str) -> list[str]:
    """Return why a document cannot be served."""
    with pytest.raises(InvalidOpenApi) as refused:
        read_operations(text)
    return refused.value.problems


def test_the_nearest_function_counts() -> None:
    operations = read_operations(
        HEAD
        + """
x-reelgate-function: upload
paths:
  /upload:
    post: {}
  /files:
    x-reelgate-function: library
    parameters: []
    get: {}
    delete: {x-reelgate-function: trash}
"""
    )
    assert operations == [
        Operation(method="POST", path="/upload", function="upload"),
        Operation(method="GET", path="/files", function="library"),
        Operation(method="DELETE", path="/files", function="trash"),
    ]


def test_all_problems_are_reported_at_once() -> None:
    problems = problems_of(
        """
openapi: 3.1.0
paths:
  /a/{x}:
    get: {x-reelgate-function: f}
  /a/{y}:
    get: {x-reelgate-function: f}
  /b:
    get: {}
    put: {x-reelgate-function: f}
  c:
    get: {x-reelgate-function: f}
  /d/{id}.json:
    get: {x-reelgate-function: f}
  /e:
    $ref: elsewhere.yaml
  /b/:
    put: {x-reelgate-function: f}
"""
    )
    for said in (
        "openapi: 3.0.x expected, found '3.1.0'",
        "/a/{y}: the same route as /a/{x}",
        "GET /b: no x-reelgate-function at the operation, the path or the root",
        "c: a path is a text that starts with /",
        "/d/{id}.json: a parameter must fill its whole segment",
        "/e: a path item by $ref is not supported",
        "/b/: the same route as /b",
    ):
        assert said in problems
    assert len(problems) == 7


def test_a_key_given_twice_is_not_overlooked() -> None:
    problems = problems_of(HEAD + "paths:\n  /a: {get: {x-reelgate-function: f}}\n  /a: {put: {x-reelgate-function: f}}\n")
    assert problems == ["line 4: '/a' is given twice"]


@pytest.mark.parametrize("text", ["", "[]", "paths: [", HEAD, HEAD + "paths: {}", HEAD + "paths: []"])
def test_what_is_no_api_is_refused(text: str) -> None:
    assert problems_of(text)


def test_backends_are_checked_together_with_the_document() -> None:
    document = HEAD + "paths:\n  /a: {get: {x-reelgate-function: f}}\n  /b: {get: {x-reelgate-function: g}}\n"
    with pytest.raises(InvalidOpenApi) as refused:
        load(document, '{"f": "http://127.0.0.1:1/path", "h": "https://127.0.0.1:1"}')
    assert refused.value.problems == [
        "backends: f: not an http origin: 'http://127.0.0.1:1/path'",
        "backends: h: not an http origin: 'https://127.0.0.1:1'",
        "GET /b: no backend 'g'",
    ]
    with pytest.raises(InvalidOpenApi) as refused:
        load("openapi: 2", "{")
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["openapi", "paths", "backends"]


def test_a_document_and_its_backends() -> None:
    document = HEAD + "paths:\n  /a: {get: {x-reelgate-function: f}}\n"
    operations, backends = load(document, '{"f": "http://127.0.0.1:1", "unused": "http://127.0.0.1:2"}')
    assert [operation.path for operation in operations] == ["/a"]
    assert backends["f"] == "http://127.0.0.1:1"
