"""Finds the function for a request: by path template, static segments before parameters, then by method."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from localcloud.gateway.openapi import Operation, segments_of


class UnknownPath(Exception):
    """No operation of the API has this path."""


class WrongMethod(Exception):
    """The path exists, with other methods; `allowed` is the value for an Allow header."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


@dataclass(slots=True)
class _Node:
    static: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    functions: dict[str, str] = field(default_factory=dict)


class RouteTable:
    """The operations of one API, as a tree of path segments."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            node = self._root
            for segment in segments_of(operation.path.rstrip("/")):
                if segment is None:
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.static.setdefault(segment, _Node())
            node.functions[operation.method] = operation.function

    def find(self, path: str, method: str, preflight_method: str = "") -> str:
        """Return the name of the function that answers `method` on `path` (percent-encoded, without query).

        HEAD is answered where GET is. OPTIONS of a known path goes to the function of `preflight_method` (what a CORS
        preflight asks for), else to the path's first one: functions answer preflights themselves. As in API Gateway a
        single slash at the end of the path makes no difference.

        Raises:
            UnknownPath, WrongMethod.
        """
        if not path.startswith("/"):  # OPTIONS * asks about the server, not about a path
            raise UnknownPath(path)
        segments = [unquote(segment) if "%" in segment else segment for segment in path.split("/")[1:]]
        if segments and not segments[-1]:
            segments.pop()
        candidates = list(_matches(self._root, segments, 0))
        for functions in candidates:
            function = _answering(functions, method, preflight_method)
            if function:
                return function
        if candidates:
            raise WrongMethod(_allowed(candidates))
        raise UnknownPath(path)


def _matches(node: _Node, segments: list[str], position: int) -> Iterator[dict[str, str]]:
    """Yield the methods of every template that fits, the one with the earliest static segments first."""
    if position == len(segments):
        if node.functions:
            yield node.functions
        return
    segment = segments[position]
    static = node.static.get(segment)
    if static is not None:
        yield from _matches(static, segments, position + 1)
    if node.parameter is not None and segment:
        yield from _matches(node.parameter, segments, position + 1)


def _answering(functions: dict[str, str], method: str, preflight_method: str) -> str | None:
    if method == "HEAD":
        return functions.get("HEAD") or functions.get("GET")
    if method == "OPTIONS":
        return functions.get("OPTIONS") or functions.get(preflight_method) or next(iter(functions.values()))
    return functions.get(method)


def _allowed(candidates: list[dict[str, str]]) -> list[str]:
    allowed = {"OPTIONS"}.union(*candidates)
    if "GET" in allowed:
        allowed.add("HEAD")
    return sorted(allowed)
