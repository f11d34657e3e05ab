"""Reads the routes out of an OpenAPI 3.0 document: which method of which path belongs to which function."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

FUNCTION_KEY = "x-reelgate-function"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = re.compile(r"\{[^{}/]+\}")


class InvalidOpenApi(Exception):
    """The document cannot be served; `problems` names every reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Operation:
    """One method (upper case) of one path template, and the function that answers it."""

    method: str
    path: str
    function: str


def read_operations(text: str) -> list[Operation]:
    """Return the operations of an OpenAPI document.

    The function is named by `x-reelgate-function` at the operation, else at its path item, else at the root.

    Raises:
        InvalidOpenApi: not YAML, not OpenAPI 3.0, a key given twice, two paths that match the same requests, an operation
            without a function, or a construct that is not supported here. All problems are reported at once.
    """
    document, problems = _load(text)
    if problems:
        raise InvalidOpenApi(problems)
    if not str(document.get("openapi", "")).startswith("3.0"):
        problems.append(f"openapi: 3.0.x expected, found {document.get('openapi')!r}")
    paths = document.get("paths")
    if not isinstance(paths, dict) or not paths:
        raise InvalidOpenApi([*problems, "paths: at least one path is needed"])
    problems += [*_malformed_paths(paths), *_ambiguous_paths(paths)]
    operations = list(_operations(document, paths, problems))
    if problems:
        raise InvalidOpenApi(problems)
    return operations


def segments_of(path: str) -> list[str | None]:
    """Return the segments of a path template; a parameter is None."""
    return [None if _PARAMETER.fullmatch(segment) else segment for segment in path.split("/")[1:]]


class _StrictLoader(yaml.SafeLoader):
    """Records keys given twice in one mapping, which YAML forbids and PyYAML silently accepts."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.problems: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                self.problems.append(f"line {key.start_mark.line + 1}: {key.value!r} is given twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _load(text: str) -> tuple[dict[str, Any], list[str]]:
    loader = _StrictLoader(text)
    try:
        document = loader.get_single_data()
    except yaml.YAMLError as error:
        return {}, [f"not YAML: {error}"]
    finally:
        loader.dispose()
    if not isinstance(document, dict):
        return {}, ["not an OpenAPI document: a mapping is expected"]
    return document, loader.problems


def _malformed_paths(paths: dict[str, Any]) -> Iterator[str]:
    for path, item in paths.items():
        if not isinstance(path, str) or not path.startswith("/"):
            yield f"{path}: a path is a text that starts with /"
            continue
        if any(segment and ("{" in segment or "}" in segment) for segment in segments_of(path)):
            yield f"{path}: a parameter must fill its whole segment"
        if not isinstance(item, dict):
            yield f"{path}: a path item is a mapping"
        elif "$ref" in item:
            yield f"{path}: a path item by $ref is not supported"


def _ambiguous_paths(paths: dict[str, Any]) -> Iterator[str]:
    first: dict[tuple[str | None, ...], str] = {}
    for path in map(str, paths):
        other = first.setdefault(tuple(segments_of(path.rstrip("/"))), path)
        if other != path:
            yield f"{path}: the same route as {other}"


def _operations(document: dict[str, Any], paths: dict[str, Any], problems: list[str]) -> Iterator[Operation]:
    for path, item in paths.items():
        if not isinstance(item, dict):
            continue
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method] if isinstance(item[method], dict) else {}
            function = operation.get(FUNCTION_KEY) or item.get(FUNCTION_KEY) or document.get(FUNCTION_KEY)
            if function:
                yield Operation(method=method.upper(), path=path, function=str(function))
            else:
                problems.append(f"{method.upper()} {path}: no {FUNCTION_KEY} at the operation, the path or the root")
