"""Find the route of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.routing import compile_path

from reelgate.web.http.calls import Route, Routes


class _AnyPath(PathConvertor):
    regex = "(?s:.*)"


def take_every_path() -> None:
    """Let every path reach the function, also one with a line break (`%0A`). To be called before the framework builds its app.

    The functions framework routes by Starlette's convertor `path`, whose `.*` ends at a line break: it would answer such a path
    itself, with a 404 in plain text.
    """
    register_url_convertor("path", _AnyPath())


class PathUnknown(Exception):
    """No route has this path."""


class MethodUnknown(Exception):
    """The path exists, for the methods in `allowed`."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def find_route[S](routes: Routes[S], method: str, path: str) -> tuple[Route[S], Mapping[str, str]]:
    """Return the route and the parameters of the path. HEAD has the routes of GET.

    Raises PathUnknown or MethodUnknown.
    """
    served_by = "GET" if method == "HEAD" else method
    for route in routes:
        match = _pattern(route.path).fullmatch(path)
        if match is not None and route.method == served_by:
            return route, match.groupdict()
    allowed = allowed_methods(routes, path)
    if not allowed:
        raise PathUnknown
    raise MethodUnknown(allowed)


def allowed_methods(routes: Routes[Any], path: str) -> str:
    """Return the methods of a path as the Allow header lists them; empty for a path that no route has."""
    methods = {route.method for route in routes if _pattern(route.path).fullmatch(path)}
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""


@cache
def _pattern(template: str) -> re.Pattern[str]:
    pattern, _, _ = compile_path(template)
    return pattern
