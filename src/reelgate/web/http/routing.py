"""Find the route for a method and a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from starlette.convertors import PathConvertor, register_url_convertor

from reelgate.web.http.calls import Route, Routes


class _AnyPath(PathConvertor):
    """The functions framework's catch-all route for every path: `.` alone stops at a line break (`%0A`)."""

    regex = "(?s:.*)"


# Else the framework itself answers such a path, with a 404 in plain text.
register_url_convertor("path", _AnyPath())


class PathUnknown(Exception):
    """No route has this path."""


class MethodUnknown(Exception):
    """The path exists, for the methods in `allowed`."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def find_route(routes: Routes, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return the route and the path's parameters. HEAD goes where GET goes.

    Raises PathUnknown or MethodUnknown.
    """
    wanted = "GET" if method == "HEAD" else method
    for route in routes:
        match = _pattern(route.path).fullmatch(path)
        if match is not None and route.method == wanted:
            return route, match.groupdict()
    allowed = allowed_methods(routes, path)
    if not allowed:
        raise PathUnknown
    raise MethodUnknown(allowed)


def allowed_methods(routes: Routes, path: str) -> str:
    """Return what a path answers to, as the Allow header lists it; an empty text for a path that no route has."""
    methods = {route.method for route in routes if _pattern(route.path).fullmatch(path)}
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    literal, names = parts[::2], parts[1::2]
    pattern = re.escape(literal[0])
    for name, text in zip(names, literal[1:], strict=True):
        pattern += f"(?P<{name}>[^/]+){re.escape(text)}"
    return re.compile(pattern, re.DOTALL)
